"""The table of clients in the documentation says what the recipes say."""

from pathlib import Path

from subscriptions.recipes import RECIPES

DOCUMENT = Path(__file__).parents[2] / "docs" / "acme-clients.md"


def test_table_of_clients() -> None:
    rows = [line.split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")][2:]
    documented = [(row[0].removeprefix("| "), row[1], row[2]) for row in rows]
    assert documented == [
        (recipe.name, f"{run.version} ({run.source})", run.proved) for recipe in RECIPES for run in recipe.ran_by_tests
    ]
