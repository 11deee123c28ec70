"""Two people edit one thing: the second to save is told what the first changed, and keeps what was typed."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.changeable import CALLS_AT_ONCE, SUPPORT_EMAIL
from accounts.models import Customer, User
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import RenewalMode
from subscriptions.selectors.prevalidations import renewal_mode
from tests import cast


@pytest.fixture
def first(reseller_admin: User) -> Client:
    return cast.sign_in(Client(), reseller_admin)


@pytest.fixture
def second(reseller_admin: User) -> Client:
    other = cast.make_user("berta@reseller.example", reseller_role="reseller_admin", name="Berta Boss")
    return cast.sign_in(Client(), other)


def shown(client: Client, url: str) -> dict[str, str]:
    """What a browser would send of a form as it is shown."""
    form = client.get(url).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields if name != "confirmed"}


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_a_customer(first: Client, second: Client, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    opened = shown(second, url)
    first.post(url, shown(first, url) | {"name": "Northwind Ltd", "notes": "Pays late."})

    response = second.post(url, opened | {"notes": "Pays early.", "reference": "K-7"})

    page = text_of(response)
    assert response.status_code == 200
    assert "Name: Ada Admin changed it from “Northwind Traders” to “Northwind Ltd”." in page
    assert "Notes: Ada Admin changed it from nothing to “Pays late.”." in page
    customer.refresh_from_db()
    assert (customer.name, customer.notes, customer.reference) == ("Northwind Ltd", "Pays late.", "")
    again = response.context["form"]
    kept = {name: str(again[name].value() or "") for name in again.fields}
    assert (kept["name"], kept["notes"], kept["reference"]) == ("Northwind Ltd", "Pays early.", "K-7")

    assert second.post(url, kept).status_code == 302
    customer.refresh_from_db()
    assert (customer.name, customer.notes, customer.reference) == ("Northwind Ltd", "Pays early.", "K-7")


def test_the_same_change_made_twice_is_none(first: Client, second: Client, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    opened = shown(second, url)
    first.post(url, shown(first, url) | {"reference": "K-7"})

    assert second.post(url, opened | {"reference": "K-7"}).status_code == 302


@pytest.mark.parametrize("version", ["", "forged", "e30:1abc:x"])
def test_what_nobody_has_signed_says_nothing(first: Client, customer: Customer, version: str) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])

    assert first.post(url, {"name": "Northwind Ltd", "version": version}).status_code == 302


@pytest.mark.parametrize("route", ["subscriptions:person-edit", "accounts:member-edit"])
def test_a_role(route: str, first: Client, customer: Customer, owner: User, member: User) -> None:
    url = reverse(route, args=[customer.code, member.code])
    theirs = reverse("subscriptions:person-edit", args=[customer.code, member.code])
    client = first if route.startswith("sub") else cast.sign_in(Client(), owner)
    opened = shown(client, url)
    first.post(theirs, shown(first, theirs) | {"role": "viewer"})

    response = client.post(url, opened | {"role": "owner"})

    assert "Role: Ada Admin changed it from “Member” to “Viewer”." in text_of(response)
    assert member.memberships.get().role == "viewer"
    assert client.post(url, shown(client, url) | {"role": "owner"}).status_code == 302
    assert member.memberships.get().role == "owner"


def test_a_prevalidation(first: Client, second: Client, prevalidation: Prevalidation) -> None:
    url = reverse("subscriptions:prevalidation-edit", args=[prevalidation.code])
    opened = shown(second, url)
    assert first.post(url, shown(first, url) | {"locality": "Berlin", "notes": "Ask Eva."}).status_code == 302

    response = second.post(url, opened | {"locality": "Bonn"})

    page = text_of(response)
    assert "Locality: Ada Admin changed it from nothing to “Berlin”." in page
    assert "Notes: Ada Admin changed it from nothing to “Ask Eva.”." in page
    prevalidation.refresh_from_db()
    assert prevalidation.locality == "Berlin"
    assert [response.context["form"][name].value() for name in ("locality", "notes")] == ["Bonn", "Ask Eva."]


def test_the_renewal_mode(first: Client, second: Client) -> None:
    url = reverse("subscriptions:renewal-mode")
    opened = shown(second, url)
    first.post(url, shown(first, url) | {"mode": "automatic"})

    response = second.post(url, opened | {"mode": "manual"})

    assert "Renewal mode: Ada Admin changed it from nothing to “Automatic”." in text_of(response)
    assert renewal_mode() == RenewalMode.AUTOMATIC


def test_the_settings(first: Client, second: Client) -> None:
    url = reverse("subscriptions:portal-settings")
    opened = shown(second, url)
    first.post(url, shown(first, url) | {"calls_at_once": "2", "support_email": "help@reseller.example"})

    response = second.post(url, opened | {"calls_at_once": "3"})

    assert "Calls at once: Ada Admin changed it from nothing to “2”." in text_of(response)
    assert CALLS_AT_ONCE.whole() == 2
    kept = response.context["form"]
    assert second.post(url, {name: str(kept[name].value() or "") for name in kept.fields}).status_code == 302
    assert (CALLS_AT_ONCE.whole(), SUPPORT_EMAIL.value()) == (3, "help@reseller.example")


def test_every_form_that_changes_a_row_looks_at_it(first: Client, customer: Customer, member: User) -> None:
    prevalidation = cast.make_prevalidation(customer)
    pages = [
        reverse("subscriptions:customer-edit", args=[customer.code]),
        reverse("subscriptions:person-edit", args=[customer.code, member.code]),
        reverse("subscriptions:prevalidation-edit", args=[prevalidation.code]),
        reverse("subscriptions:renewal-mode"),
        reverse("subscriptions:portal-settings"),
        reverse("subscriptions:subscription-edit", args=[cast.make_subscription(customer).code]),
        reverse("subscriptions:staff-edit", args=[cast.make_user(reseller_role="auditor").code]),
        reverse("accounts:profile"),
    ]
    assert [url for url in pages if 'name="version"' not in text_of(first.get(url))] == []
