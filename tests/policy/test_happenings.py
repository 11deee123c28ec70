"""The types of happenings stand once, as constants: each is recorded somewhere, and each has its words."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

import pytest

from accounts import happenings as of_people
from subscriptions import happenings as of_what_is_sold
from subscriptions.explain.happenings import WORDS
from tests.policy.sources import modules

CONSTANTS: list[StrEnum] = [*of_people.Happening, *of_what_is_sold.Happening]
HOMES = {of_people.__name__, of_what_is_sold.__name__}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in modules().items() if name not in HOMES}
Node = TypeVar("Node", bound=ast.AST)


def nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Give every node of a kind in the project's modules, with the module's name."""
    return ((name, node) for name, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, kind))


def calls_of(function: str) -> list[tuple[str, ast.Call]]:
    """Give every call of a function, whether it was imported by its name or with its module."""
    return [(name, call) for name, call in nodes(ast.Call) if ast.unparse(call.func).split(".")[-1] == function]


def happening_of(call: ast.Call) -> ast.expr:
    """Give what a call passes as the type of what happened."""
    return call.args[0] if call.args else next(one.value for one in call.keywords if one.arg == "happening")


def test_no_call_writes_a_type_out() -> None:
    calls = [*calls_of("record_event"), *calls_of("record_about")]
    assert len(calls) > 20
    passed = [(name, part) for name, call in calls for part in ast.walk(happening_of(call))]
    assert [f"{name}: {ast.unparse(part)}" for name, part in passed if isinstance(part, ast.Constant)] == []


def test_no_module_writes_a_type_out() -> None:
    values = {str(constant) for constant in CONSTANTS}
    assert [f"{name}: {node.value!r}" for name, node in nodes(ast.Constant) if node.value in values] == []


def test_events_are_written_by_one_function() -> None:
    made = re.compile(r"AuditEvent(\.objects\.\w*create\w*)?")
    assert {name for name, call in nodes(ast.Call) if made.fullmatch(ast.unparse(call.func))} == {"accounts.audit"}


def test_every_type_has_its_words() -> None:
    assert set(WORDS) == set(CONSTANTS)
    assert all(WORDS.values())


def test_no_two_types_are_stored_or_told_alike() -> None:
    assert len({str(constant) for constant in CONSTANTS}) == len(set(WORDS.values())) == len(CONSTANTS)


@pytest.mark.parametrize("constant", CONSTANTS)
def test_every_type_is_recorded(constant: StrEnum) -> None:
    app = type(constant).__module__.partition(".")[0]
    users = {name for name, node in nodes(ast.Attribute) if node.attr == constant.name and name.startswith(app)}
    assert users - {"subscriptions.explain.happenings"}
