"""Templates keep to the Content-Security-Policy, and shared pieces are documented."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = ROOT / "templates"
DOCUMENT = (ROOT / "docs" / "templates.md").read_text()
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)
TEXTS = {str(path.relative_to(TEMPLATES)): path.read_text() for path in PAGES}
INCLUDES = sorted((TEMPLATES / "includes").glob("*.html"))

TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
STYLE_ATTRIBUTE = re.compile(r"\sstyle\s*=", re.IGNORECASE)
EVENT_ATTRIBUTE = re.compile(r"\son[a-z]+\s*=|\shx-on[:\w-]*\s*=|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def problems_of(text: str) -> list[str]:
    """What in a template the Content-Security-Policy would block."""
    tags = TAG.findall(re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL))
    found = [tag for tag in tags if STYLE_ATTRIBUTE.search(tag) or EVENT_ATTRIBUTE.search(tag)]
    found += re.findall(r"<style\b[^>]*>", text)
    for attributes, body in SCRIPT.findall(text):
        is_data = 'type="application/json"' in attributes
        if body.strip() and not is_data:
            found.append(f"<script{attributes}>")
    return found


def test_no_inline_style_or_script() -> None:
    assert {path: found for path, text in TEXTS.items() if (found := problems_of(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">x</p>',
        '<p\n  style="color: red">x</p>',
        '<button onclick="go()">x</button>',
        '<form hx-on:submit="go()"></form>',
        '<a href="javascript:go()">x</a>',
        "<style>p {}</style>",
        "<script>go()</script>",
        '<script type="module">go()</script>',
    ],
)
def test_what_is_blocked_is_found(text: str) -> None:
    assert len(problems_of(text)) == 1


def test_data_scripts_and_files_are_allowed() -> None:
    assert problems_of('<script src="/static/a.js"></script><script type="application/json">{}</script>') == []


@pytest.mark.parametrize("path", INCLUDES, ids=lambda path: path.name)
def test_each_include_names_its_parameters_and_is_documented(path: Path) -> None:
    text = path.read_text()

    assert text.startswith("{% comment %}")
    assert "arameters" in text.split("{% endcomment %}")[0]
    assert f"`{path.name}`" in DOCUMENT


def test_each_tag_is_documented() -> None:
    from subscriptions.templatetags.ui import register

    missing = [name for name in [*register.tags, *register.filters] if name not in DOCUMENT]

    assert missing == []


def test_only_the_tokens_name_colours() -> None:
    literal = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\(|oklch\(|hsla?\(", re.IGNORECASE)
    allowed = {"tokens.css"}
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((ROOT / "static" / "css").glob("*.css"))
        if path.name not in allowed
        for line in path.read_text().splitlines()
        if literal.search(line) and "data:image" not in line
    ]

    assert found == []


def test_what_is_wrong_is_said_by_the_portal_and_not_by_the_browser() -> None:
    bare = {path: re.sub(r"{%.*?%}", "", text) for path, text in TEXTS.items()}
    forms = [(path, form) for path, text in bare.items() for form in re.findall(r"<form\b.*?>", text, re.DOTALL)]

    assert [one for one in forms if 'method="post"' in one[1] and "novalidate" not in one[1]] == []


def test_a_form_written_by_hand_begins_with_what_is_wrong() -> None:
    begins = ("{% error_summary", "_form_errors.html", "_prevalidation_fields.html")
    by_hand = {
        path: text
        for path, text in TEXTS.items()
        if "<form" in text and ("as_crispy_field" in text or "_field_errors.html" in text)
    }
    posted = [path for path, text in by_hand.items() if 'method="get"' not in text]

    assert posted
    assert [path for path in posted if not any(part in TEXTS[path] for part in begins)] == []


def test_e_mail_has_one_spelling() -> None:
    """The set-up pages have the clients' own words."""
    pages = {path: text for path, text in TEXTS.items() if "recipes" not in Path(path).parts}
    said = {path: re.sub(r"{[{%#].*?[%}#]}|<[^>]*>", "", text, flags=re.DOTALL) for path, text in pages.items()}

    assert [path for path, text in said.items() if re.search(r"\b[Ee]mail\b", text)] == []
