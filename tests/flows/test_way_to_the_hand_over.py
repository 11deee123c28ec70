"""From nothing to a hand-over that only waits for the invited person: at most ten clicks."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Invitation, Mail, User
from accounts.services import accept_invitation
from subscriptions.models import Operation, Quote, QuoteLine, Subscription
from tests import cast
from tests.flows.screen import Screen, Window
from tests.portal import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_CLICKS = 10
NAME = "www.example.com"


class Hand:
    """A person's hand on the mouse: every button, link and box counts; text fields are reached by the Tab key."""

    def __init__(self, window: Window) -> None:
        self.window, self.clicks = window, 0

    def click(self, find: Any) -> None:
        """Click what `find` gives of the page."""

        def press(page: Page) -> None:
            found: Locator = find(page)
            found.click()

        self.window.do(press)
        self.clicks += 1

    def button(self, name: str) -> None:
        """Click a button."""
        self.click(lambda page: page.get_by_role("button", name=re.compile(name)).first)

    def link(self, name: str) -> None:
        """Click a link."""
        self.click(lambda page: page.locator("#content").get_by_role("link", name=name, exact=True).first)

    def type(self, field: str, text: str) -> None:
        """Type into a field."""
        self.window.do(lambda page: page.locator(f"[name={field}]").fill(text))

    def see(self, text: str) -> None:
        """Wait for what the page says."""
        self.window.do(lambda page: expect(page.locator("#content")).to_contain_text(text))


def make_account() -> None:
    """The CA makes the ACME account."""
    made = Subscription.objects.get()
    cast.make_binding(made)
    Operation.objects.update(state="succeeded", finished_at=timezone.now())
    Subscription.objects.update(creation="created")


def give_price() -> None:
    """The CA gives the price."""
    now = timezone.now()
    QuoteLine.objects.update(state="priced", cost=Decimal(95), currency="USD", names=[NAME], quoted_at=now)
    Quote.objects.update(state="ready", totals={"USD": "95.00"}, priced_at=now, valid_until=now + timedelta(hours=1))


def add_names() -> None:
    """The CA adds the name."""
    subscription = Subscription.objects.get()
    cast.make_domain(subscription, NAME)
    Operation.objects.update(state="succeeded", finished_at=timezone.now(), charged=95, charged_currency="USD")
    Subscription.objects.update(expires_at=timezone.now() + timedelta(days=365))


def test_ten_clicks_are_enough(
    screen: Screen, live_server: LiveServer, operator: User, settings: Any, no_broker: list[Any]
) -> None:
    settings.STAFF_MFA_REQUIRED = False
    cast.make_server("DV")
    cast.make_server("OV")
    cast.open_gate()
    with screen.window(live_server.url, browsing.session_of(operator)) as window:
        hand = Hand(window)
        window.open(reverse("subscriptions:dashboard"))

        hand.link("New ACME account")
        hand.type("customer", "Fabrikam")
        hand.click(lambda page: page.get_by_label("A new customer of this name"))
        hand.type("contact_email", "fay@fabrikam.example")
        hand.click(lambda page: page.locator(".choice-card", has_text="/v2/DV"))
        hand.button("Create ACME account")
        hand.see("Being created")
        make_account()
        hand.link("Add names")  # the page has become ready by itself
        hand.type("names", NAME)
        hand.button("Get a quote")
        hand.see("Asking the CA for prices")
        give_price()
        hand.button("charge USD 95.00")
        window.do(lambda page: page.wait_for_url("**/staff/orders/**"))
        add_names()
        hand.link("Hand over")
        hand.button("Invite, and hand over when they accept")
        hand.see("Handed over when they accept")
        ends_at = window.path()

    assert hand.clicks <= MOST_CLICKS, hand.clicks
    subscription = Subscription.objects.get()
    assert ends_at == reverse("subscriptions:subscription-detail", args=[subscription.code])
    accept_invitation(invitation=Invitation.objects.get(), name="Fay", password=cast.PASSWORD)
    assert [mail.address for mail in Mail.objects.filter(notice="handover")] == ["fay@fabrikam.example"]
