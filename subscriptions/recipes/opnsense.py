"""OPNsense with its plug-in os-acme-client, which runs acme.sh."""

from .acme_sh import LONG_NAMES
from .acme_sh import RECIPE as ACME_SH
from .facts import Choice, Option, Platform, Recipe, Refusal
from .plugins.acme_sh import PLUGINS
from .quoting import field_text
from .refusing import refuse_unwritable
from .values import Challenge, SetupValues


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    # acme.sh keeps the values here as well.
    return (*refuse_unwritable("OPNsense", field_text)(values), *ACME_SH.own_refusals(values))


RECIPE = Recipe(
    slug="opnsense",
    name="OPNsense",
    audience="OPNsense firewalls: their web interface, HAProxy and other services",
    platforms=(Platform.APPLIANCES,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://docs.opnsense.org/",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("opnsense", "OPNsense answers itself, through a port forward"),
                Choice("haproxy", "HAProxy on this firewall listens on port 80"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by="no configuration file; the page follows os-acme-client 4.16's forms, each value in a block of its own",
    not_checked="the labels of other versions than 4.16, and whether each step does what it says",
    long_names=LONG_NAMES,
    own_refusals=_own_refusals,
)
