"""Caddy, a web server that orders and renews its certificates itself."""

from .facts import Choice, ClientRun, Option, Platform, Recipe
from .plugins.caddy import PLUGINS
from .quoting import plain_word
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="caddy",
    name="Caddy",
    audience="Servers where Caddy is the web server: it orders and renews by itself",
    platforms=(Platform.LINUX,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://caddyserver.com/",
    options=(
        Option(
            name="site",
            label="What Caddy serves for these names",
            choices=(
                Choice("files", "Files in /var/www/html"),
                Choice("proxy", "A program that listens on port 8080"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    ran_by_tests=(
        ClientRun(
            version="2.6.2",
            source="Debian 12",
            proved="HTTP-01 where TLS-ALPN-01 fails, renewal, wrong credentials",
        ),
    ),
    not_run="DNS-01, its modules and their build",
    own_refusals=refuse_unwritable("Caddy", plain_word),
)
