"""The ACME clients there are instructions for, in the order of the tiles: those asked for most come first."""

from .acme_sh import RECIPE as ACME_SH
from .ansible import RECIPE as ANSIBLE
from .certbot import RECIPE as CERTBOT
from .facts import Recipe
from .lego import RECIPE as LEGO
from .traefik import RECIPE as TRAEFIK

RECIPES: tuple[Recipe, ...] = (
    CERTBOT,
    ACME_SH,
    LEGO,
    TRAEFIK,
    ANSIBLE,
)

_BY_SLUG = {recipe.slug: recipe for recipe in RECIPES}


def recipe_by_slug(slug: str) -> Recipe:
    """The recipe of that client. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]
