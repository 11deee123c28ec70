"""A NUL byte in a query is refused before any database sees it."""

import pytest
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize("route", ["subscriptions:customer-list", "subscriptions:order-list", "account_login"])
def test_it_is_a_bad_request(staff_client: Client, route: str) -> None:
    url = reverse(route)
    assert staff_client.get(f"{url}?q=a%00b").status_code == 400
    assert staff_client.get(f"{url}?q=a%20b", follow=True).status_code == 200
