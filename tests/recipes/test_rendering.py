"""What every recipe's page promises, whatever the client."""

import re
import subprocess
from functools import cache

import pytest
from django.template import Context, Engine, TemplateSyntaxError

from subscriptions.recipes import (
    MASK,
    RECIPES,
    Challenge,
    Recipe,
    SandboxTrust,
    recipe_by_slug,
    render_recipe,
)
from subscriptions.templatetags.recipes import tidy

from .builders import HMAC_KEY, every_page, setup_values
from .page import blocks_from_html, shell_words

STEPS = ["install", "register", "order", "renew", "check", "traps", "cached", "remove"]

all_recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.slug)
all_pages = pytest.mark.parametrize(
    ("recipe", "challenge", "options"),
    every_page(),
    ids=lambda part: getattr(part, "slug", None) or "-".join(part.values() if isinstance(part, dict) else [part]),
)


@all_pages
def test_blocks_are_the_text_of_the_page(recipe: Recipe, challenge: Challenge, options: dict[str, str]) -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/sandbox.pem?a=1&b=2")
    rendered = render_recipe(recipe, setup_values(challenge=challenge, options=options, trust=trust))
    assert rendered.refusals == ()
    assert blocks_from_html(rendered.html) == {block.id: block.text for block in rendered.blocks}
    assert len({block.id for block in rendered.blocks}) == len(rendered.blocks)
    assert not [block.id for block in rendered.blocks if "\n\n" in block.text or not block.text.strip()]


@all_pages
def test_masked_page_holds_no_key(recipe: Recipe, challenge: Challenge, options: dict[str, str]) -> None:
    rendered = render_recipe(recipe, setup_values(challenge=challenge, options=options, eab_hmac_key=None))
    secret = [block for block in rendered.blocks if block.secret]
    assert [block.masked for block in secret] == [True]
    assert MASK in secret[0].text
    assert "The EAB HMAC key is masked here." in rendered.html
    assert not re.search(rf"{MASK[0]}", "".join(b.text for b in rendered.blocks if not b.secret))


@all_pages
def test_key_stands_in_one_block_that_shells_do_not_log(
    recipe: Recipe, challenge: Challenge, options: dict[str, str]
) -> None:
    rendered = render_recipe(recipe, setup_values(challenge=challenge, options=options))
    (holding,) = [block for block in rendered.blocks if HMAC_KEY in block.text]
    assert (holding.secret, holding.masked) == (True, False)
    assert rendered.html.count(HMAC_KEY) == 1
    if holding.language == "shell":
        assert holding.text[0] == " "
        before = rendered.blocks[: rendered.blocks.index(holding)]
        assert [block.id for block in before if "HISTCONTROL=ignorespace" in block.text]


@all_pages
def test_every_shell_block_is_a_whole_script(recipe: Recipe, challenge: Challenge, options: dict[str, str]) -> None:
    rendered = render_recipe(recipe, setup_values(challenge=challenge, options=options))
    for block in rendered.blocks:
        if block.language == "shell":
            parse_as_shell(block.text)


@cache  # most pages of a client have most of their blocks in common
def parse_as_shell(text: str) -> None:
    subprocess.run(["bash", "-n"], input=text.encode(), check=True)


@pytest.mark.parametrize(
    ("recipe", "challenge"),
    [(recipe, challenge) for recipe in RECIPES for challenge in sorted(recipe.challenges)],
    ids=lambda part: getattr(part, "slug", part),
)
def test_steps_stand_in_their_order(recipe: Recipe, challenge: Challenge) -> None:
    html = render_recipe(recipe, setup_values(challenge=challenge)).html
    assert re.findall(rf'<section class="recipe-step" id="{recipe.slug}-step-(\w+)">', html) == STEPS
    assert re.findall(r'recipe-step__number">(\d)<', html) == ["1", "2", "3", "4", "5"]


@all_recipes
def test_sandbox_comes_first_and_only_while_in_use(recipe: Recipe) -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/setup/root.pem", file_name="northwind.pem")
    rendered = render_recipe(recipe, setup_values(trust=trust))
    assert rendered.blocks[0].step == "trust"
    # On Windows curl is curl.exe: PowerShell 5.1 has another command called curl.
    assert re.search(r"\bcurl(\.exe)? -fsSL 'http://localhost:8000/setup/root.pem'", rendered.blocks[0].text)
    assert "northwind.pem" in rendered.blocks[0].text
    assert "sandbox" not in render_recipe(recipe, setup_values()).html


@all_recipes
def test_page_has_a_copy_button_for_each_block(recipe: Recipe) -> None:
    rendered = render_recipe(recipe, setup_values())
    targets = re.findall(r'data-copy-target="#([\w-]+)"', rendered.html)
    assert targets == [block.id for block in rendered.blocks]
    assert rendered.html.count('aria-label="Copy: ') == len(targets)


@all_recipes
def test_page_has_no_inline_style_or_script(recipe: Recipe) -> None:
    html = render_recipe(recipe, setup_values()).html
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", html)


@all_recipes
def test_values_are_escaped_in_the_page(recipe: Recipe) -> None:
    url = "https://acme.sectigo.com/v2/OV?a=1&amp=2"
    rendered = render_recipe(recipe, setup_values(directory_url=url))
    assert url in "".join(block.text for block in rendered.blocks)
    assert url not in rendered.html
    assert url.replace("&", "&amp;") in rendered.html


@all_recipes
def test_markup_in_a_value_stays_text_or_is_refused(recipe: Recipe) -> None:
    rendered = render_recipe(recipe, setup_values(eab_key_id="<b>&amp;"))
    assert "<b>" not in rendered.html
    if not rendered.refusals:
        assert "<b>&amp;" in "".join(block.text for block in rendered.blocks)


def test_values_are_not_shown_in_a_repr() -> None:
    assert HMAC_KEY not in repr(setup_values())


def test_wildcards_come_last() -> None:
    values = setup_values(names=("*.b.example", "b.example", "a.example", "b.example"))
    assert values.ordered_names == ("b.example", "a.example", "*.b.example")


def test_block_needs_quoting() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"\{\{ values.email \}\} needs a quoting filter"):
        _template('{% command name="a" label="b" %}echo {% if 1 %}{{ values.email }}{% endif %}{% endcommand %}')


def test_block_needs_name_and_label() -> None:
    with pytest.raises(TemplateSyntaxError, match="takes name=, label="):
        _template('{% command name="a" %}echo{% endcommand %}')


def test_step_needs_name_and_title() -> None:
    with pytest.raises(TemplateSyntaxError, match="takes a name and a title"):
        _template("{% step install %}{% endstep %}")


def test_tidy_drops_what_the_template_adds() -> None:
    assert tidy("\n    one \\\n      two\n    \n    three\n") == "one \\\n  two\nthree"


def test_unknown_recipe() -> None:
    with pytest.raises(KeyError):
        recipe_by_slug("unknown")


def test_shell_words_of_the_order() -> None:
    rendered = render_recipe(recipe_by_slug("certbot"), setup_values(options={"http_mode": "standalone"}))
    (order,) = [block.text for block in rendered.blocks if block.id == "certbot-order"]
    assert shell_words(order) == [
        "certbot", "certonly", "--server", "https://acme.sectigo.com/v2/OV", "--standalone",
        "-d", "northwind.example", "-d", "www.northwind.example",
        "--deploy-hook", "systemctl reload nginx",
    ]  # fmt: skip


def _template(text: str) -> str:
    engine = Engine(libraries={"recipes": "subscriptions.templatetags.recipes"})
    return engine.from_string("{% load recipes %}" + text).render(Context())
