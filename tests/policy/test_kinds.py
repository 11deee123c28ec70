"""No module outside the catalogue names a kind of operation: what must know of one asks the catalogue, or the row."""

import ast
import re
from collections.abc import Iterator

import pytest

from subscriptions.kinds import CATALOGUE
from subscriptions.models import Operation
from tests.policy.sources import ROOT, imports, modules

# The enum itself, and the modules of the kinds. Migrations are no sources.
HOMES = ("subscriptions.kinds", "subscriptions.models.operation_kinds")
OF_ONE_KIND = {type(kind).__module__ for kind in CATALOGUE}
NAMES = set(Operation.Kind.names)
VALUES = {str(value) for value in Operation.Kind.values}
IN_A_TEXT = re.compile(rf"\b(?:Kind\.)?(?:{'|'.join(NAMES | VALUES)})\b")


def strangers() -> Iterator[tuple[str, ast.AST]]:
    """Give every node of the modules that may name no kind."""
    for name, path in modules().items():
        if not name.startswith(HOMES):
            yield from ((name, node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def names_a_kind(node: ast.AST) -> bool:
    """Whether a node is a member of the enum, or the text that is kept for one."""
    if isinstance(node, ast.Attribute):
        return node.attr in NAMES and ast.unparse(node.value).rpartition(".")[2] == "Kind"
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_about(node.value)


def _is_about(text: str) -> bool:
    words = re.split(r"[^\w]+", text)
    return text in VALUES or ("=" in text and not VALUES.isdisjoint(words))  # the second: a query string


def test_no_module_outside_names_one() -> None:
    assert [f"{name}: {ast.unparse(node)}" for name, node in strangers() if names_a_kind(node)] == []


def test_no_module_outside_imports_one() -> None:
    outside = {name: imported for name, imported in imports().items() if not name.startswith("subscriptions.kinds")}
    assert [name for name, imported in outside.items() if not OF_ONE_KIND.isdisjoint(imported)] == []


@pytest.mark.parametrize("folder", ["templates", "static/js"])
def test_no_page_names_one(folder: str) -> None:
    pages = [path for path in (ROOT / folder).rglob("*") if path.suffix in {".html", ".txt", ".js"}]
    assert pages
    found = [f"{path.name}: {name}" for path in pages for name in IN_A_TEXT.findall(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        (f"Operation.Kind.{min(NAMES)}", True),
        (f"Kind.{min(NAMES)}", True),
        (f"'{min(VALUES)}'", True),
        (f"'?kind={min(VALUES)}&state=refused'", True),
        (f"client.{min(VALUES)}()", False),
        ("'Add a domain'", False),
    ],
)
def test_what_counts_as_naming_one(source: str, is_one: bool) -> None:
    assert any(names_a_kind(node) for node in ast.walk(ast.parse(source))) is is_one
