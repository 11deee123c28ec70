"""What cannot work is refused with what to do, and no command is shown."""

from dataclasses import replace
from typing import Any

import pytest

from subscriptions.recipes import RECIPES, Challenge, Recipe, recipe_by_slug, refusals, render_recipe

from .builders import setup_values
from .page import blocks_from_html

all_recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.slug)
for_wildcards = pytest.mark.parametrize(
    "recipe", [recipe for recipe in RECIPES if recipe.supports_wildcards], ids=lambda recipe: recipe.slug
)
for_plain_names = pytest.mark.parametrize(
    "recipe", [recipe for recipe in RECIPES if not recipe.supports_wildcards], ids=lambda recipe: recipe.slug
)


def codes(recipe: Recipe, **values: Any) -> list[str]:
    return [refusal.code for refusal in refusals(recipe, setup_values(**values))]


@for_wildcards
def test_wildcard_with_http_01(recipe: Recipe) -> None:
    values = setup_values(names=("northwind.example", "*.northwind.example"), challenge=Challenge.HTTP_01)
    rendered = render_recipe(recipe, values)
    assert [refusal.code for refusal in rendered.refusals] == ["wildcard-needs-dns-01"]
    assert rendered.blocks == ()
    assert blocks_from_html(rendered.html) == {}
    assert "HTTP-01 cannot prove wildcard names: *.northwind.example." in rendered.html
    assert "Choose DNS-01, or leave the wildcard names out." in rendered.html
    assert recipe.slug not in rendered.html


@for_wildcards
def test_wildcard_with_dns_01_is_not_refused(recipe: Recipe) -> None:
    assert codes(recipe, names=("*.northwind.example",), challenge=Challenge.DNS_01) == []


@for_plain_names
def test_wildcard_where_the_client_has_none(recipe: Recipe) -> None:
    values = setup_values(names=("northwind.example", "*.northwind.example"), challenge=Challenge.HTTP_01)
    rendered = render_recipe(recipe, values)
    assert [refusal.code for refusal in rendered.refusals] == ["wildcard-unsupported"]
    assert rendered.blocks == ()
    assert f"{recipe.name} cannot order wildcard names: *.northwind.example." in rendered.html


@pytest.mark.parametrize(
    "recipe",
    [recipe for recipe in RECIPES if Challenge.DNS_01 not in recipe.challenges],
    ids=lambda recipe: recipe.slug,
)
def test_dns_01_where_the_client_has_none(recipe: Recipe) -> None:
    assert codes(recipe, challenge=Challenge.DNS_01) == ["challenge-unsupported"]


@all_recipes
def test_no_names(recipe: Recipe) -> None:
    assert codes(recipe, names=()) == ["no-names"]
    assert render_recipe(recipe, setup_values(names=())).blocks == ()


# What is wrong with a name, an address or a credential is judged without the recipe; each recipe must still say so.


@pytest.mark.parametrize(
    "name", ["", "-d", "a b.example", "a.example;id", "$(id).example", "bücher.example", "../x", "a\n", "x."]
)
def test_name_that_no_certificate_can_hold(name: str) -> None:
    assert {tuple(codes(recipe, names=("northwind.example", name))) for recipe in RECIPES} == {("bad-name",)}


@pytest.mark.parametrize("email", ["", "nobody", '"a b"@northwind.example', "a@b@c", "a\n@northwind.example", "a@'"])
def test_email_that_clients_misread(email: str) -> None:
    assert [recipe.slug for recipe in RECIPES if "bad-email" not in codes(recipe, email=email)] == []


@pytest.mark.parametrize("field", ["directory_url", "eab_key_id", "eab_hmac_key"])
@pytest.mark.parametrize("value", ["", "a\nEOF\nrm -r /", "tab\there"])
def test_credential_that_does_not_print(field: str, value: str) -> None:
    assert [recipe.slug for recipe in RECIPES if "bad-credential" not in codes(recipe, **{field: value})] == []


@pytest.mark.parametrize("directory_url", ["http://acme.sectigo.com/v2/OV", "-d", "acme.sectigo.com"])
def test_server_url_without_https(directory_url: str) -> None:
    assert {tuple(codes(recipe, directory_url=directory_url)) for recipe in RECIPES} == {("bad-url",)}


@pytest.mark.parametrize(
    ("recipe", "challenge", "option"),
    [
        (recipe, challenge, option.name)
        for recipe in RECIPES
        for challenge in sorted(recipe.challenges)
        for option in recipe.options_for(challenge)
    ],
    ids=lambda part: getattr(part, "slug", part),
)
def test_choice_that_the_recipe_does_not_offer(recipe: Recipe, challenge: Challenge, option: str) -> None:
    assert codes(recipe, challenge=challenge, options={option: "magic"}) == ["unknown-choice"]


def test_option_of_the_other_challenge_is_left_alone() -> None:
    assert codes(RECIPES[0], options={"dns_provider": "magic"}) == []


def test_challenge_that_the_client_cannot_use() -> None:
    recipe = replace(RECIPES[0], challenges=frozenset({Challenge.HTTP_01}))
    assert codes(recipe, challenge=Challenge.DNS_01) == ["challenge-unsupported"]


def test_client_without_wildcards() -> None:
    recipe = replace(RECIPES[0], supports_wildcards=False)
    names = ("*.northwind.example",)
    assert codes(recipe, names=names, challenge=Challenge.DNS_01) == ["wildcard-unsupported"]


def test_acme_sh_cannot_keep_a_quotation_mark() -> None:
    # It writes NAME='value' without escaping, and sources that at every renewal.
    email = "o'brien@northwind.example"
    assert codes(recipe_by_slug("acme-sh"), email=email) == ["acme-sh-quote"]
    assert codes(recipe_by_slug("certbot"), email=email) == []
    assert codes(recipe_by_slug("lego"), email=email) == []


def test_certbot_ini_cannot_hold_a_list() -> None:
    assert codes(recipe_by_slug("certbot"), eab_key_id="[kid]") == ["unwritable"]
    assert codes(recipe_by_slug("lego"), eab_key_id="[kid]") == []
