"""The ACME clients: one module of facts and one template each, one renderer for all.

A new client is a module here whose `RECIPE` is listed in `catalogue.py`, and its template,
`templates/subscriptions/recipes/<slug>.html`.
Nothing here imports a model or talks to a network.
"""

from .catalogue import RECIPES, recipe_by_slug
from .facts import Choice, ClientRun, Option, Platform, Recipe, Refusal
from .refusing import refusals
from .rendering import Block, RenderedRecipe, render_recipe
from .values import MASK, Challenge, SandboxTrust, SetupValues, is_wildcard

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
    "is_wildcard",
    "recipe_by_slug",
    "refusals",
    "render_recipe",
]
