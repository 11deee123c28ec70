"""Names from a CSV file: from the column headed domain or name, or else from the first one."""

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from django import forms

from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, check_names, split_names

MAX_BYTES = 1_000_000
HEADINGS = ("domain", "domains", "domain name", "domain names", "domainname", "name", "names")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
NO_CSV = "This is no CSV file in UTF-8. In Excel, save the sheet as “CSV UTF-8”."
NO_NAME = "No domain name is in this file, neither in a column headed “domain” or “name” nor in its first one."


@dataclass(frozen=True, slots=True)
class FileNames:
    """The names of a file as they stand there, and the heading of the column they were in, if it has one."""

    names: Sequence[str]
    heading: str = ""


def read_names(content: bytes) -> FileNames:
    """Give the names of a CSV file; raise ValidationError where it is none, or where no name is in it."""
    rows = _rows_of(_text_of(content))
    column, heading = _column_of(rows[0]) if rows else (0, "")
    cells = [row[column] for row in rows[1 if heading else 0 :] if column < len(row)]
    names = [name for cell in cells for name in split_names(cell)]
    _refuse_too_many(len(names))
    if all(one.problem and not one.name for one in check_names(names)):
        raise forms.ValidationError(NO_NAME)
    return FileNames(names, heading)


def _text_of(content: bytes) -> str:
    try:
        text = content.decode("utf-16" if content.startswith(UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        raise forms.ValidationError(NO_CSV) from None
    if CONTROL_CHARACTER.search(text):
        raise forms.ValidationError(NO_CSV)
    return text


def _rows_of(text: str) -> list[list[str]]:
    """Give the rows that hold something."""
    first, _, rest = text.lstrip().partition("\n")
    if named := re.fullmatch(r"sep=(\S)\s*", first, re.IGNORECASE):  # how Excel names the separator
        separator, text = named[1], rest
    else:
        separator = _separator_of(text)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise forms.ValidationError(f"Line {reader.line_num} of this file cannot be read as CSV.") from None


def _separator_of(text: str) -> str:
    """Give what separates the cells of the first row: most often a comma, a semicolon where Excel is set so."""
    unquoted = re.sub(r'"[^"]*"', "", text).lstrip()
    return max("\t;,", key=unquoted.partition("\n")[0].count)


def _column_of(first: Sequence[str]) -> tuple[int, str]:
    """Give the column of the names, and its heading where the first row holds headings."""
    plain = [re.sub(r"[\s_-]+", " ", cell).strip().casefold() for cell in first]
    return next(((plain.index(one), first[plain.index(one)].strip()) for one in HEADINGS if one in plain), (0, ""))


def _refuse_too_many(number: int) -> None:
    if number > MAX_NAMES_PER_QUOTE:
        most = MAX_NAMES_PER_QUOTE
        raise forms.ValidationError(f"With this file these are {number} names; a quote takes {most} at most. Split it.")


class NamesFileForm(forms.Form):
    """A CSV file whose names go into the list that is typed."""

    names_file = forms.FileField(
        required=False,
        label="Or read a CSV file",
        help_text=(
            "From the column headed “domain” or “name”, else from the first one. The names are put into the list "
            "above, where you can correct them; nothing is sent yet."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "class": "form-control"}),
        error_messages={"empty": "This file is empty."},
    )

    def clean_names_file(self) -> FileNames:
        """Give the names of the file; with those typed already they must fit into one quote."""
        file = self.cleaned_data["names_file"]
        if file is None:
            raise forms.ValidationError("Choose a file first.")
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"This file is larger than {MAX_BYTES // 1_000_000} MB, too large for a list.")
        found = read_names(file.read())
        _refuse_too_many(len(split_names(self.typed)) + len(found.names))
        return found

    @property
    def typed(self) -> str:
        """What stands in the list."""
        return str(self.data.get("names", ""))

    @property
    def joined(self) -> str:
        """The list with the names of the file below it; the list alone where the file could not be read."""
        if not self.is_valid():
            return self.typed
        return "\n".join([*self.typed.rstrip().splitlines(), *self.cleaned_data["names_file"].names])
