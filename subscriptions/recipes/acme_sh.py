"""acme.sh, a shell script that needs neither root nor a package manager."""

from .facts import Choice, ClientRun, Option, Platform, Recipe, Refusal
from .options import RELOAD_OPTION
from .plugins.acme_sh import PLUGINS
from .values import Challenge, SetupValues


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    # acme.sh writes its settings as NAME='value' lines without escaping, and sources them at every renewal.
    texts = {
        "contact e-mail address": values.email,
        "EAB key ID": values.eab_key_id,
        "EAB HMAC key": values.hmac_key_text,
    }
    return tuple(
        Refusal(
            code="acme-sh-quote",
            message=f"acme.sh cannot keep the {label}: it holds a quotation mark or a backslash.",
            remedy="Give another e-mail address, or choose another ACME client.",
        )
        for label, text in texts.items()
        if set(text) & set("'\"\\")
    )


LONG_NAMES = (
    "acme.sh 3.1.1 to 3.1.4 write the first name into the request as its common name, which holds 64: the order ends "
    "with “string too long … maxsize=64”. Use acme.sh 3.1.5 or newer, or add a shorter name of your subscription to "
    "the certificate."
)

RECIPE = Recipe(
    slug="acme-sh",
    name="acme.sh",
    audience="Any POSIX shell; the script itself needs no root",
    platforms=(Platform.LINUX, Platform.MACOS, Platform.BSD),
    challenges=frozenset(Challenge),
    supports_wildcards=True,
    homepage="https://github.com/acmesh-official/acme.sh",
    options=(
        Option(
            name="http_mode",
            label="How HTTP-01 is answered on port 80",
            challenge=Challenge.HTTP_01,
            choices=(
                Choice("webroot", "A web server serves /var/www/html"),
                Choice("standalone", "Port 80 is free: acme.sh answers itself"),
            ),
        ),
        RELOAD_OPTION,
    ),
    dns_plugins=PLUGINS,
    ran_by_tests=(
        ClientRun(
            version="3.1.1",
            source="Debian 13",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, "
            "a name outside the subscription",
        ),
        ClientRun(
            version="3.1.5",
            source="Debian sid, on demand",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials, "
            "a name outside the subscription",
        ),
    ),
    not_run="its own installer; the other DNS plug-ins",
    long_names=LONG_NAMES,
    own_refusals=_own_refusals,
)
