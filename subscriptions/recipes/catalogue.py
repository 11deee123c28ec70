"""The ACME clients there are instructions for, in the order of the tiles: those asked for most come first."""

from .acme_sh import RECIPE as ACME_SH
from .certbot import RECIPE as CERTBOT
from .dehydrated import RECIPE as DEHYDRATED
from .facts import Recipe
from .lego import RECIPE as LEGO
from .node_acme_client import RECIPE as NODE_ACME_CLIENT
from .uacme import RECIPE as UACME

RECIPES: tuple[Recipe, ...] = (
    CERTBOT,
    ACME_SH,
    LEGO,
    DEHYDRATED,
    UACME,
    NODE_ACME_CLIENT,
)

_BY_SLUG = {recipe.slug: recipe for recipe in RECIPES}


def recipe_by_slug(slug: str) -> Recipe:
    """The recipe of that client. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]
