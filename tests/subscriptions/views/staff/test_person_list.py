"""The people of a customer, listed by staff: searched, filtered, sorted, paged, and as a file."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from accounts.roles import CustomerRole
from subscriptions.lists.paging import PER_PAGE
from tests import cast


def address(customer: Customer, route: str = "person-list") -> str:
    return reverse(f"subscriptions:{route}", args=[customer.code])


def listed(client: Client, customer: Customer, **asked: str) -> list[User]:
    return [place.user for place in client.get(address(customer), asked).context["filter"].page.rows]


def text_of(file: Any) -> str:
    return b"".join(file.streaming_content).decode()


def test_it_works(staff_client: Client, customer: Customer, owner: User, member: User, stranger: User) -> None:
    page = staff_client.get(address(customer)).content.decode()

    assert owner.email in page
    assert member.email in page
    assert stranger.email not in page
    for route in ("person-edit", "person-remove"):
        assert reverse(f"subscriptions:{route}", args=[customer.code, member.code]) in page
    assert address(customer) in staff_client.get(reverse("subscriptions:customer-detail", args=[customer.code])).text


def test_an_auditor_changes_nothing(client: Client, auditor: User, customer: Customer, member: User) -> None:
    page = cast.sign_in(client, auditor).get(address(customer)).content.decode()

    assert member.email in page
    assert reverse("subscriptions:person-edit", args=[customer.code, member.code]) not in page
    assert reverse("subscriptions:person-invite", args=[customer.code]) not in page


def test_search_filter_and_order(staff_client: Client, customer: Customer, owner: User, member: User) -> None:
    old = cast.add_person(customer, cast.make_user("zoe@northwind.example", name="Zoe Zimmer"))
    type(old).objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=400))

    assert listed(staff_client, customer) == [member, owner, old.user]
    assert listed(staff_client, customer, sort="-person") == [old.user, owner, member]
    assert listed(staff_client, customer, sort="created_at")[0] == old.user
    assert listed(staff_client, customer, q="zimmer") == [old.user]
    assert listed(staff_client, customer, q="ZOE@") == [old.user]
    assert listed(staff_client, customer, role="owner") == [owner]
    last_year = (timezone.now() - timedelta(days=365)).date().isoformat()
    assert listed(staff_client, customer, until=last_year) == [old.user]


@pytest.mark.parametrize(
    ("query", "is_open"), [("", False), ("?q=x&sort=-person", False), ("?role=owner", True), ("?since=nonsense", True)]
)
def test_filters_are_unfolded_where_one_is_set(
    staff_client: Client, customer: Customer, query: str, is_open: bool, owner: User
) -> None:
    page = staff_client.get(address(customer) + query).content.decode()
    assert ('<details class="filter-more" open>' in page) is is_open


def test_pages_by_key(staff_client: Client, customer: Customer) -> None:
    people = [cast.make_user(f"p{number:02}@northwind.example") for number in range(PER_PAGE + 2)]
    for person in people:
        cast.add_person(customer, person)

    first = staff_client.get(address(customer)).context["filter"].page
    assert [place.user for place in first.rows] == people[:PER_PAGE]
    assert listed(staff_client, customer, after=str(first.last)) == people[PER_PAGE:]
    assert listed(staff_client, customer, jump="p26") == people[26:]


def test_the_file(staff_client: Client, customer: Customer, owner: User, member: User) -> None:
    place = customer.memberships.get(user=member)
    place.is_limited = True
    place.save()
    place.subscriptions.set([cast.make_subscription(customer, label="Shop")])
    url = address(customer, "person-export")

    lines = text_of(staff_client.get(url)).splitlines()
    assert lines[0] == "\ufeffName,E-mail address,Role,Sees,Since (UTC)"
    assert [line.rpartition(",")[0] for line in lines[1:]] == [
        "Max Member,member@northwind.example,Member,Shop",
        "Olga Owner,owner@northwind.example,Owner,all subscriptions",
    ]
    chosen = text_of(staff_client.post(url, {"row": str(owner.code)})).splitlines()
    assert [line.split(",")[0] for line in chosen[1:]] == ["Olga Owner"]
    assert staff_client.post(url)["Location"].startswith(address(customer))


def test_as_many_statements_for_many(staff_client: Client, customer: Customer, owner: User, count_queries: Any) -> None:
    few = count_queries(staff_client, address(customer))
    for number in range(40):
        cast.add_person(customer, cast.make_user(f"m{number}@northwind.example"), CustomerRole.VIEWER)
    assert count_queries(staff_client, address(customer)) <= few + 2  # what stands on two pages more
