"""certbot, the client most Linux servers already have."""

from .facts import Choice, ClientRun, Option, Platform, Recipe, Refusal
from .options import RELOAD_OPTION
from .providers import provider_option
from .quoting import certbot_ini_value
from .values import Challenge, SetupValues


def _own_refusals(values: SetupValues) -> tuple[Refusal, ...]:
    texts = {
        "ACME server URL": values.directory_url,
        "contact e-mail address": values.email,
        "EAB key ID": values.eab_key_id,
        "EAB HMAC key": values.hmac_key_text,
    }
    return tuple(
        Refusal(
            code="certbot-ini",
            message=f"certbot's configuration file cannot hold the {label}: its format would misread it.",
            remedy="Give another e-mail address, or choose another ACME client.",
        )
        for label, text in texts.items()
        if not _writable(text)
    )


def _writable(text: str) -> bool:
    try:
        certbot_ini_value(text)
    except ValueError:
        return False
    return True


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
        provider_option("certbot"),
        RELOAD_OPTION,
    ),
    ran_by_tests=(
        ClientRun(
            version="2.1.0",
            source="Debian 12",
            proved="HTTP-01 standalone and webroot, DNS-01 wildcard by RFC 2136, renewal, wrong credentials",
        ),
    ),
    own_refusals=_own_refusals,
)
