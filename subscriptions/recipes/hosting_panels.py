"""Hosting panels whose own certificate features take no EAB credentials: acme.sh beside them."""

from .acme_sh import LONG_NAMES
from .acme_sh import RECIPE as ACME_SH
from .facts import Choice, Option, Platform, Recipe, Refusal
from .plugins.acme_sh import PLUGINS
from .values import Challenge, SetupValues


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    found = ACME_SH.own_refusals(values)
    chosen = RECIPE.chosen(values)
    if chosen["panel"] == "synology" and chosen.get("zone_at") == "panel":
        no_plugin = Refusal(
            code="no-panel-dns",
            message="acme.sh has no DNS plug-in for Synology DSM.",
            remedy="Choose the provider where the names' DNS zone is.",
        )
        found = (*found, no_plugin)
    return found


RECIPE = Recipe(
    slug="hosting-panels",
    name="cPanel, Plesk, DirectAdmin, Synology",
    audience="Hosting panels and NAS, with acme.sh beside the panel",
    platforms=(Platform.APPLIANCES,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://github.com/acmesh-official/acme.sh/wiki/deployhooks",
    options=(
        Option(
            name="panel",
            label="Panel",
            choices=(
                Choice("cpanel", "cPanel"),
                Choice("plesk", "Plesk"),
                Choice("directadmin", "DirectAdmin"),
                Choice("synology", "Synology DSM"),
            ),
        ),
        Option(
            name="zone_at",
            label="Where the names' DNS zone is",
            challenge=Challenge.DNS_01,
            choices=(
                Choice("provider", "At the DNS provider chosen below"),
                Choice("panel", "In the panel itself"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by=(
        "follows acme.sh's documentation and scripts, a shell reads the commands; acme.sh is run, see above, and "
        "DirectAdmin's hook on demand, by acme.sh 3.1.1 and 3.1.5"
    ),
    not_checked="the panels' own commands (uapi, plesk) and labels, and whether each step does what it says",
    long_names=LONG_NAMES,
    own_refusals=_own_refusals,
)
