"""certbot, the client most Linux servers already have."""

from .facts import Choice, ClientRun, Option, Platform, Recipe
from .options import RELOAD_OPTION
from .plugins.certbot import PLUGINS
from .quoting import certbot_ini_value
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="certbot",
    name="certbot",
    audience="Linux servers with shell access and root",
    platforms=(Platform.LINUX, Platform.MACOS, Platform.BSD),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://certbot.eff.org/",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webroot", "A web server serves /var/www/html"),
                Choice("standalone", "Port 80 is free: certbot answers itself"),
                Choice("nginx", "certbot changes the nginx configuration"),
            ),
        ),
        RELOAD_OPTION,
    ),
    dns_plugins=PLUGINS,
    ran_by_tests=(
        ClientRun(
            version="2.1.0",
            source="Debian 12",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, "
            "a name outside the subscription",
        ),
        ClientRun(
            version="5.8.0",
            source="PyPI",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal by cron, wrong credentials, "
            "a name outside the subscription",
        ),
    ),
    not_run="`--nginx`; the other DNS plug-ins; Apache",
    own_refusals=refuse_unwritable("certbot", certbot_ini_value),
)
