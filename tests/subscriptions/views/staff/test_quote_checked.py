"""What was seen from outside of a quote's names, before the charge: warnings, live, and nothing held back by them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import NameCheck, Order, Quote, Subscription
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")

FINE = Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": ["192.0.2.1"]})
NO_NAME = Look(Topic.DNS, Outcome.PROBLEM, results.NO_NAME, {"missing": "www.example.org"})
FORBIDDEN = Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS, {"at": "example.com", "allowed": ["letsencrypt.org"]})
NO_SITE = Look(Topic.SERVED, Outcome.WARNING, results.SERVED_NOTHING)
NAMES = {"www.example.com": "95.00", "www.example.org": "95.00", "shop.example.net": "95.00"}


@pytest.fixture
def quote(subscription: Subscription) -> Quote:
    return cast.make_quote(subscription, NAMES)


def url(quote: Quote, route: str = "quote-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[quote.code])


def page_of(client: Client, quote: Quote, route: str = "quote-detail") -> str:
    return " ".join(client.get(url(quote, route)).content.decode().split())


def checked(quote: Quote, name: str, *looks: Look, state: str = "done") -> NameCheck:
    return NameCheck.objects.create(quote=quote, name=name, looks=[look.kept() for look in looks], state=state)


def test_it_works(staff_client: Client, quote: Quote) -> None:
    checked(quote, "www.example.com", FINE, FORBIDDEN)
    checked(quote, "www.example.org", NO_NAME, NO_SITE)
    checked(quote, "shop.example.net", FINE, NO_SITE)
    page = page_of(staff_client, quote)
    assert "3 of 3 names looked at." in page
    assert "The CAA records at example.com allow letsencrypt.org only." in page
    assert "There is no such name in the DNS: www.example.org." in page
    assert page.split("What was seen")[1].split("</section>")[0].count("shop.example.net") == 0
    assert url(quote, "quote-checked") not in page


def test_while_names_are_looked_at_the_quote_can_be_confirmed(
    staff_client: Client, quote: Quote, operator: User
) -> None:
    checked(quote, "www.example.com", FORBIDDEN)
    checked(quote, "www.example.org", state="running")
    page = page_of(staff_client, quote)
    assert "1 of 3 names looked at, the first 2 at most. The quote can be confirmed meanwhile." in page
    assert f'hx-get="{url(quote, "quote-checked")}"' in page
    staff_client.post(url(quote, "quote-confirm"), {"revision": quote.revision})
    assert Order.objects.filter(quote=quote).exists()


def test_the_part_follows_by_itself(staff_client: Client, quote: Quote) -> None:
    running = checked(quote, "www.example.com", state="running")
    version = staff_client.get(url(quote)).context["checks"].version
    part = url(quote, "quote-checked")
    assert staff_client.get(part, headers={"X-Seen": version}).status_code == 204
    NameCheck.objects.filter(pk=running.pk).update(state="done", looks=[FORBIDDEN.kept()])
    assert "letsencrypt.org only" in staff_client.get(part, headers={"X-Seen": version}).content.decode()


def test_it_asks_no_more_once_it_is_done_or_long_ago(staff_client: Client, quote: Quote) -> None:
    assert "hx-get" in page_of(staff_client, quote)  # the checks are about to begin
    checked(quote, "www.example.com", state="waiting")
    Quote.objects.update(priced_at=timezone.now() - timedelta(minutes=20))
    page = page_of(staff_client, quote)
    assert "0 of 3 names looked at" in page
    assert url(quote, "quote-checked") not in page


def test_it_says_that_nothing_was_found_or_looked_at(staff_client: Client, quote: Quote) -> None:
    Quote.objects.update(priced_at=timezone.now() - timedelta(minutes=2))
    assert "The names were not looked at." in page_of(staff_client, quote)
    for name in NAMES:
        checked(quote, name, FINE)
    assert "Nothing found that stops an order." in page_of(staff_client, quote)
    NameCheck.objects.update(looks=[Look(Topic.DNS, Outcome.OFF, results.OFF).kept()])
    assert "Not looked at: the portal may not reach out." in page_of(staff_client, quote)


def test_a_confirmed_or_expired_quote_shows_nothing_of_it(staff_client: Client, quote: Quote) -> None:
    checked(quote, "www.example.com", FORBIDDEN)
    Quote.objects.update(valid_until=timezone.now())
    assert "Seen from outside" not in page_of(staff_client, quote)
    assert page_of(staff_client, quote, "quote-checked") == ""


def test_of_many_warnings_the_first_are_shown(
    staff_client: Client, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    quote = cast.make_quote(subscription, {f"n{number}.example.com": "1.00" for number in range(40)})
    checked(quote, "n0.example.com", FORBIDDEN)
    few = count_queries(staff_client, url(quote))
    for number in range(1, 40):
        checked(quote, f"n{number}.example.com", FORBIDDEN)
    page = page_of(staff_client, quote)
    assert "And 15 more." in page
    assert count_queries(staff_client, url(quote)) == few


def test_a_misspelling_beside_what_the_customer_has_is_told(
    staff_client: Client, running_subscription: Subscription
) -> None:
    cast.make_domain(running_subscription, "www.northwind.com")
    names = {"shop.nrothwind.com": "95.00", "ww.northwind.com": "95.00", "shop.northwind.com": "95.00"}
    page = page_of(staff_client, cast.make_quote(running_subscription, names))
    assert page.count("is it spelt right?") == 2
    assert 'looks like <span class="name">northwind.com</span>' in page
    assert 'looks like <span class="name">www.northwind.com</span>' in page


def test_what_another_subscription_of_the_customer_has_is_told(
    staff_client: Client, subscription: Subscription, customer: Customer
) -> None:
    other = cast.make_subscription(customer)
    cast.make_domain(other, "www.example.com")
    page = page_of(staff_client, cast.make_quote(subscription, NAMES))
    assert f"also in another subscription of {customer}" in page
