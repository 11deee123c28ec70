"""One term for each thing: the retired words stand in no template, and in no text that the code shows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.policy.sources import ROOT, modules

# The retired word, and what is said instead.
RETIRED = {
    r"\bHolds\b": "Valid",
    r"\b(no longer|still) holds?\b|\bholds? (until|at once|for every)\b": "is valid",
    r"\b(Quotes|Invitations|Prices) hold\b": "are valid",
    r"\b(Add|Remove) domains?\b|\byour domains?\b|\bdomains? of (a|the|this) subscription\b": "name",
    r"\bassociated (names?|domains?|FQDN)\b": "companion",
    r"\bhandovers?\b|\bhanding-over\b": "hand over",
    r"\bpurchase order\b|\bbuy order\b": "order",
    r"Successfully\b": "plain words",
}
GLOSSARY = ("acme-account", "subscription", "name", "order", "quote", "operation", "companion", "hand-over")
TEMPLATES = [path for path in (ROOT / "templates").rglob("*.*") if "recipes" not in path.parts]
SHOWN_BY = (
    "explain",
    "selectors",
    "kinds",
    "services",
    "forms",
    "views",
    "lists",
    "templatetags",
    "models",
    "banners",
    "notices",
)


def text_of(template: Path) -> str:
    """Give what a template shows, without its comments, tags, variables and markup."""
    text = template.read_text(encoding="utf-8")
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}|{{.*?}}", " ", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}", lambda tag: " ".join(re.findall(r'"([^"]* [^"]*)"', tag[0])), text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Give the texts in a module that may be shown: its strings, but for docstrings."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_a_retired_word_would_be_seen() -> None:
    assert re.search("|".join(RETIRED), "Certificates that were issued hold until their own end.")
    assert re.search("|".join(RETIRED), "Add domain")


@pytest.mark.parametrize("word", RETIRED)
def test_no_template_says_it(word: str) -> None:
    assert len(TEMPLATES) > 200
    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if re.search(word, text_of(path))] == []


@pytest.mark.parametrize("word", RETIRED)
def test_no_module_says_it(word: str) -> None:
    shown = {
        name: path
        for name, path in modules().items()
        if name.startswith("accounts") or (name.startswith("subscriptions.") and name.split(".")[1] in SHOWN_BY)
    }
    said = [
        f"{name}: {text}"
        for name, path in shown.items()
        if "migrations" not in name
        for text in texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if " " in text and re.search(word, text)
    ]
    assert said == []


@pytest.mark.parametrize("term", GLOSSARY)
def test_the_glossary_has_each_term(term: str) -> None:
    page = (ROOT / "templates/subscriptions/help/glossary.html").read_text(encoding="utf-8")
    assert f'<dt id="{term}">' in page
