"""Functions and files stay small enough to be read whole."""

import ast
from pathlib import Path

from tests.policy.sources import PACKAGES, ROOT, files

LONGEST_FUNCTION = 60  # lines
LONGEST_FILE = 400  # lines
VAGUE_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def sources() -> list[Path]:
    return list(files(*PACKAGES, "tests"))


def test_functions() -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


def test_files() -> None:
    too_long = [
        str(path.relative_to(ROOT))
        for path in sources()
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    ]
    assert too_long == []


def test_module_names_say_what_is_inside() -> None:
    assert [str(path.relative_to(ROOT)) for path in sources() if path.name in VAGUE_NAMES] == []
