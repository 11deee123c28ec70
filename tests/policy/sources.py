"""The project's Python sources and what each imports, read without running them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = ("portal", "accounts", "subscriptions")


def files(*tops: str) -> Iterator[Path]:
    """Give every source under `tops` but migrations, which are made by a machine."""
    for top in tops:
        yield from (path for path in sorted((ROOT / top).rglob("*.py")) if "migrations" not in path.parts)


def module_name(path: Path) -> str:
    """Give the dotted name of the module in `path`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> dict[str, Path]:
    """Give the file of each module of the project, tests apart."""
    return {module_name(path): path for path in files(*PACKAGES)}


@cache
def imports() -> dict[str, frozenset[str]]:
    """Give what each module imports directly, inside functions too: modules of the project by their full name."""
    return {name: frozenset(_imported(name, path)) for name, path in modules().items()}


def _imported(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(package, node)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in modules() else base


def _absolute(package: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
