"""CSV files, written while they are sent, in which a spreadsheet finds no formula."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from django.http import StreamingHttpResponse
from django.utils import timezone

BOM = "\ufeff"  # by which Excel knows UTF-8
# The full-width, the small and the raised forms too: a spreadsheet of an East Asian locale takes them for the others.
_STARTS = "=+-@\u207a\u207c\u208a\u208c\u2212\ufb29\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
# Where a cell begins: at its start, and behind what some locale or some import separates cells by.
_BEGINS = re.compile(rf"(^|[;\t\r\n])(?=[\s\x00-\x1f]*[{re.escape(_STARTS)}])")
_CONTROLS = ("\t", "\r", "\n")

ZONE = "{zone}"  # where a heading names the time zone that the instants below it are in
Cell = str | int | Decimal | datetime | None
Row = Iterable[Cell]


class _Passing:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_download(filename: str, heading: Iterable[str], rows: Iterable[Row]) -> StreamingHttpResponse:
    """Answer with a CSV file of rows, which are fetched while it is sent, instants in the reader's time zone."""
    zone = timezone.get_current_timezone()  # another one is that of whoever comes next, while it is sent
    answer = StreamingHttpResponse(csv_lines(heading, rows, zone), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def csv_lines(heading: Iterable[str], rows: Iterable[Row], zone: tzinfo = UTC) -> Iterator[str]:
    """Give the file line by line, the heading first. Instants are in the time zone that their heading names."""
    writer = csv.writer(_Passing())
    yield BOM + str(writer.writerow([title.replace(ZONE, str(zone)) for title in heading]))
    for row in rows:
        yield str(
            writer.writerow([_in_zone(cell, zone) if isinstance(cell, datetime) else plain(cell) for cell in row])
        )


def _in_zone(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def plain(cell: Cell) -> Cell:
    """Give what stands in a cell, with an apostrophe wherever a spreadsheet would begin to read a formula."""
    if not isinstance(cell, str):
        return cell
    guarded = _BEGINS.sub(r"\1'", cell)
    return f"'{guarded}" if guarded.startswith(_CONTROLS) else guarded
