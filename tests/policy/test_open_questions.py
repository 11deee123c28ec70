"""Each row of docs/open-questions.md that touches code has a test that carries its number, and each number a row."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+\.\d+) \|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"def test_((?:9|11)_\d+(?:_and_(?:9|11)_\d+)*)_")


def test_each_open_question_has_a_test_and_each_number_a_row() -> None:
    rows = dict(ROW.findall((ROOT / "docs" / "open-questions.md").read_text()))
    tests = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    named = {
        number.replace("_", ".") for text in tests for found in NAMED.findall(text) for number in found.split("_and_")
    }

    assert len(rows) > 25
    assert named == {number for number, text in rows.items() if "no code" not in text}
