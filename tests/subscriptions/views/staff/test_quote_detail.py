"""The page of a quote, and the part of it that follows the asking."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.kinds import EXTENDING
from subscriptions.models import Quote, QuoteLine, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

PRICES = {"*.example.com": "300.00", "www.example.org": "95.00", "bad.example.net": None}


def url_of(quote: Quote, route: str = "quote-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[quote.code])


def page_of(client: Client, quote: Quote) -> str:
    response = client.get(url_of(quote))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_works(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, PRICES)
    wildcard = quote.lines.get(name="*.example.com")
    QuoteLine.objects.filter(pk=wildcard.pk).update(names=["*.example.com", "example.com"])

    page = page_of(staff_client, quote)

    assert "Add 3 names – charge USD 395.00" in page
    assert 'free with it: <span class="name">example.com</span>' in page
    assert "The value of the &#x27;domainName&#x27; argument is invalid!" in page
    assert "Go back and correct the list" in page
    assert url_of(quote, "quote-lines") not in page


def test_one_name_without_charge_says_so(staff_client: Client, subscription: Subscription) -> None:
    assert "Add 1 name – no charge" in page_of(staff_client, cast.make_quote(subscription, {"example.com": "0.00"}))


def test_a_name_covered_by_another_is_explained(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, {"*.example.com": "300.00", "example.com": "1.00"})
    wildcard = quote.lines.get(name="*.example.com")
    quote.lines.filter(name="example.com").update(state="covered", covered_by=wildcard, cost=None)

    page = page_of(staff_client, quote)

    assert 'Typed, but not charged on its own: <span class="name">example.com</span> comes with' in page


@pytest.mark.parametrize("state", [Quote.State.QUEUED, Quote.State.PRICING])
def test_while_the_ca_is_asked_it_asks_again(staff_client: Client, subscription: Subscription, state: str) -> None:
    quote = cast.make_quote(subscription, PRICES, state=state)

    page = page_of(staff_client, quote)

    assert "0 of 3" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<meta http-equiv="refresh" content="3;url=?refreshed=1">' in page
    assert url_of(quote, "quote-confirm") not in page


def test_a_problem_on_the_way_is_shown_while_it_is_tried_again(
    staff_client: Client, subscription: Subscription
) -> None:
    quote = cast.make_quote(subscription, state=Quote.State.QUEUED, problem="The CA did not answer within 30 seconds.")

    assert "The CA did not answer within 30 seconds. It is tried again by itself" in page_of(staff_client, quote)


def test_of_many_names_the_first_stand_in_sight(staff_client: Client, subscription: Subscription) -> None:
    names = [f"{number}.example.com" for number in range(1, 13)]
    quote = cast.make_quote(subscription)
    extension: dict[str, Any] = {"kind": EXTENDING.name, "names": names, "arguments": {"years": 2}}
    quote.lines.update(name="", **extension)
    order = cast.make_order(quote)
    order.operations.update(domain_name="", **extension)

    for url in (url_of(quote), reverse("subscriptions:order-detail", args=[order.code])):
        in_sight, folded = staff_client.get(url).content.decode().split("<summary>and 2 more</summary>")
        assert [f">{name}<" in in_sight for name in names] == [True] * 10 + [False] * 2
        assert all(f">{name}<" in folded for name in names[10:])


def test_expired_it_offers_a_new_quote(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, valid_until=timezone.now() - timedelta(minutes=1))

    page = page_of(staff_client, quote)

    assert "These prices are no longer valid" in page
    assert f"{reverse('subscriptions:domain-add', args=[subscription.code])}?quote={quote.code}" in page
    assert "Get a new quote" in page
    assert url_of(quote, "quote-confirm") not in page


def test_confirmed_it_leads_to_its_order(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription))

    page = page_of(staff_client, order.quote)

    assert reverse("subscriptions:order-detail", args=[order.code]) in page
    assert url_of(order.quote, "quote-confirm") not in page


def test_without_any_price_it_offers_to_correct(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, {"bad.example.net": None})
    Quote.objects.update(state="refused", problem="The CA gave no price for any of the names.", totals={})

    page = page_of(staff_client, quote)

    assert "The CA gave no price for any of the names. Nothing was charged." in page
    assert url_of(quote, "quote-confirm") not in page


def test_a_name_of_another_customer_is_marked(staff_client: Client, subscription: Subscription) -> None:
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "www.example.com")

    assert "also in a subscription of Contoso" in page_of(staff_client, cast.make_quote(subscription))


def test_a_name_that_a_wildcard_covers_is_marked_and_priced(staff_client: Client, subscription: Subscription) -> None:
    cast.make_domain(subscription, "*.example.com")
    prices = {"*.example.org": "380.00", "www.example.com": "95.00", "www.example.org": "95.00", "example.org": "95.00"}
    quote = cast.make_quote(subscription, prices)

    page = staff_client.get(url_of(quote)).context["page"]

    assert [(shown.line.name, shown.wildcard) for part in page.parts for shown in part.priced] == [
        ("*.example.org", ""),
        ("www.example.com", "*.example.com"),
        ("www.example.org", "*.example.org"),
        ("example.org", ""),
    ]
    assert "covers it too" in page_of(staff_client, quote)


def test_an_auditor_cannot_confirm(auditor: User, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription)

    page = page_of(cast.sign_in(Client(), auditor), quote)

    assert url_of(quote, "quote-confirm") not in page
    assert "Your role does not confirm quotes." in page


def test_the_fragment_says_nothing_until_something_changes(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, PRICES, state=Quote.State.PRICING)
    seen = staff_client.get(url_of(quote)).context["page"].version

    same = staff_client.get(url_of(quote, "quote-lines"), headers={"X-Seen": seen})
    quote.lines.filter(name="www.example.org").update(state="priced")
    changed = staff_client.get(url_of(quote, "quote-lines"), headers={"X-Seen": seen})

    assert (same.status_code, changed.status_code) == (204, 200)
    assert "1 of 3" in changed.content.decode()


def test_the_fragment_stops_when_the_prices_are_there(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription)
    fragment = staff_client.get(url_of(quote, "quote-lines")).content.decode()

    assert url_of(quote, "quote-lines") not in fragment
    assert "<html" not in fragment
    assert "charge USD 95.00" in fragment


@pytest.mark.parametrize("route", ["quote-detail", "quote-lines"])
def test_queries_do_not_grow_with_rows(
    staff_client: Client, customer: Customer, count_queries: Any, route: str
) -> None:
    subscription = cast.make_subscription(customer)
    few, many = (
        cast.make_quote(subscription, {f"n{index}.example.com": "5.00" for index in range(number)})
        for number in (10, 1000)
    )

    assert count_queries(staff_client, url_of(few, route)) == count_queries(staff_client, url_of(many, route))


@pytest.mark.parametrize("route", ["quote-detail", "quote-lines"])
def test_access_and_wrong_method(
    subscription: Subscription, owner: User, stranger: User, auditor: User, route: str
) -> None:
    url = url_of(cast.make_quote(subscription), route)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(auditor, unknown(route)) == 404
    assert status_for(auditor, url, "post") == 405


def test_lines_are_left_out_and_put_back(staff_client: Client, subscription: Subscription, auditor: User) -> None:
    quote = cast.make_quote(subscription, {"a.example.com": "95.00", "b.example.org": "45.00"})
    page = page_of(staff_client, quote)
    assert 'aria-label="Leave out b.example.org"' in page
    assert "Leave out" not in page_of(cast.sign_in(Client(), auditor), quote)

    asked = {"line": "2", "revision": "0"}
    assert staff_client.post(url_of(quote, "quote-leave-out"), asked).status_code == 302

    page = page_of(staff_client, quote)
    assert "Add 1 name – charge USD 95.00" in page
    assert "Put back" in page
    assert 'name="revision" value="1"' in page
    assert "Leave out" not in page  # one line stays
    late = staff_client.post(url_of(quote, "quote-leave-out"), {"line": "1", "revision": "0"}, follow=True)
    assert "This quote was changed meanwhile." in late.content.decode()
    stale = staff_client.post(url_of(quote, "quote-confirm"), {"revision": "0"})
    assert stale.status_code == 409
    assert "This quote was changed meanwhile. Nothing was ordered" in stale.content.decode()
    staff_client.post(url_of(quote, "quote-put-back"), {"line": "2", "revision": "1"})
    quote.refresh_from_db()
    assert (quote.state, quote.lines.get(position=2).state) == ("queued", "pending")


def test_a_single_line_is_not_left_out(staff_client: Client, subscription: Subscription) -> None:
    assert "Leave out" not in page_of(staff_client, cast.make_quote(subscription))
