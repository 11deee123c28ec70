"""The ACME clients: one module of facts and one template each, one renderer for all.

A new client is a module here whose `RECIPE` is listed below, and `templates/subscriptions/recipes/<slug>.html`.
Nothing here imports a model or talks to a network.
"""

from . import acme_sh, certbot, lego
from .facts import Choice, ClientRun, Option, Platform, Recipe, Refusal
from .refusing import refusals
from .rendering import Block, RenderedRecipe, render_recipe
from .values import MASK, Challenge, SandboxTrust, SetupValues

RECIPES: tuple[Recipe, ...] = (certbot.RECIPE, acme_sh.RECIPE, lego.RECIPE)

_BY_SLUG = {recipe.slug: recipe for recipe in RECIPES}


def recipe_by_slug(slug: str) -> Recipe:
    """The recipe of that client. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]


__all__ = [
    "MASK",
    "RECIPES",
    "Block",
    "Challenge",
    "Choice",
    "ClientRun",
    "Option",
    "Platform",
    "Recipe",
    "Refusal",
    "RenderedRecipe",
    "SandboxTrust",
    "SetupValues",
    "recipe_by_slug",
    "refusals",
    "render_recipe",
]
