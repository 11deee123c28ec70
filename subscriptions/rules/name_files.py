"""Names in a CSV file: the column that holds them is known by what is in it, whatever its heading and place."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import StringIO

from subscriptions.rules.encodings import decode
from subscriptions.rules.name_lists import split_names
from subscriptions.rules.names import normalise_name
from subscriptions.rules.writings import DOTS, NameProblem

NO_TEXT = "This is no CSV file. In a spreadsheet, save the sheet as “CSV UTF-8”."
A_WORKBOOK = "This is a workbook, not a CSV file. In the spreadsheet, save the sheet as “CSV UTF-8”."
NO_NAME = "No domain name is in this file: none of its columns holds any."
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how the files of spreadsheets begin, new and old

_DELIMITERS = ",;\t|"
_EXAMINED_ROWS = 300
_EXAMINED_COLUMNS = 100
_EXAMINED_TEXT = 1000  # of a cell
_MEANT = re.compile(rf"[\w*-]+(?:[{DOTS}][\w-]+)*[{DOTS}](?!\d+$)[\w-]+")  # what looks like a name, good or not

Rows = Sequence[Sequence[str]]


class NoNames(ValueError):  # noqa: N818 - it is what is wrong with a file, shown beside it
    """Why no names can be read from a file; the message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class FileNames:
    """The names of a file as they stand there, each once, and where they were taken from.

    `column` says it in words; `others` are further columns that hold names and were left; `repeated` counts names
    that stand in the file again; `guessed` is the encoding, where it was guessed and a name depends on it.
    """

    names: Sequence[str]
    column: str
    others: Sequence[str] = ()
    repeated: int = 0
    guessed: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    """What a column holds, as far as it was examined: how much of its cells is names, or was meant to be one.

    `words` and `good` are counted from its `first` such cell on: what stands above is headings.
    """

    place: int
    names: float
    words: int
    good: int
    distinct: int
    meant: int
    first: int

    @property
    def rank(self) -> tuple[float, int, int, int]:
        return self.names, self.meant, self.distinct, -self.place


def read_names(content: bytes, *, reserved: Collection[str] = ()) -> FileNames:
    """Give the names of a CSV file; raise NoNames where it is none, or where no name is in it.

    `reserved` are the special-use top-level domains that may be sold.
    """
    if content.startswith(_PACKED):
        raise NoNames(A_WORKBOOK)
    decoded = decode(content)
    if decoded is None:
        raise NoNames(NO_TEXT)
    rows, columns = _best_table(decoded.text, reserved)
    if not columns:
        raise NoNames(NO_NAME)
    heading_row = _heading_row(rows, columns[0])
    if heading_row is None and _is_all_names(rows, columns):
        names, column, others = [name for row in rows for cell in row for name in split_names(cell)], "", []
    else:
        names = _names_below(rows, columns[0].place, heading_row)
        column, *others = [_called(rows, one, heading_row) for one in columns if one.names or one is columns[0]]
    distinct = list(dict.fromkeys(names))
    guessed = decoded.guessed if any(not name.isascii() for name in distinct) else ""
    return FileNames(distinct, column or "all columns", others, len(names) - len(distinct), guessed)


# --- Rows -----------------------------------------------------------------------------------------------------------


def _best_table(text: str, reserved: Collection[str]) -> tuple[Rows, list[_Column]]:
    """Give the rows and the columns that hold names, best first, by the delimiter that sets most names apart."""
    first, _, rest = text.lstrip().partition("\n")
    if named := re.fullmatch(r"sep=(\S|\t)\s*", first, re.IGNORECASE):  # how Excel names the delimiter
        rows = _rows_of(rest, named[1], strict=True)
        return rows, _columns_of(rows, reserved)
    delimiter = max(_DELIMITERS, key=lambda one: _quality(_examined(text, one), reserved))
    rows = _rows_of(text, delimiter, strict=True)
    return rows, _columns_of(rows, reserved)


def _examined(text: str, delimiter: str) -> Rows:
    lines = text.splitlines(keepends=True)[: 2 * _EXAMINED_ROWS]
    return _rows_of("".join(lines), delimiter, strict=False)


def _quality(rows: Rows, reserved: Collection[str]) -> tuple[int, float, int, int]:
    """Give how well a delimiter tells cells apart: by the names found, and by how little else is in their cells."""
    columns = _columns_of(rows, reserved)
    words = sum(column.words for column in columns)
    good = sum(column.good for column in columns)
    found = sum(column.distinct for column in columns)
    return found, good / words if words else 0, sum(one.meant for one in columns), max(map(len, rows), default=0)


def _rows_of(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    """Give the rows that hold something."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict, skipinitialspace=True)
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        if not strict:
            return []
        raise NoNames(f"Line {reader.line_num} of this file cannot be read as CSV.") from None


# --- Columns --------------------------------------------------------------------------------------------------------


def _columns_of(rows: Rows, reserved: Collection[str]) -> list[_Column]:
    examined = rows[:_EXAMINED_ROWS]
    width = min(max(map(len, examined), default=0), _EXAMINED_COLUMNS)
    columns = [_examine(examined, place, reserved) for place in range(width)]
    return sorted((one for one in columns if one.names or one.meant), key=lambda one: one.rank, reverse=True)


def _examine(rows: Rows, place: int, reserved: Collection[str]) -> _Column:
    held: Counter[str] = Counter()
    names, meant, first, number_of_words = 0.0, 0, len(rows), 0
    for number, row in enumerate(rows):
        words = split_names(row[place][:_EXAMINED_TEXT]) if place < len(row) else []
        good = [name for word in words if (name := _name_in(word, reserved))]
        looks = sum(_MEANT.fullmatch(word) is not None for word in words)
        held.update(good)
        names += len(good) / len(words) if words else 0
        meant += looks > 0
        if good or looks:
            first = min(first, number)
        number_of_words += len(words) if number >= first else 0
    return _Column(place, names, number_of_words, held.total(), len(held), meant, first)


def _name_in(word: str, reserved: Collection[str]) -> str:
    if not any(dot in word for dot in DOTS):  # most words of most files
        return ""
    try:
        return normalise_name(word, reserved=reserved)
    except NameProblem:
        return ""


def _heading_row(rows: Rows, column: _Column) -> int | None:
    """Give which row holds the headings: of those above the first name the first that fills half of the columns."""
    width = max(len(row) for row in rows)
    full = (
        number for number, row in enumerate(rows[: column.first]) if sum(map(bool, map(str.strip, row))) * 2 >= width
    )
    return next((number for number in full if _cell(rows[number], column.place)), None)


def _is_all_names(rows: Rows, columns: Sequence[_Column]) -> bool:
    """Whether a file is but a list, written in rows: then no column of it is another thing than the rest."""
    examined = rows[:_EXAMINED_ROWS]
    cells = sum(bool(cell.strip()) for row in examined for cell in row)
    return len(columns) > 1 and sum(column.names for column in columns) >= cells


def _names_below(rows: Rows, place: int, heading_row: int | None) -> list[str]:
    below = rows[0 if heading_row is None else heading_row + 1 :]
    return [name for row in below for name in split_names(_cell(row, place))]


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _called(rows: Rows, column: _Column, heading_row: int | None) -> str:
    heading = " ".join(_cell(rows[heading_row], column.place).split()) if heading_row is not None else ""
    return f"column “{heading}”" if heading else f"column {column.place + 1}"
