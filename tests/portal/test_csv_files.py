"""Whatever stands in a cell, no spreadsheet of any locale reads a formula from it, and nothing of it is lost."""

import csv
import re
import unicodedata
from decimal import Decimal
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from portal.csv_files import BOM, csv_lines, plain

STARTS = "=+-@"
TEXTS = st.text(st.one_of(st.sampled_from("=+-@＝＋－＠﹢⁺;,\t\r\n \"'"), st.characters(exclude_categories=["Cs"])))


def is_formula(piece: str) -> bool:
    text = unicodedata.normalize("NFKC", piece).lstrip(" \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u3000")
    return text[:1] in STARTS and text != ""


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_cell_begins_with_a_formula_by_whatever_it_is_split(cells: list[str]) -> None:
    _, line = csv_lines(["Heading"], [cells])
    [row] = list(csv.reader(StringIO(line, newline="")))

    assert [cell for cell in row if is_formula(cell) or cell[:1] in ("\t", "\r", "\n")] == []
    # By the separators of other locales, and where a quote is not understood.
    assert [piece for cell in row for piece in re.split(r"[;\t\r\n]", cell) if is_formula(piece)] == []


@given(TEXTS)
def test_nothing_is_lost(text: str) -> None:
    guarded = plain(text)

    assert isinstance(guarded, str)
    assert guarded.replace("'", "") == text.replace("'", "")


def test_numbers_stay_numbers() -> None:
    assert [plain(cell) for cell in (-5, 0, Decimal("-1.50"), None)] == [-5, 0, Decimal("-1.50"), None]


def test_every_form_of_a_start_is_known() -> None:
    forms = [one for one in map(chr, range(0x110000)) if unicodedata.normalize("NFKC", one) in tuple(STARTS)]

    assert [one for one in forms if plain(f"{one}1") != f"'{one}1"] == []


def test_the_file_begins_with_what_spreadsheets_know_utf_8_by() -> None:
    assert "".join(csv_lines(["Name"], [["bücher.example"]])) == f"{BOM}Name\r\nbücher.example\r\n"
