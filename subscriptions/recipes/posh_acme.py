"""Posh-ACME, a PowerShell module."""

from .facts import Choice, Option, Platform, Recipe
from .plugins.posh_acme import PLUGINS
from .quoting import field_text
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="posh-acme",
    name="Posh-ACME",
    audience="PowerShell scripts on Windows, many DNS providers",
    platforms=(Platform.WINDOWS, Platform.AUTOMATION),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://poshac.me/",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webselfhost", "Port 80 is free: Posh-ACME answers itself"),
                Choice("webroot", "A web server serves a folder"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by="follows its documentation (4.32); a parser reads the PowerShell",
    own_refusals=refuse_unwritable("Posh-ACME", field_text),
)
