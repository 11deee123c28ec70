"""lego, one static binary with plug-ins for many DNS providers."""

from .facts import Choice, ClientRun, Option, Platform, Recipe
from .options import RELOAD_OPTION
from .plugins.lego import PLUGINS
from .values import Challenge

RECIPE = Recipe(
    slug="lego",
    name="lego",
    audience="One binary without dependencies; many DNS providers",
    platforms=(Platform.LINUX, Platform.MACOS, Platform.BSD),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://go-acme.github.io/lego/",
    options=(
        Option(
            name="lego_version",
            label="Version (lego --version)",
            choices=(Choice("4", "lego 4"), Choice("5", "lego 5")),
        ),
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webroot", "A web server serves /var/www/html"),
                Choice("standalone", "Port 80 is free: lego answers itself"),
            ),
        ),
        RELOAD_OPTION,
    ),
    dns_plugins=PLUGINS,
    ran_by_tests=(
        ClientRun(
            version="4.9.1",
            source="Debian 12",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, "
            "a name outside the subscription",
        ),
        ClientRun(
            version="4.35.2",
            source="Debian sid, on demand",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, "
            "a name outside the subscription",
        ),
    ),
    not_run="lego 5 (its page follows its documentation); the other DNS plug-ins",
)
