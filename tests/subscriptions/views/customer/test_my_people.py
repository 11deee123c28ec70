"""The people of a customer, listed by its owner: searched, filtered, sorted, and as a file."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.roles import CustomerRole
from tests import cast


def address(customer: Customer, route: str = "my-people") -> str:
    return reverse(f"subscriptions:{route}", args=[customer.code])


def listed(client: Client, customer: Customer, **asked: str) -> list[User]:
    return [place.user for place in client.get(address(customer), asked).context["filter"].page.rows]


def lines_of(file: Any) -> list[str]:
    return b"".join(file.streaming_content).decode().splitlines()


def test_it_works(client: Client, owner: User, member: User, stranger: User, customer: Customer) -> None:
    page = cast.sign_in(client, owner).get(address(customer)).content.decode()

    assert member.email in page
    assert stranger.email not in page
    assert reverse("accounts:member-edit", args=[customer.code, member.code]) in page
    assert reverse("accounts:member-invite", args=[customer.code]) in page


def test_search_filter_and_order(client: Client, owner: User, member: User, viewer: User, customer: Customer) -> None:
    cast.sign_in(client, owner)

    assert listed(client, customer) == [member, owner, viewer]
    assert listed(client, customer, sort="-person") == [viewer, owner, member]
    assert listed(client, customer, q="MAX") == [member]
    assert listed(client, customer, role="viewer") == [viewer]
    assert listed(client, customer, q="nobody") == []


def test_the_file_holds_own_people_only(client: Client, owner: User, stranger: User, customer: Customer) -> None:
    url = address(customer, "my-people-export")
    cast.sign_in(client, owner)

    assert [line.split(",")[1] for line in lines_of(client.get(url))] == ["E-mail address", owner.email]
    chosen = lines_of(client.post(url, {"row": [str(owner.code), str(stranger.code)]}))
    assert [line.split(",")[1] for line in chosen] == ["E-mail address", owner.email]


@pytest.mark.parametrize("route", ["my-people", "my-people-export"])
@pytest.mark.parametrize(("role", "status"), [(CustomerRole.MEMBER, 403), (None, 404)])
def test_others_may_not(client: Client, customer: Customer, route: str, role: str | None, status: int) -> None:
    person = cast.make_user("pia@northwind.example")
    if role:
        cast.add_person(customer, person, CustomerRole(role))
    assert cast.sign_in(client, person).get(address(customer, route)).status_code == status
