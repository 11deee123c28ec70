"""Every flag, variable, plug-in and setting of every page was read in the client's own source (`sources.csv`)."""

import re
from dataclasses import astuple, replace

import pytest
from django.template.loader import render_to_string

from subscriptions.recipes import RECIPES, Recipe
from subscriptions.recipes.sources import Source, client_of, sources

from .vocabulary import words_of

KINDS = {"flag", "provider", "setting", "variable"}
# Pages that are filled in by mouse: nothing of theirs stands in a command or a file.
BY_MOUSE = {"certify-the-web"}

each = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.slug)


def faults_of(row: Source) -> list[str]:
    """What is wrong with a row, as words."""
    faults = [f"no {name}" for name in ("client", "word", "version", "source") if not getattr(row, name).strip()]
    if row.kind not in KINDS:
        faults.append("no such kind")
    if row.source and not re.fullmatch(r"[\w.-]+/[\w.-]+:[\w./-]+\.?\w*", row.source):
        faults.append("the source is no file of a repository")
    if row.version and not re.fullmatch(r"\d[\w.-]*|[0-9a-f]{7,40}", row.version):
        faults.append("the version is neither a version nor a commit")
    return faults


def test_every_row_has_its_source() -> None:
    assert [(row, faults_of(row)) for row in sources() if faults_of(row)] == []
    assert {row.client for row in sources()} <= {recipe.slug for recipe in RECIPES}


@pytest.mark.parametrize("field", ["client", "word", "version", "source"])
def test_a_row_without_its_source_fails(field: str) -> None:
    assert faults_of(replace(sources()[0], **{field: ""})) == [f"no {field}"]


@pytest.mark.parametrize("source", ["our page", "acme.sh", "https://example.com/page", "own/er:"])
def test_a_source_is_a_file_of_a_repository(source: str) -> None:
    assert faults_of(replace(sources()[0], source=source)) == ["the source is no file of a repository"]


def test_rows_stand_in_order_and_once() -> None:
    rows = [astuple(row)[:3] for row in sources()]
    assert rows == sorted(set(rows))


@each
def test_every_word_of_a_page_stands_in_the_table(recipe: Recipe) -> None:
    known = {(row.client, row.kind, row.word) for row in sources()}
    words = words_of(recipe)
    assert bool(words) == (recipe.slug not in BY_MOUSE)
    assert sorted(word for word in words if (client_of(recipe.slug, word[0]), *word) not in known) == []


def test_no_row_is_about_a_word_that_no_page_uses() -> None:
    used = {(client_of(recipe.slug, kind), kind, word) for recipe in RECIPES for kind, word in words_of(recipe)}
    assert [row for row in sources() if (row.client, row.kind, row.word) not in used] == []


@each
def test_the_page_says_what_was_read_and_what_was_not_checked(recipe: Recipe) -> None:
    text = " ".join(render_to_string("subscriptions/_my_setup_proof.html", {"recipe": recipe}).split())
    assert [repository for repository in recipe.read_in if repository not in text] == []
    assert ("Compared with" in text) == bool(recipe.read_in) == (recipe.slug not in BY_MOUSE)
    assert "Not run:" in text or "Not checked:" in text
