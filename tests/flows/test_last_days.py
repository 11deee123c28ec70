"""The last day of a term reads the same in a browser anywhere; a certificate ends by the reader's clock."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Customer, User
from subscriptions.models import Domain
from tests import cast
from tests.flows.screen import Screen
from tests.portal import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EXPIRY = cast.utc(2028, 11, 24, 23, 59) + timedelta(seconds=59)
PLACES = {"Asia/Tokyo": "25 Nov 2028", "Europe/Berlin": "25 Nov 2028", "America/Los_Angeles": "24 Nov 2028"}


def test_a_term_ends_on_the_same_day_everywhere(
    screen: Screen, live_server: LiveServer, customer: Customer, owner: User, operator: User
) -> None:
    subscription = cast.make_subscription(customer, expires_at=EXPIRY)
    name: Domain = cast.make_domain(subscription, "example.com")
    cast.make_certificate(name, valid_until=EXPIRY)
    pages = {
        reverse("subscriptions:subscription-list"): operator,
        reverse("subscriptions:subscription-detail", args=[subscription.code]): operator,
        reverse("subscriptions:my-home"): owner,
        reverse("subscriptions:my-subscription", args=[subscription.code]): owner,
    }
    sessions = {user: browsing.session_of(user) for user in (operator, owner)}

    for place, ends in PLACES.items():
        for user in (operator, owner):
            with screen.window(live_server.url, sessions[user], timezone_id=place) as window:
                for path in [path for path, viewer in pages.items() if viewer == user]:
                    window.open(path)
                    shown = window.do(days_of)
                    assert shown["last"] == {"24 Nov 2028"}, (place, path)
                    assert shown["instants"] <= {ends}, (place, path)
        assert shown["instants"] == {ends}  # the customer's page has the certificate


def days_of(page: Page) -> dict[str, set[str]]:
    """What stands for the day of the expiry: as a day, and as the day of an instant."""
    return {
        "last": set(page.locator("time[datetime='2028-11-24']").all_inner_texts()),
        "instants": set(page.locator("time[datetime^='2028-11-24T']").all_inner_texts()),
    }
