"""System checks: wrong combinations of settings, each with an id, a message and what to do."""

import ipaddress
import os
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from portal.outbound.addresses import Network, allowed_networks, unreadable_networks
from portal.outbound.names import unreadable_resolvers
from portal.process_secrets import NEEDED, needs
from subscriptions.rules.terms import READINGS_APART

SLOT_WAIT = 30  # seconds a call waits at most for its turn, within its lease
LEAST_SETTLE_AFTER = 600  # seconds: the CA’s own time-out ends what a pause has let through
# What has left the environment, and where people change it now.
LEFT = {"CAAS_PREVALIDATION_RENEWAL_MODE": "in the portal, under Pre-validations, Renewal mode"}
LEAST_SECRET_KEY = 32  # characters
LEAST_WEBHOOK_PASSWORD = 24  # characters
PROXIES = range(11)
PRELOAD_SECONDS = 31536000  # hstspreload.org
RECENT_SECONDS = range(30, 3601)
INVITATION_DAYS = range(1, 61)
LEAST_SESSION = 60  # seconds
# All that leads to this machine itself: 0.0.0.0 and the mapped addresses do as well.
LOOPBACK = [ipaddress.ip_network(text) for text in ("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::ffff:7f00:0/104")]
KEY_COMMAND = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


def _process() -> Iterable[CheckMessage]:
    process = settings.PORTAL_PROCESS
    if process and process not in NEEDED:
        yield Error(
            f"PORTAL_PROCESS is {process!r}.",
            hint=f"It is one of {', '.join(NEEDED)}, or left out.",
            id="portal.E021",
        )
        return
    held = {name for name in ("ENCRYPTION_KEYS", "CAAS_LOGIN_NAME", "CAAS_LOGIN_PASSWORD") if getattr(settings, name)}
    surplus = sorted(name for name in held if not needs(process, name))
    if surplus:
        yield checks.Warning(
            f"This process ({process}) is told what it does not need: {', '.join(surplus)}.",
            hint="Give each process its own secrets only, as docker-compose.yml does.",
            id="portal.W024",
        )


def _secret_key() -> Iterable[CheckMessage]:
    hint = 'Set SECRET_KEY or SECRET_KEY_FILE: python -c "import secrets; print(secrets.token_urlsafe(50))"'
    try:
        length = len(settings.SECRET_KEY)  # Django raises where it is empty
    except ImproperlyConfigured:
        yield Error("SECRET_KEY is empty.", hint=hint, id="portal.E001")
        return
    if length < LEAST_SECRET_KEY and not settings.DEBUG:
        yield checks.Warning(
            f"SECRET_KEY has only {length} characters: who guesses it can forge what it signs.",
            hint=hint,
            id="portal.W007",
        )


def _encryption_keys() -> Iterable[CheckMessage]:
    if not settings.ENCRYPTION_KEYS and needs(settings.PORTAL_PROCESS, "ENCRYPTION_KEYS"):
        yield Error(
            "ENCRYPTION_KEYS is empty: EAB HMAC keys can be neither stored nor read.",
            hint=f"Set ENCRYPTION_KEYS or ENCRYPTION_KEYS_FILE: {KEY_COMMAND}",
            id="portal.E002",
        )
    for number, key in enumerate(settings.ENCRYPTION_KEYS, start=1):
        if not _is_fernet_key(key):
            yield Error(
                f"Key {number} of ENCRYPTION_KEYS is no key.",
                hint=f"Each is 32 bytes in URL-safe base64, separated by commas: {KEY_COMMAND}",
                id="portal.E003",
            )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _ca_url() -> Iterable[CheckMessage]:
    if not settings.CAAS_API_URL:
        yield checks.Warning(
            "CAAS_API_URL is empty: nothing can be asked of the CA.",
            hint="Set it to the CA's admin address, which ends in /products/!ACMEAdmin.",
            id="portal.W001",
        )
        return
    parts = urlsplit(settings.CAAS_API_URL)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Error("CAAS_API_URL is no address.", hint="It starts with https://.", id="portal.E004")
    elif parts.scheme == "http" and not _is_loopback(parts.hostname):
        yield Error(
            "CAAS_API_URL is plain HTTP: the CA's login would travel unencrypted.",
            hint="Use https://. Plain HTTP is for the sandbox on this machine's loopback address only.",
            id="portal.E005",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sandbox() -> Iterable[CheckMessage]:
    if settings.CAAS_SANDBOX and not settings.DEBUG and not settings.CAAS_SANDBOX_ALLOWED:
        yield Error(
            "CAAS_SANDBOX is on outside DEBUG: customers would get certificates that no one trusts.",
            hint="Turn CAAS_SANDBOX off, or set CAAS_SANDBOX_ALLOWED=true for a trial installation.",
            id="portal.E006",
        )


def _ca_login() -> Iterable[CheckMessage]:
    if not needs(settings.PORTAL_PROCESS, "CAAS_LOGIN_PASSWORD"):
        return
    if settings.CAAS_API_URL and not (settings.CAAS_LOGIN_NAME and settings.CAAS_LOGIN_PASSWORD):
        yield checks.Warning(
            "The CA's login is not set: a worker could ask nothing of the CA.",
            hint="Give CAAS_LOGIN_NAME and CAAS_LOGIN_PASSWORD (or …_FILE) to workers, and others a PORTAL_PROCESS.",
            id="portal.W002",
        )


def _times() -> Iterable[CheckMessage]:
    if settings.CAAS_TIMEOUT + min(SLOT_WAIT, settings.CAAS_LEASE / 4) >= settings.CAAS_LEASE:
        yield Error(
            f"CAAS_LEASE is too short: a call may take CAAS_TIMEOUT and {SLOT_WAIT} seconds of waiting for its turn.",
            hint=f"Set CAAS_LEASE above {settings.CAAS_TIMEOUT + SLOT_WAIT:g}.",
            id="portal.E007",
        )
    if settings.CAAS_LEASE < settings.CAAS_SETTLE_AFTER < LEAST_SETTLE_AFTER and not settings.DEBUG:
        yield Error(
            "CAAS_SETTLE_AFTER is below ten minutes: the CA may still be at work on a call that is taken for lost.",
            hint=f"Set CAAS_SETTLE_AFTER to {LEAST_SETTLE_AFTER} or more.",
            id="portal.E013",
        )
    apart = READINGS_APART.total_seconds()
    if apart > settings.CAAS_SETTLE_INTERVAL and not settings.DEBUG:
        yield Error(
            "CAAS_SETTLE_INTERVAL is below five minutes: two readings so close together do not confirm each other.",
            hint=f"Set CAAS_SETTLE_INTERVAL to {apart:g} or more.",
            id="portal.E014",
        )
    if settings.CAAS_LEASE >= settings.CAAS_SETTLE_AFTER:
        yield Error(
            "CAAS_SETTLE_AFTER is too short: a call under way could be taken for one that never happened.",
            hint=f"Set CAAS_SETTLE_AFTER above {settings.CAAS_LEASE:g}.",
            id="portal.E008",
        )


def _mail_events() -> Iterable[CheckMessage]:
    secret = settings.ANYMAIL["WEBHOOK_SECRET"]
    name, colon, password = secret.partition(":")
    if secret and not (name and colon and len(password) >= LEAST_WEBHOOK_PASSWORD):
        yield Error(
            "ANYMAIL_WEBHOOK_SECRET is no name and long password: whoever guesses it decides who gets mails.",
            hint="Set it to mail:…, with what `openssl rand -hex 24` says after the colon.",
            id="portal.E050",
        )


def _limits() -> Iterable[CheckMessage]:
    for name in ("CAAS_MAX_CONCURRENCY", "CAAS_REQUESTS_PER_SECOND", "CAAS_CONNECT_TIMEOUT", "CAAS_READ_TIMEOUT"):
        if getattr(settings, name) <= 0:
            yield Error(f"{name} is not above zero: no call could be made.", id="portal.E009")


def _left_settings() -> Iterable[CheckMessage]:
    for name, where in LEFT.items():
        if name in os.environ:
            yield checks.Warning(
                f"{name} is set, and nothing reads it any more.",
                hint=f"Take it out of the environment. A reseller admin sets it {where}.",
                id="portal.W032",
            )


def _prefix() -> Iterable[CheckMessage]:
    address = urlsplit(settings.PORTAL_URL)
    has_path = bool(address.hostname and address.path.strip("/"))
    if has_path or settings.FORCE_SCRIPT_NAME or os.environ.get("SCRIPT_NAME"):
        yield Error(
            "PORTAL_URL, SCRIPT_NAME or FORCE_SCRIPT_NAME gives the portal a path: it has to stand at the root.",
            hint="Give it a host name of its own, https://portal.example.com. Cookies of neighbours are apart then.",
            id="portal.E015",
        )


def _public_address() -> Iterable[CheckMessage]:
    parts = urlsplit(settings.PORTAL_URL)
    if settings.DEBUG:
        return
    if parts.scheme not in ("http", "https") or not parts.hostname or _is_loopback(parts.hostname):
        yield checks.Warning(
            f"PORTAL_URL is {settings.PORTAL_URL!r}: links in mails will not work elsewhere.",
            hint="Set PORTAL_URL to the address people open, https://portal.example.com.",
            id="portal.W003",
        )
    elif parts.scheme == "http":
        yield checks.Warning(
            "PORTAL_URL is plain HTTP: passwords and keys would travel unencrypted.",
            hint="Put a TLS proxy in front and set PORTAL_URL to its https:// address.",
            id="portal.W005",
        )


def _exposure() -> Iterable[CheckMessage]:
    if settings.DEBUG:
        return
    if "*" in settings.ALLOWED_HOSTS:
        yield checks.Warning(
            "ALLOWED_HOSTS has *: the portal answers to any name, one of somebody else's that leads here included.",
            hint="List the names people open the portal by, portal.example.com: passkeys hold for one of them only.",
            id="portal.W004",
        )
    if not settings.SECURE_COOKIES:
        yield checks.Warning(
            "SECURE_COOKIES is off: sessions would travel unencrypted where someone opens an http:// address.",
            hint="Leave SECURE_COOKIES out, or set it to true.",
            id="portal.W006",
        )


def _proxies() -> Iterable[CheckMessage]:
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if count not in PROXIES:
        yield Error(
            f"TRUSTED_PROXY_COUNT is {count}: no request comes through that many proxies.",
            hint="Set it to the number of proxies of yours that add to X-Forwarded-For, usually 1.",
            id="portal.E020",
        )
    elif settings.BEHIND_TLS_PROXY and not count:
        yield checks.Warning(
            "TRUSTED_PROXY_COUNT is 0 behind a proxy: all people seem to come from its address and share its limits.",
            hint="Leave TRUSTED_PROXY_COUNT out, or set it to the number of proxies that add to X-Forwarded-For.",
            id="portal.W021",
        )


def _hsts() -> Iterable[CheckMessage]:
    if settings.SECURE_HSTS_PRELOAD and not (
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS and settings.SECURE_HSTS_SECONDS >= PRELOAD_SECONDS
    ):
        yield checks.Warning(
            "SECURE_HSTS_PRELOAD is on, but the lists of the browsers take no such name.",
            hint=f"They want SECURE_HSTS_INCLUDE_SUBDOMAINS and SECURE_HSTS_SECONDS of {PRELOAD_SECONDS} or more.",
            id="portal.W022",
        )


def _debug() -> Iterable[CheckMessage]:
    if settings.DEBUG and settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        yield checks.Warning(
            "DEBUG is on with PostgreSQL: on a server its error pages show settings, queries and people's data.",
            hint="Set DEBUG=false wherever others than you reach the portal.",
            id="portal.W023",
        )


def _recent_sign_in() -> Iterable[CheckMessage]:
    seconds = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    hint = f"It is usually 300; between {RECENT_SECONDS[0]} and {RECENT_SECONDS[-1]} is sensible."
    if seconds <= 0:
        yield Error("RECENT_SIGN_IN_SECONDS is not above zero: no key could be revealed.", hint=hint, id="portal.E011")
    elif seconds not in RECENT_SECONDS:
        effect = "people sign in again and again" if seconds < RECENT_SECONDS[0] else "a screen left alone reveals keys"
        yield checks.Warning(f"RECENT_SIGN_IN_SECONDS is {seconds}: {effect}.", hint=hint, id="portal.W008")


def _sessions() -> Iterable[CheckMessage]:
    for name in ("SESSION_IDLE_STAFF", "SESSION_IDLE", "SESSION_ABSOLUTE"):
        if getattr(settings, name) < LEAST_SESSION:
            yield Error(
                f"{name} is below a minute: nobody could work.",
                hint="It is a time in seconds, such as 1800 for half an hour.",
                id="portal.E030",
            )


def _known_devices() -> Iterable[CheckMessage]:
    if settings.KNOWN_DEVICE_DAYS <= 0:
        yield checks.Warning(
            "KNOWN_DEVICE_DAYS is not above zero: while somebody guesses a password from many addresses, its "
            "owner gets in by a passkey or a reset mail only.",
            hint="It is usually 180.",
            id="portal.W025",
        )


def _mail_server() -> Iterable[CheckMessage]:
    if settings.EMAIL_TIMEOUT <= 0:
        yield Error(
            "EMAIL_TIMEOUT is not above zero: no mail could be sent.",
            hint="It is a time in seconds, usually 10.",
            id="portal.E031",
        )


def _invitation_days() -> Iterable[CheckMessage]:
    days = settings.INVITATION_DAYS
    hint = f"It is usually 7; between {INVITATION_DAYS[0]} and {INVITATION_DAYS[-1]} is sensible."
    if days <= 0:
        yield Error("INVITATION_DAYS is not above zero: no invitation could be used.", hint=hint, id="portal.E012")
    elif days not in INVITATION_DAYS:
        yield checks.Warning(
            f"INVITATION_DAYS is {days}: whoever finds an old mail can still join.", hint=hint, id="portal.W009"
        )


def _outbound() -> Iterable[CheckMessage]:
    for text in unreadable_networks():
        yield Error(
            f"OUTBOUND_ALLOWED_NETWORKS has {text!r}, which is no network.",
            hint="Each is an address and the length of its prefix, 10.20.0.0/16 or fd00::/8, without host bits.",
            id="portal.E040",
        )
    for text in unreadable_resolvers():
        yield Error(
            f"OUTBOUND_RESOLVERS has {text!r}, which is no address.",
            hint="Each is the address of a name server, such as 192.0.2.53, with a port where it is not 53.",
            id="portal.E041",
        )
    if any(_holds_loopback(network) for network in allowed_networks()) and not settings.DEBUG:
        yield checks.Warning(
            "OUTBOUND_ALLOWED_NETWORKS holds this machine's loopback addresses: a customer's name that leads there "
            "would be looked at.",
            hint="Leave loopback out of it. It is for the tests, and for a trial of the portal on one machine.",
            id="portal.W042",
        )


def _holds_loopback(network: Network) -> bool:
    return any(network.version == loopback.version and network.overlaps(loopback) for loopback in LOOPBACK)


_CHECKS = (
    _process,
    _secret_key,
    _encryption_keys,
    _ca_url,
    _sandbox,
    _ca_login,
    _times,
    _limits,
    _left_settings,
    _prefix,
    _public_address,
    _exposure,
    _proxies,
    _hsts,
    _debug,
    _recent_sign_in,
    _sessions,
    _known_devices,
    _mail_server,
    _mail_events,
    _invitation_days,
    _outbound,
)


@register(Tags.security)
def check_settings(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Give a message for each setting, or combination of settings, that cannot be meant."""
    return [message for check in _CHECKS for message in check()]


def require_usable_settings() -> None:
    """Raise ImproperlyConfigured with every error found; for the entry points that run no system checks."""
    errors = [message for message in check_settings() if message.is_serious()]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{error.msg} {error.hint or ''} ({error.id})" for error in errors))
