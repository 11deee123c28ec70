"""Lists as CSV files, written while they are sent."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

BOM = "\ufeff"  # by which Excel knows UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int


class _Passing:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_download(filename: str, heading: Iterable[str], rows: Iterable[Iterable[Cell]]) -> StreamingHttpResponse:
    """Answer with a CSV file of rows, which are fetched while it is sent."""
    answer = StreamingHttpResponse(_lines(heading, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def _lines(heading: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Passing())
    yield BOM + str(writer.writerow(heading))
    for row in rows:
        yield str(writer.writerow([plain(cell) for cell in row]))


def plain(cell: Cell) -> Cell:
    """Give what stands in a cell, with an apostrophe in front where a spreadsheet would run it as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
