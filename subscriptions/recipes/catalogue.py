"""The ACME clients there are instructions for, in the order of the tiles: those asked for most come first."""

from .acme_sh import RECIPE as ACME_SH
from .ansible import RECIPE as ANSIBLE
from .apache_mod_md import RECIPE as APACHE_MOD_MD
from .caddy import RECIPE as CADDY
from .cert_manager import RECIPE as CERT_MANAGER
from .certbot import RECIPE as CERTBOT
from .certify_the_web import RECIPE as CERTIFY_THE_WEB
from .dehydrated import RECIPE as DEHYDRATED
from .facts import Recipe
from .haproxy import RECIPE as HAPROXY
from .hosting_panels import RECIPE as HOSTING_PANELS
from .lego import RECIPE as LEGO
from .nginx_acme import RECIPE as NGINX_ACME
from .node_acme_client import RECIPE as NODE_ACME_CLIENT
from .opnsense import RECIPE as OPNSENSE
from .pfsense import RECIPE as PFSENSE
from .posh_acme import RECIPE as POSH_ACME
from .proxmox_ve import RECIPE as PROXMOX_VE
from .simple_acme import RECIPE as SIMPLE_ACME
from .terraform import RECIPE as TERRAFORM
from .traefik import RECIPE as TRAEFIK
from .uacme import RECIPE as UACME

RECIPES: tuple[Recipe, ...] = (
    CERTBOT,
    SIMPLE_ACME,
    ACME_SH,
    LEGO,
    CERT_MANAGER,
    CADDY,
    TRAEFIK,
    NGINX_ACME,
    APACHE_MOD_MD,
    HAPROXY,
    POSH_ACME,
    CERTIFY_THE_WEB,
    TERRAFORM,
    ANSIBLE,
    DEHYDRATED,
    UACME,
    NODE_ACME_CLIENT,
    PROXMOX_VE,
    OPNSENSE,
    PFSENSE,
    HOSTING_PANELS,
)

_BY_SLUG = {recipe.slug: recipe for recipe in RECIPES}


def recipe_by_slug(slug: str) -> Recipe:
    """Give the recipe of that client. Raises KeyError for an unknown slug."""
    return _BY_SLUG[slug]
