"""The sandbox shares no code with the project, and its documentation names every switch."""

import ast
import sys
from pathlib import Path

from subscriptions.sandbox.control import SWITCHES
from subscriptions.sandbox.faults import FAULT_KINDS
from subscriptions.sandbox.replies import ERROR_ROWS

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {"cryptography", "dns", "publicsuffixlist"} | set(sys.stdlib_module_names)


def imported(tree: ast.Module) -> set[str]:
    """The top-level packages of the absolute imports of a module."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(str(node.module).split(".")[0])
    return names


def reach(path: Path, tree: ast.Module, package: Path) -> bool:
    """Whether every relative import stays inside the package."""
    depth = len(path.relative_to(package).parts)
    return all(node.level <= depth for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))


def test_sandbox_imports_nothing_of_the_project() -> None:
    package = ROOT / "subscriptions" / "sandbox"
    modules = {path: ast.parse(path.read_text()) for path in package.rglob("*.py")}

    assert len(modules) > 40
    assert {str(path): imported(tree) - ALLOWED for path, tree in modules.items() if imported(tree) - ALLOWED} == {}
    assert [str(path) for path, tree in modules.items() if not reach(path, tree, package)] == []


def test_every_fault_and_every_switch_is_documented() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text()

    assert [name for name in (*FAULT_KINDS, *ERROR_ROWS, *SWITCHES) if f"`{name}`" not in text] == []
