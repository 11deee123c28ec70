"""Traefik, a reverse proxy with lego inside: no ACME client beside it."""

from .facts import Choice, Option, Platform, Recipe, Refusal
from .plugins.lego import PLUGINS
from .quoting import dotenv_quoted
from .values import Challenge, SetupValues

_FORM = Option(
    name="traefik_form",
    label="How Traefik is configured",
    choices=(
        Choice("compose", "Docker Compose, with flags"),
        Choice("file", "A static configuration file (YAML)"),
    ),
)


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    if values.options.get(_FORM.name, _FORM.default) != "compose" or values.eab_hmac_key is None:
        return ()
    try:
        dotenv_quoted(values.eab_hmac_key)
    except ValueError:
        return (
            Refusal(
                code="unwritable",
                message="Docker Compose's environment file cannot hold a quotation mark or a backslash in the key.",
                remedy="Choose the static configuration file, or ask your provider to look at your ACME credentials.",
            ),
        )
    return ()


RECIPE = Recipe(
    slug="traefik",
    name="Traefik",
    audience="The reverse proxy in front of containers, which orders and renews by itself",
    platforms=(Platform.CONTAINERS, Platform.LINUX),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://doc.traefik.io/traefik/",
    options=(_FORM,),
    dns_plugins=PLUGINS,
    checked_by="both forms and the router are read by a YAML parser and compared with the values",
    own_refusals=_own_refusals,
)
