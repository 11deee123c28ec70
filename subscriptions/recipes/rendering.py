"""From a recipe and the customer's values to the set-up page's instructions."""

import re
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .facts import Recipe, Refusal
from .providers import RFC2136, provider_by_slug
from .refusing import refusals
from .sources import newer_plugin
from .values import SetupValues


@dataclass(frozen=True, kw_only=True)
class Block:
    """A copyable piece of a page.

    `text` is exactly the text content of the page's `<code id="{id}">`. `secret` blocks hold the EAB HMAC key
    (or its mask, `masked`); `fill_in` lists the words the reader replaces with values the portal cannot know.
    A block that `is_file` is the whole of the file named `filename`, and can be downloaded as it is.
    """

    id: str
    step: str
    language: str
    text: str
    filename: str | None = None
    is_file: bool = False
    secret: bool = False
    masked: bool = False
    fill_in: tuple[str, ...] = ()

    @property
    def download_name(self) -> str:
        """The file's name without its directories, for a POSIX or a Windows path."""
        return re.split(r"[/\\]", self.filename or "")[-1]


@dataclass(frozen=True, kw_only=True)
class RenderedRecipe:
    """The instructions as HTML, and their blocks in page order. With refusals there are no blocks."""

    html: SafeString
    blocks: tuple[Block, ...]
    refusals: tuple[Refusal, ...] = ()

    @property
    def files(self) -> tuple[Block, ...]:
        """The blocks to download: whole files, one with the EAB HMAC key in it only while it is not masked."""
        return tuple(block for block in self.blocks if block.is_file and not block.masked)


@dataclass(kw_only=True)
class Recorder:
    """What the template tags note down while a recipe is rendered."""

    recipe: Recipe
    values: SetupValues
    step: str = ""
    steps: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def render_recipe(recipe: Recipe, values: SetupValues) -> RenderedRecipe:
    """Give the page part for this recipe: numbered steps with copyable blocks, or why there are none."""
    refused = refusals(recipe, values)
    if refused:
        html = render_to_string("subscriptions/recipes/_refusals.html", {"refusals": refused})
        return RenderedRecipe(html=html, blocks=(), refusals=refused)
    recorder = Recorder(recipe=recipe, values=values)
    html = render_to_string(recipe.template_name, {"recorder": recorder, **_context(recipe, values)})
    return RenderedRecipe(html=html, blocks=tuple(recorder.blocks))


def _context(recipe: Recipe, values: SetupValues) -> dict[str, object]:
    chosen = recipe.chosen(values)
    context: dict[str, object] = {"recipe": recipe, "values": values, "chosen": chosen}
    if "dns_provider" in chosen:
        provider = provider_by_slug(chosen["dns_provider"])
        context |= {
            "provider": provider,
            "plugin": recipe.dns_plugins[provider.slug],
            "is_rfc2136": provider.slug == RFC2136,
            "newer_plugin": newer_plugin(recipe.slug, recipe.dns_plugins[provider.slug].name),
        }
    return context
