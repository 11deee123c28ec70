"""Wrong combinations of settings are found, each under its id."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from portal import checks
from portal.checks import check_settings, require_usable_settings
from portal.process_secrets import NEEDED
from subscriptions.ledger import limiter

GOOD: dict[str, Any] = {
    "DEBUG": False,
    "SECRET_KEY": "x" * 32,
    "ALLOWED_HOSTS": ["portal.example.com"],
    "SECURE_COOKIES": True,
    "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
    "INVITATION_DAYS": 7,
    "PORTAL_PROCESS": "",
    "BEHIND_TLS_PROXY": False,
    "ALLAUTH_TRUSTED_PROXY_COUNT": 0,
    "SECURE_HSTS_PRELOAD": False,
    "ENCRYPTION_KEYS": ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="],
    "CAAS_API_URL": "https://secure.example.net/products/!ACMEAdmin",
    "CAAS_LOGIN_NAME": "northwind",
    "CAAS_LOGIN_PASSWORD": "not-a-real-password",
    "CAAS_SANDBOX": False,
    "CAAS_SANDBOX_ALLOWED": False,
    "CAAS_TIMEOUT": 60.0,
    "CAAS_LEASE": 120.0,
    "CAAS_SETTLE_AFTER": 900,
    "CAAS_SETTLE_INTERVAL": 300,
    "CAAS_MAX_CONCURRENCY": 4,
    "CAAS_REQUESTS_PER_SECOND": 5.0,
    "PORTAL_URL": "https://portal.example.com",
}


@pytest.fixture
def good_settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in GOOD.items():
        setattr(settings, name, value)
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    return settings


def ids() -> list[str | None]:
    return [message.id for message in check_settings()]


def test_it_works(good_settings: Settings) -> None:
    assert ids() == []
    require_usable_settings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "", "portal.E001"),
        ("SESSION_IDLE_STAFF", 0, "portal.E030"),
        ("SESSION_ABSOLUTE", 59, "portal.E030"),
        ("KNOWN_DEVICE_DAYS", 0, "portal.W025"),
        ("EMAIL_TIMEOUT", 0.0, "portal.E031"),
        ("ANYMAIL", {"WEBHOOK_SECRET": "guessable"}, "portal.E050"),
        ("ANYMAIL", {"WEBHOOK_SECRET": "mail:short"}, "portal.E050"),
        ("ENCRYPTION_KEYS", [], "portal.E002"),
        ("ENCRYPTION_KEYS", ["short"], "portal.E003"),
        ("CAAS_API_URL", "", "portal.W001"),
        ("CAAS_API_URL", "secure.example.net", "portal.E004"),
        ("CAAS_API_URL", "http://secure.example.net/products/!ACMEAdmin", "portal.E005"),
        ("CAAS_API_URL", "http://10.0.0.1/products/!ACMEAdmin", "portal.E005"),
        ("CAAS_SANDBOX", True, "portal.E006"),
        ("CAAS_LOGIN_NAME", "", "portal.W002"),
        ("CAAS_LOGIN_PASSWORD", "", "portal.W002"),
        ("CAAS_TIMEOUT", 90.0, "portal.E007"),
        ("CAAS_SETTLE_AFTER", 120, "portal.E008"),
        ("CAAS_SETTLE_AFTER", 599, "portal.E013"),
        ("CAAS_SETTLE_INTERVAL", 299, "portal.E014"),
        ("CAAS_MAX_CONCURRENCY", 0, "portal.E009"),
        ("CAAS_REQUESTS_PER_SECOND", 0.0, "portal.E009"),
        ("PORTAL_URL", "http://localhost:8000", "portal.W003"),
        ("PORTAL_URL", "http://[::1]:8000", "portal.W003"),
        ("PORTAL_URL", "portal.example.com", "portal.W003"),
        ("PORTAL_URL", "ftp://portal.example.com", "portal.W003"),
        ("PORTAL_URL", "https://portal.example.com/tls", "portal.E015"),
        ("PORTAL_URL", "https://portal.example.com/tls/", "portal.E015"),
        ("FORCE_SCRIPT_NAME", "/tls", "portal.E015"),
        ("ALLOWED_HOSTS", ["portal.example.com", "*"], "portal.W004"),
        ("PORTAL_URL", "http://portal.example.com", "portal.W005"),
        ("SECURE_COOKIES", False, "portal.W006"),
        ("SECRET_KEY", "x" * 31, "portal.W007"),
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 29, "portal.W008"),
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 3601, "portal.W008"),
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 0, "portal.E011"),
        ("INVITATION_DAYS", 61, "portal.W009"),
        ("INVITATION_DAYS", 0, "portal.E012"),
        ("INVITATION_DAYS", -7, "portal.E012"),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", 11, "portal.E020"),
        ("ALLAUTH_TRUSTED_PROXY_COUNT", -1, "portal.E020"),
        ("BEHIND_TLS_PROXY", True, "portal.W021"),
        ("SECURE_HSTS_PRELOAD", True, "portal.W022"),
        ("OUTBOUND_ALLOWED_NETWORKS", ["10.20.0.0/16", "intranet"], "portal.E040"),
        ("OUTBOUND_ALLOWED_NETWORKS", ["10.20.0.1/16"], "portal.E040"),
        ("OUTBOUND_RESOLVERS", ["192.0.2.53", "resolver.example.com"], "portal.E041"),
        ("OUTBOUND_RESOLVERS", ["192.0.2.53:66000"], "portal.E041"),
        ("OUTBOUND_ALLOWED_NETWORKS", ["127.0.0.0/8"], "portal.W042"),
        ("OUTBOUND_ALLOWED_NETWORKS", ["10.0.0.0/8", "::/0"], "portal.W042"),
        ("OUTBOUND_ALLOWED_NETWORKS", ["0.0.0.0/32"], "portal.W042"),
        ("PORTAL_PROCESS", "cron", "portal.E021"),
        ("PORTAL_PROCESS", "web", "portal.W024"),
    ],
)
def test_a_wrong_setting_is_named(good_settings: Settings, name: str, value: object, expected: str) -> None:
    setattr(good_settings, name, value)

    assert ids() == [expected]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 30),
        ("ACCOUNT_REAUTHENTICATION_TIMEOUT", 3600),
        ("OUTBOUND_ALLOWED_NETWORKS", ["10.20.0.0/16", " fd00::/8"]),
        ("OUTBOUND_RESOLVERS", ["192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:53"]),
        ("INVITATION_DAYS", 1),
        ("INVITATION_DAYS", 60),
    ],
)
def test_the_bounds_are_right(good_settings: Settings, name: str, value: int) -> None:
    setattr(good_settings, name, value)

    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_HOSTS", ["*"]),
        ("PORTAL_URL", "http://portal.example.com"),
        ("SECURE_COOKIES", False),
        ("OUTBOUND_ALLOWED_NETWORKS", ["127.0.0.0/8"]),
        ("SECRET_KEY", "short"),
    ],
)
def test_what_is_exposed_does_not_matter_under_debug(good_settings: Settings, name: str, value: object) -> None:
    good_settings.DEBUG = True
    setattr(good_settings, name, value)

    assert ids() == []


@pytest.mark.parametrize("process", NEEDED)
def test_a_process_is_asked_for_its_own_secrets_only(good_settings: Settings, process: str) -> None:
    good_settings.PORTAL_PROCESS = process
    for name in ("ENCRYPTION_KEYS", "CAAS_LOGIN_NAME", "CAAS_LOGIN_PASSWORD"):
        if name not in NEEDED[process]:
            setattr(good_settings, name, type(GOOD[name])())
    assert ids() == []


@pytest.mark.parametrize("process", ["beat", "migrate"])
def test_a_process_with_keys_it_does_not_need_is_named(good_settings: Settings, process: str) -> None:
    good_settings.PORTAL_PROCESS = process
    (message,) = check_settings()
    assert message.id == "portal.W024"
    assert message.msg.endswith("CAAS_LOGIN_NAME, CAAS_LOGIN_PASSWORD, ENCRYPTION_KEYS.")


def test_debug_does_not_go_with_a_server(good_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(good_settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    assert ids() == []
    good_settings.DEBUG = True
    assert ids() == ["portal.W023"]


def test_hsts_goes_into_the_lists_of_browsers(good_settings: Settings) -> None:
    good_settings.SECURE_HSTS_PRELOAD = good_settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    good_settings.SECURE_HSTS_SECONDS = checks.PRELOAD_SECONDS - 1
    assert ids() == ["portal.W022"]
    good_settings.SECURE_HSTS_SECONDS = checks.PRELOAD_SECONDS
    assert ids() == []


@pytest.mark.parametrize("value", ["automatic", ""])
def test_a_setting_that_has_left_the_environment_is_named_where_it_is_still_set(
    good_settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("CAAS_PREVALIDATION_RENEWAL_MODE", value)
    (message,) = check_settings()
    assert (message.id, message.msg) == (
        "portal.W032",
        "CAAS_PREVALIDATION_RENEWAL_MODE is set, and nothing reads it any more.",
    )
    assert "in the portal" in str(message.hint)


def test_the_tests_own_settings_have_no_error() -> None:
    require_usable_settings()


@pytest.mark.parametrize("host", ["127.0.0.1:8901", "localhost:8901", "[::1]:8901"])
def test_plain_http_is_right_on_loopback(good_settings: Settings, host: str) -> None:
    good_settings.CAAS_API_URL = f"http://{host}/products/!ACMEAdmin"

    assert ids() == []


@pytest.mark.parametrize("allowed_by", ["DEBUG", "CAAS_SANDBOX_ALLOWED"])
def test_the_sandbox_can_be_allowed(good_settings: Settings, allowed_by: str) -> None:
    good_settings.CAAS_SANDBOX = True
    setattr(good_settings, allowed_by, True)

    assert ids() == []


def test_the_number_of_a_wrong_key_is_named_and_not_the_key(good_settings: Settings) -> None:
    good_settings.ENCRYPTION_KEYS = [*GOOD["ENCRYPTION_KEYS"], "my-secret"]

    (message,) = check_settings()
    assert message.msg == "Key 2 of ENCRYPTION_KEYS is no key."


def test_entry_points_refuse_errors_and_pass_warnings(good_settings: Settings) -> None:
    good_settings.CAAS_LOGIN_NAME = ""
    require_usable_settings()

    good_settings.SECRET_KEY = ""
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is empty\. .*\(portal\.E001\)$"):
        require_usable_settings()


def test_the_time_a_call_waits_is_the_gates() -> None:
    assert checks.SLOT_WAIT == limiter.SLOT_WAIT
