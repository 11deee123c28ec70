"""HAProxy with its own ACME client, which knows external account binding from 3.4 on."""

from .facts import ClientRun, Platform, Recipe
from .quoting import plain_word
from .refusing import refuse_unwritable
from .values import Challenge

RECIPE = Recipe(
    slug="haproxy",
    name="HAProxy",
    audience="HAProxy 3.4 or newer, with its own ACME client (experimental)",
    platforms=(Platform.LINUX,),
    challenges=frozenset({Challenge.HTTP_01}),
    supports_wildcards=False,
    homepage="https://docs.haproxy.org/3.4/configuration.html#12.8",
    ran_by_tests=(
        ClientRun(
            version="3.4.7",
            source="Debian experimental, on demand",
            proved="HTTP-01, renewal by the page's command, certificates kept on the disk, wrong credentials",
        ),
    ),
    not_run="DNS-01 with an agent; the renewal that HAProxy starts itself",
    long_names=(
        "HAProxy 3.4 writes the first name into the request as its common name, which holds 64 (read in its source, "
        "not run). Add a shorter name of your subscription to the certificate, or choose another ACME client."
    ),
    own_refusals=refuse_unwritable("HAProxy", plain_word),
)
