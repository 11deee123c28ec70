"""When to renew follows from the lifetime that the CA gives, which gets shorter, and never from a constant."""

import re
from pathlib import Path

import pytest

from subscriptions.recipes import Challenge, Recipe, recipe_by_slug, render_recipe

from .builders import every_page, setup_values
from .parsed import page_text, render

TEMPLATES = Path(__file__).parents[2] / "templates" / "subscriptions"
DAYS_LEFT = {"lego": "--days {}", "ansible": "remaining_days: {}", "uacme": "-d {} ", "dehydrated": "RENEW_DAYS={}"}
DAYS_AFTER = {"acme-sh": "--days {}", "hosting-panels": "--days {}", "opnsense": "Set it to {}.", "simple-acme": "{}."}


@pytest.mark.parametrize("file", [*TEMPLATES.glob("recipes/*.html"), *TEMPLATES.glob("help/*.html")], ids=str)
def test_no_page_names_a_lifetime_or_a_number_of_days_left(file: Path) -> None:
    words = " ".join(file.read_text().split())
    assert re.findall(r"\b(?:30|55|60|90)(?: or (?:fewer|less))? days\b|--days \d+|days=\d+ left|2160", words) == []


@pytest.mark.parametrize(("lifetime", "left"), [(200, 66), (100, 33), (90, 30), (47, 15), (10, 3), (1, 1), (None, 15)])
def test_a_third_is_left(lifetime: int | None, left: int) -> None:
    values = setup_values(lifetime_days=lifetime)
    assert values.renew_with_days_left == left
    assert values.renew_days_after_issue == (lifetime or 47) - left
    for slug, form in DAYS_LEFT.items():
        assert form.format(left) in text_of_page(slug, lifetime), slug
    for slug, form in DAYS_AFTER.items():
        assert form.format((lifetime or 47) - left) in text_of_page(slug, lifetime), slug


def text_of_page(slug: str, lifetime: int | None) -> str:
    rendered = render(slug, setup_values(lifetime_days=lifetime))
    return page_text(rendered) + "".join(block.text for block in rendered.blocks)


@pytest.mark.parametrize("slug", [*DAYS_LEFT, *DAYS_AFTER, "traefik"])
def test_the_page_says_what_the_number_rests_on(slug: str) -> None:
    assert "was issued for 100 days" in text_of_page(slug, 100)
    assert "certificates of 47 days, the shortest that are to come" in text_of_page(slug, None)


@pytest.mark.parametrize("form", ["compose", "file"])
def test_traefik_is_told_the_lifetime(form: str) -> None:
    rendered = render_recipe(recipe_by_slug("traefik"), setup_values(lifetime_days=47, options={"traefik_form": form}))
    assert re.search(
        r"certificatesduration[=:] ?1128\b", "".join(block.text for block in rendered.blocks), re.IGNORECASE
    )


@pytest.mark.parametrize("lifetime", [47, None])
def test_no_page_speaks_of_the_lifetime_of_today(lifetime: int | None) -> None:
    pages: list[tuple[Recipe, Challenge, dict[str, str]]] = every_page()
    for recipe, challenge, options in pages:
        rendered = render_recipe(recipe, setup_values(challenge=challenge, options=options, lifetime_days=lifetime))
        assert not re.search(r"\b(?:30|60|90)[ -]days?\b", page_text(rendered)), recipe.slug
