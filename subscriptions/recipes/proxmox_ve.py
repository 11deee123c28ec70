"""Proxmox VE: the certificate of a node's own web interface."""

from .facts import Choice, Option, Platform, Recipe, Refusal
from .plugins.acme_sh import PLUGINS
from .quoting import field_text
from .refusing import refuse_unwritable
from .values import Challenge, SetupValues

# `acmedomain0` to `acmedomain5` of a node's configuration; HTTP-01 has a list without a limit instead.
MOST_DNS_NAMES = 6


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    found = refuse_unwritable("Proxmox VE", field_text)(values)
    if values.challenge is Challenge.DNS_01 and len(values.ordered_names) > MOST_DNS_NAMES:
        too_many = Refusal(
            code="too-many-names",
            message=f"A Proxmox VE node takes {MOST_DNS_NAMES} names with DNS-01, not {len(values.ordered_names)}.",
            remedy="Leave names out, or choose HTTP-01.",
        )
        found = (*found, too_many)
    return found


RECIPE = Recipe(
    slug="proxmox-ve",
    name="Proxmox VE",
    audience="The web interface of a Proxmox VE node",
    platforms=(Platform.APPLIANCES,),
    challenges=frozenset(Challenge),
    supports_wildcards=False,
    homepage="https://pve.proxmox.com/wiki/Certificate_Management",
    options=(
        Option(
            name="register_in",
            label="Where you register",
            choices=(
                Choice("shell", "A root shell on the node"),
                Choice("web", "The web interface"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by="follows `pvenode`'s manual page (9.2) and source; a shell and Python's `shlex` read the commands",
    not_checked="the labels of the web interface, and whether each step does what it says",
    long_names=(
        "What Proxmox VE does then was not checked. If the order fails, add a shorter name of your subscription."
    ),
    own_refusals=_own_refusals,
)
