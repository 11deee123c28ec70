"""Parts of a page that ask again by themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Subscription
from tests import cast


@pytest.mark.parametrize("route", ["subscription-status", "quote-lines", "order-progress"])
def test_signed_out_meanwhile_the_page_stays(subscription: Subscription, client: Client, route: str) -> None:
    order = cast.make_order(cast.make_quote(subscription))
    code = {"subscription-status": subscription.code, "quote-lines": order.quote.code}.get(route, order.code)
    url = reverse(f"subscriptions:{route}", args=[code])

    by_htmx, by_hand = client.get(url, headers={"HX-Request": "true"}), client.get(url)

    assert (by_htmx.status_code, by_htmx["X-Part"], by_htmx.content) == (401, "yes", b"")
    assert "HX-Refresh" not in by_htmx
    assert by_hand.status_code == 302


@pytest.mark.parametrize("route", ["domain-check", "customer-options", "prevalidation-options"])
def test_so_does_one_that_is_typed_into(subscription: Subscription, route: str) -> None:
    args = [subscription.code] if route == "domain-check" else []
    url = reverse(f"subscriptions:{route}", args=args)
    send = Client(headers={"HX-Request": "true"})

    answer = send.post(url, {"names": "example.com"}) if args else send.get(url)

    assert (answer.status_code, answer["X-Part"]) == (401, "yes")


def test_an_answer_says_that_it_is_the_portals(staff_client: Client, subscription: Subscription) -> None:
    url = reverse("subscriptions:subscription-status", args=[subscription.code])

    assert staff_client.get(url, headers={"HX-Request": "true"})["X-Part"] == "yes"
    assert "X-Part" not in staff_client.get(url)


def test_the_token_of_another_session_is_told_to_the_same_browser(operator: User, subscription: Subscription) -> None:
    """Signed in again in another tab: the script of the page takes it, and asks once more."""
    url = reverse("subscriptions:domain-check", args=[subscription.code])
    browser = cast.sign_in(Client(enforce_csrf_checks=True, headers={"HX-Request": "true"}), operator)

    refused = browser.post(url, {"names": "example.com", "csrfmiddlewaretoken": "x" * 64})

    assert (refused.status_code, refused["X-Person"]) == (403, str(operator.code))
    renewed = {"names": "example.com", "csrfmiddlewaretoken": refused["X-Form-Token"]}
    assert browser.post(url, renewed).status_code == 200
    stranger = Client(enforce_csrf_checks=True, headers={"HX-Request": "true"})
    assert "X-Form-Token" not in stranger.post(url, {"names": "example.com"})


def test_a_page_that_answered_a_form_is_loaded_again(admin_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription))
    url = reverse("subscriptions:order-decide", args=[order.code])

    by_browser = admin_client.get(url, headers={"Accept": "text/html,*/*;q=0.8"})

    assert by_browser["Location"] == reverse("subscriptions:order-detail", args=[order.code])
    assert admin_client.get(url).status_code == 405
