"""Apache httpd with mod_md, which orders and renews for the server it is part of."""

from .facts import ClientRun, Platform, Recipe
from .quoting import plain_word
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="apache-mod-md",
    name="Apache mod_md",
    audience="Servers where Apache (httpd) is the web server: no other program is needed",
    platforms=(Platform.LINUX,),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://httpd.apache.org/docs/2.4/mod/mod_md.html",
    ran_by_tests=(
        ClientRun(
            version="2.6.10 in httpd 2.4.71",
            source="Debian 12",
            proved="HTTP-01, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, two subscriptions",
        ),
    ),
    not_run="hooks for other DNS providers",
    own_refusals=refuse_unwritable("Apache", plain_word, with_eab=False),  # those go into a JSON file
)
