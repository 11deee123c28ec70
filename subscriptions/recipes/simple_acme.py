"""simple-acme and its predecessor win-acme: `wacs.exe`, for Windows and IIS."""

from .facts import Choice, Option, Platform, Recipe
from .plugins.simple_acme import PLUGINS
from .quoting import wacs_argument
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="simple-acme",
    name="simple-acme / win-acme",
    audience="Windows servers: IIS, or Apache and nginx for Windows",
    platforms=(Platform.WINDOWS,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://simple-acme.com/",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("selfhosting", "IIS uses port 80, or nothing does: wacs.exe answers itself"),
                Choice("filesystem", "Another web server serves a folder"),
            ),
        ),
        Option(
            name="store",
            label="Where the certificate goes",
            choices=(
                Choice("iis", "IIS"),
                Choice("pemfiles", "PEM files: Apache, nginx and others"),
            ),
        ),
    ),
    dns_plugins=PLUGINS,
    checked_by=(
        "follows its documentation and source (2.4); a parser reads the PowerShell, and the arguments are taken apart "
        "as Windows and wacs.exe do"
    ),
    own_refusals=refuse_unwritable("wacs.exe", wacs_argument),
)
