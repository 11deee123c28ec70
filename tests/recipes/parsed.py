"""Reads the files of a page with the parsers of their formats, and makes up values that try to break out of them."""

from typing import Any

import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from subscriptions.recipes import RenderedRecipe, SetupValues, recipe_by_slug, render_recipe

hostile = st.one_of(
    st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1),
    st.text("'\"\\$`!#;&|<>(){}[]*?~=% -_,:@", min_size=1),
    st.sampled_from(["${HOME}", "$$", "%{ if true }", "{{ x }}", "{% x %}", "- a: b", "a: b", "!!int", "null", "0x1f"]),
)
label = st.text("abz019_-", min_size=1, max_size=8).filter(lambda text: text[0] not in "-" and text[-1] != "-")
names = st.lists(st.lists(label, min_size=2, max_size=4).map(".".join), min_size=1, max_size=3, unique=True).map(tuple)
urls = hostile.map("https://acme.sectigo.com/{}".format)

few = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def render(slug: str, values: SetupValues) -> RenderedRecipe:
    return render_recipe(recipe_by_slug(slug), values)


def block_text(rendered: RenderedRecipe, identifier: str) -> str:
    (text,) = [block.text for block in rendered.blocks if block.id == identifier]
    return text


def yaml_of(rendered: RenderedRecipe, identifier: str) -> Any:
    return yaml.safe_load(block_text(rendered, identifier))


def page_text(rendered: RenderedRecipe) -> str:
    """The page with each run of blanks as one."""
    return " ".join(rendered.html.split())
