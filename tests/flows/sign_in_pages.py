"""Signing in, second factors, sessions, and the pages that say that something went wrong."""

import hashlib
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.test import override_settings
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts import guessing
from accounts.models import User
from tests import cast
from tests.flows.page import Act, Page, Scene, press
from tests.portal import story

SECRET = "JBSWY3DPEHPK3PXP"
COORDINATE = bytes(32)


def anybody(route: str, state: str = "filled", **more: Any) -> Page:
    """A page for people who are not signed in."""
    more.setdefault("arrange", Scene)
    return Page(route=route, state=state, **more)


def one(route: str, state: str = "filled", *, has_factors: bool = False, **more: Any) -> Page:
    """A page about one's own sign-in."""

    def arrange() -> Scene:
        user = story.tell().owner
        key = _add_factors(user) if has_factors else None
        return Scene(user, [key.pk] if key and route in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else [])

    more.setdefault("arrange", arrange)
    return Page(route=route, state=state, **more)


def _add_factors(user: User) -> Authenticator:
    """An authenticator app, recovery codes and a passkey; the passkey is given."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    credential = _credential() | {"clientExtensionResults": {"credProps": {"rk": True}}}
    data = {"name": "Laptop", "credential": credential}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=data)


def _credential() -> dict[str, Any]:
    """What a browser answers when it registers a passkey."""
    public_key = ES256({1: 2, 3: -7, -1: 1, -2: COORDINATE, -3: COORDINATE})
    attested = AttestedCredentialData.create(bytes(16), b"laptop", public_key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    shown = AuthenticatorData.create(hashlib.sha256(b"localhost").digest(), flags, 0, bytes(attested))
    client = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    response = {
        "clientDataJSON": websafe_encode(client),
        "attestationObject": websafe_encode(AttestationObject.create("none", shown, {})),
    }
    identity = websafe_encode(b"laptop")
    return {"id": identity, "rawId": identity, "type": "public-key", "response": response}


# --- Ways there -----------------------------------------------------------------------------------------------------


def _with_second_factor() -> Scene:
    _add_factors(story.tell().owner)
    return Scene()


def _with_factor_of_another_key() -> Scene:
    with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
        return _with_second_factor()


def _without_password() -> Scene:
    user = story.tell().owner
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return Scene(user)


def _with_reset_link() -> Scene:
    user = story.tell().owner
    return Scene(None, [user_pk_to_url_str(user), default_token_generator.make_token(user)])


def _with_useless_link() -> Scene:
    return Scene(None, ["1", "no-such-key"])


def _not_recent() -> Scene:
    user = story.tell().owner
    _add_factors(user)
    return Scene(user, is_recent=False)


def _stranger() -> Scene:
    return Scene(cast.make_user("nobody@northwind.example"))


def _viewer_of_nothing() -> Scene:
    return Scene(cast.make_user("nobody@northwind.example"), ["00000000-0000-4000-8000-000000000000"])


def _as_member() -> Scene:
    user = cast.make_user("max@northwind.example")
    cast.add_person(cast.make_customer(), user)
    return Scene(user)


def sign_in(*, password: str, shows: str) -> Act:
    """Sign in as the owner; the button of the passkey is not the one."""

    def act(page: BrowserPage) -> None:
        page.locator("[name=login]").fill("olga@northwind.example")
        page.locator("[name=password]").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("body")).to_contain_text(shows)

    return act


def refused_at_last(page: BrowserPage) -> None:
    """Try wrong passwords until no more are taken."""
    for _ in range(5):
        sign_in(password="wrong", shows="do not belong together")(page)
    sign_in(password="wrong", shows="to be mailed a link that lets you in")(page)


def without_its_token(page: BrowserPage) -> None:
    """Send the form after its cookie is gone."""
    page.context.clear_cookies()
    press("Sign in", shows="no longer valid", login="olga@northwind.example", password="x")(page)


def after_many_challenges() -> Scene:
    """Passkeys were asked for so often from this address that there are none for a while."""
    for _ in range(guessing.CHALLENGES.at_once + 1):
        guessing.CHALLENGES.of("127.0.0.1").take(timezone.now() + timedelta(minutes=5))
    return Scene()


def from_too_few_proxies(page: BrowserPage) -> None:
    """Ask again, now with fewer addresses than there are proxies."""
    page.set_extra_http_headers({"X-Forwarded-For": "192.0.2.7"})
    page.reload()


def with_a_code(page: BrowserPage) -> None:
    """Sign in and give a code of the authenticator app."""
    sign_in(password=cast.PASSWORD, shows="Second factor")(page)
    press("Sign in", shows="cannot be read", code="123456")(page)


def _change(new: str) -> Act:
    def act(page: BrowserPage) -> None:
        old, *fresh = page.locator("input[type=password]").all()
        old.fill(cast.PASSWORD)
        for field in fresh:
            field.fill(new)
        page.get_by_role("button", name="Change password").click()
        expect(page.locator("body")).to_contain_text("too common")

    return act


SIGN_IN_PAGES = [
    anybody("account_login"),
    anybody("account_login", "with errors", act=sign_in(password="wrong", shows="do not belong together")),
    anybody("account_login", "too many attempts", act=refused_at_last),
    anybody("account_login", "in the sandbox", settings={"CAAS_SANDBOX": True}),
    anybody(
        "account_login",
        "second factor",
        arrange=_with_second_factor,
        act=sign_in(password=cast.PASSWORD, shows="Second factor"),
        lands="mfa_authenticate",
    ),
    anybody("account_signup"),
    anybody("account_inactive"),
    anybody("account_reset_password"),
    anybody("account_reset_password_done"),
    anybody("account_reset_password_from_key", arrange=_with_reset_link),
    anybody("account_reset_password_from_key", "useless link", arrange=_with_useless_link),
    anybody("account_reset_password_from_key_done"),
    one("account_logout"),
    one("account_reauthenticate", arrange=_not_recent),
    one("account_change_password"),
    one("account_change_password", "with errors", act=_change("password")),
    one("account_set_password", arrange=_without_password),
    one("mfa_index"),
    one("mfa_index", "with factors", has_factors=True),
    one("mfa_activate_totp"),
    one("mfa_activate_totp", "with errors", act=press("Turn on", shows="This code is not right", code="000000")),
    one("mfa_deactivate_totp", has_factors=True),
    one("mfa_view_recovery_codes", has_factors=True),
    one("mfa_generate_recovery_codes", has_factors=True),
    one("mfa_list_webauthn"),
    one("mfa_list_webauthn", "with a passkey", has_factors=True),
    one("mfa_add_webauthn"),
    one("mfa_edit_webauthn", has_factors=True),
    one("mfa_remove_webauthn", has_factors=True),
    one("mfa_reauthenticate", arrange=_not_recent),
    one("mfa_reauthenticate_webauthn", arrange=_not_recent),
    one("usersessions_list"),
    one("home", "of nobody's", arrange=_stranger),
]


def broken(*_: object) -> None:
    """Fail as no page should."""
    raise RuntimeError("A page failed on purpose.")


ERROR_PAGES = [
    one(
        "account_login",
        "too much asked",
        arrange=Scene,
        query="?a=1&b=2",
        settings={"DATA_UPLOAD_MAX_NUMBER_FIELDS": 1},
        status=400,
    ),
    anybody(
        "account_login",
        "from an unknown address",
        act=from_too_few_proxies,
        settings={"ALLAUTH_TRUSTED_PROXY_COUNT": 2},
        status=400,
    ),
    anybody(
        "account_login",
        "secret not readable",
        arrange=_with_factor_of_another_key,
        act=with_a_code,
        lands="mfa_authenticate",
        status=503,
    ),
    one("accounts:people", "role does not allow it", arrange=_as_member, status=403),
    anybody("mfa_login_webauthn", "too many attempts", arrange=after_many_challenges, status=429),
    anybody("account_login", "form no longer valid", act=without_its_token, status=403),
    one("subscriptions:my-subscription", "not there", arrange=_viewer_of_nothing, status=404),
]
