"""acme-client, a library for Node.js; the page brings a whole script that uses it."""

from .facts import Choice, ClientRun, Option, Platform, Recipe
from .options import RELOAD_OPTION
from .values import Challenge

RECIPE = Recipe(
    slug="node-acme-client",
    name="acme-client for Node.js",
    audience="Node.js developers who want certificates ordered by their own code",
    platforms=(Platform.AUTOMATION, Platform.LINUX),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://github.com/publishlab/node-acme-client",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webroot", "A web server serves /var/www/html"),
                Choice("standalone", "Port 80 is free: the script answers itself"),
            ),
        ),
        RELOAD_OPTION,
    ),
    ran_by_tests=(
        ClientRun(
            version="5.4.0",
            source="npm",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials",
        ),
    ),
    not_run="other systems than Linux; other DNS providers",
)
