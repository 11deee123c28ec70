"""Passkeys in a real browser, on http://localhost as `make run` advertises it: one is added, and signs in."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import AuditEvent, User
from subscriptions.models import Subscription
from tests import cast
from tests.flows.screen import Screen, Window
from tests.flows.sign_in_pages import after_many_challenges
from tests.portal import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def server(live_server: LiveServer, settings: Any) -> str:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # as under DEBUG, which `make run` sets
    assert live_server.url.startswith("http://localhost:")
    return live_server.url


def plug_in_authenticator(window: Window, page: Page) -> None:
    """A security key made of software, which answers by itself (Chromium's virtual authenticator)."""
    session = window.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def add_passkey(page: Page) -> None:
    page.get_by_label("Name").fill("Laptop")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(lambda url: "/auth/2fa/webauthn/add" not in url)


def sign_out(page: Page) -> None:
    page.goto(page.url.split("/auth/")[0] + reverse("account_logout"))
    page.get_by_role("button", name="Sign out", exact=True).last.click()
    page.wait_for_url(lambda url: "/auth/logout" not in url)


def sign_in_with_passkey(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/auth/" not in url)


def test_a_passkey_is_added_and_signs_in(
    screen: Screen, server: str, owner: User, running_subscription: Subscription, no_broker: list[Any]
) -> None:
    with screen.window(server, browsing.session_of(owner)) as window:
        window.do(lambda page: plug_in_authenticator(window, page))
        window.open(reverse("mfa_add_webauthn"))
        window.do(add_passkey)
        assert Authenticator.objects.filter(user=owner, type="webauthn").count() == 1

        window.do(sign_out)
        home = server + reverse("account_login")
        window.do(lambda page: sign_in_with_passkey(page, home))
        assert window.path().startswith("/my/")

        window.open(reverse("subscriptions:my-subscription", args=[running_subscription.code]))
        window.do(lambda page: page.get_by_role("button", name="Reveal").first.click())
        window.do(lambda page: expect(page.get_by_text(cast.HMAC_KEY).first).to_be_visible())
        assert window.complaints == []
    assert AuditEvent.objects.filter(action="key.revealed", actor_code=owner.code).count() == 1


def test_an_ip_address_is_told_apart(screen: Screen, live_server: LiveServer, settings: Any) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    with screen.window(live_server.url.replace("localhost", "127.0.0.1")) as window:
        window.do(lambda page: plug_in_authenticator(window, page))
        window.open(reverse("account_login"))
        window.do(lambda page: page.get_by_role("button", name="Sign in with a passkey").click())
        port = live_server.url.rpartition(":")[2]
        told = f"Open the portal by its name, such as http://localhost:{port} on this machine."
        window.do(lambda page: expect(page.get_by_text(told)).to_be_visible())


def test_who_gets_no_challenge_is_told_to_wait(screen: Screen, server: str, no_broker: list[Any]) -> None:
    after_many_challenges()
    with screen.window(server) as window:
        window.open(reverse("account_login"))
        window.do(lambda page: page.get_by_role("button", name="Sign in with a passkey").click())
        window.do(lambda page: expect(page.get_by_text("cannot be used for a minute")).to_be_visible())
