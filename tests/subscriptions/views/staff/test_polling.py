"""Parts of a page that ask again by themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from subscriptions.models import Subscription
from tests import cast


@pytest.mark.parametrize("route", ["subscription-status", "quote-lines", "order-progress"])
def test_signed_out_meanwhile_the_page_reloads_itself(subscription: Subscription, client: Client, route: str) -> None:
    order = cast.make_order(cast.make_quote(subscription))
    code = {"subscription-status": subscription.code, "quote-lines": order.quote.code}.get(route, order.code)
    url = reverse(f"subscriptions:{route}", args=[code])

    by_htmx, by_hand = client.get(url, headers={"HX-Request": "true"}), client.get(url)

    assert (by_htmx.status_code, by_htmx["HX-Refresh"], by_htmx.content) == (200, "true", b"")
    assert by_hand.status_code == 302
