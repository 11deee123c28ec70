"""The ACME clients there are instructions for, in the order of the tiles: those asked for most come first."""

from .acme_sh import RECIPE as ACME_SH
from .apache_mod_md import RECIPE as APACHE_MOD_MD
from .caddy import RECIPE as CADDY
from .certbot import RECIPE as CERTBOT
from .facts import Recipe
from .haproxy import RECIPE as HAPROXY
from .lego import RECIPE as LEGO
from .nginx_acme import RECIPE as NGINX_ACME

RECIPES: tuple[Recipe, ...] = (
    CERTBOT,
    ACME_SH,
    LEGO,
    CADDY,
    APACHE_MOD_MD,
    NGINX_ACME,
    HAPROXY,
)

_BY_SLUG = {recipe.slug: recipe for recipe in RECIPES}


def recipe_by_slug(slug: str) -> Recipe:
    """The recipe of that client. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]
