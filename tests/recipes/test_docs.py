"""The table of clients in the documentation says what the recipes say."""

from pathlib import Path

from subscriptions.recipes import RECIPES, Recipe

DOCUMENT = Path(__file__).parents[2] / "docs" / "acme-clients.md"


def rows_of(recipe: Recipe) -> list[str]:
    if not recipe.ran_by_tests:
        return [f"| {recipe.name} | not run by our tests | {recipe.checked_by} | {recipe.not_run or '–'} |"]
    return [
        f"| {recipe.name} | {run.version} ({run.source}) | {run.proved} | {recipe.not_run or '–'} |"
        for run in recipe.ran_by_tests
    ]


def test_table_of_clients() -> None:
    first_part = DOCUMENT.read_text().partition("\n## ")[0]
    documented = [line for line in first_part.splitlines() if line.startswith("| ")][2:]
    assert documented == [row for recipe in RECIPES for row in rows_of(recipe)]


def test_every_recipe_says_how_it_is_checked() -> None:
    silent = [recipe.slug for recipe in RECIPES if not (recipe.ran_by_tests or recipe.checked_by)]
    assert silent == []
