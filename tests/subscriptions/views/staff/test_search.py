"""The field that searches everything: what each sort is found by, what leads straight there, and by which indexes."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.models import Domain, Prevalidation, Subscription
from tests import cast
from tests.policy.test_plans import LEDGER, NAMES, scans_of
from tests.subscriptions.views.staff.access_checks import status_for

pytestmark = pytest.mark.servers

URL = reverse("subscriptions:search")


def found(client: Client, text: str, url: str = URL) -> dict[str, list[str]]:
    """Give what is found, by the title of its group."""
    page = client.get(url, {"q": text})
    assert page.status_code == 200
    return {group.title: [hit.title for hit in group.hits] for group in page.context["results"].groups}


def leads_to(client: Client, text: str, url: str = URL) -> str:
    answer = client.get(url, {"q": text})
    assert answer.status_code == 302
    return str(answer["Location"])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("shop", ["shop.eu.northwind.example", "www.shop.northwind.example"]),
        ("eu.north", ["shop.eu.northwind.example"]),
        ("northwind.ex", ["shop.eu.northwind.example", "www.shop.northwind.example"]),
        ("hop", []),
        ("BÜCHER", ["xn--bcher-kva.example"]),
        ("xn--bcher", ["xn--bcher-kva.example"]),
        ("100%", []),
        ("_", []),
    ],
)
def test_names_are_found_by_how_a_label_begins(
    staff_client: Client, subscription: Subscription, text: str, names: list[str]
) -> None:
    for name in ("www.shop.northwind.example", "shop.eu.northwind.example", "xn--bcher-kva.example"):
        cast.make_domain(subscription, name)

    assert found(staff_client, text).get("Names", []) == names


def test_a_whole_name_leads_to_it(staff_client: Client, subscription: Subscription) -> None:
    cast.make_domain(subscription, "xn--bcher-kva.example")
    cast.make_domain(subscription, "www.xn--bcher-kva.example")

    there = reverse("subscriptions:name-list", args=[subscription.code], query={"q": "xn--bcher-kva.example"})
    assert leads_to(staff_client, "bücher.example") == there
    assert leads_to(staff_client, " XN--bcher-kva.example ") == there


def test_a_name_that_two_have_is_shown_with_both(staff_client: Client, subscription: Subscription) -> None:
    other = cast.make_subscription(cast.make_customer("Contoso"))
    for one in (subscription, other):
        cast.make_domain(one, "example.com")

    assert found(staff_client, "example.com")["Names"] == ["example.com", "example.com"]


def test_a_removed_name_is_found_after_the_others(staff_client: Client, subscription: Subscription) -> None:
    cast.make_domain(subscription, "a.example.com", removed_at=cast.utc(2026, 3, 5))
    cast.make_domain(subscription, "b.example.com")

    assert found(staff_client, "example.com")["Names"] == ["b.example.com", "a.example.com"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("wind", ["Northwind Traders"]),
        ("k-7", ["Northwind Traders"]),
        ("olga@", []),
        ("owner@north", ["Northwind Traders"]),
        ("Müller", ["Muller GmbH"]),
        ("N\u043erthwind", ["Northwind Traders"]),  # a Cyrillic o
        ("muller", ["Muller GmbH"]),
    ],
)
def test_customers_are_found_by_what_looks_alike(
    staff_client: Client, customer: Customer, owner: User, text: str, names: list[str]
) -> None:
    Customer.objects.filter(pk=customer.pk).update(reference="K-77")
    cast.make_customer("Muller GmbH")

    assert found(staff_client, text).get("Customers", []) == names


def test_what_is_typed_whole_leads_there(
    admin_client: Client, customer: Customer, subscription: Subscription, prevalidation: Prevalidation
) -> None:
    order = cast.make_order(cast.make_quote(subscription))
    operation = order.operations.get()
    cast.end_operation(operation, "succeeded", ca_order_number=4_711_000)
    account = cast.make_unassigned("nobodys-key")

    def page(route: str, row: object) -> str:
        return reverse(f"subscriptions:{route}", args=[row.code])  # type: ignore[attr-defined]  # of several models

    assert leads_to(admin_client, "northwind traders") == page("customer-detail", customer)
    assert leads_to(admin_client, subscription.binding.eab_key_id) == page("subscription-detail", subscription)
    assert leads_to(admin_client, "4711000") == page("operation-detail", operation)
    assert leads_to(admin_client, order.number.lower()) == page("order-detail", order)
    assert leads_to(admin_client, f"#{order.quote.number}") == page("quote-detail", order.quote)
    assert leads_to(admin_client, prevalidation.ov_anchor_order_number) == page("prevalidation-detail", prevalidation)
    assert leads_to(admin_client, "nobodys-key") == page("account-detail", account)


def test_a_number_without_its_letter_is_found_too(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription))

    assert order.number in found(staff_client, order.number[2:])["Numbers"]


def test_unassigned_accounts_are_for_those_who_may_judge_them(staff_client: Client, admin_client: Client) -> None:
    cast.make_unassigned("nobodys-key-1")

    assert found(staff_client, "nobodys") == {}
    assert found(admin_client, "nobodys") == {"Unassigned ACME accounts": ["nobodys-key-1"]}


@pytest.mark.parametrize(
    "text", ["", " ", "9" * 40, "Q-999999999999999", "\N{KHMER VOWEL INHERENT AQ}", "%", "٣", "x" * 400]
)
def test_anything_can_be_typed(staff_client: Client, customer: Customer, text: str) -> None:
    assert staff_client.get(URL, {"q": text}).status_code == 200


def test_what_is_found_is_bounded(staff_client: Client, subscription: Subscription) -> None:
    Domain.objects.bulk_create(Domain(subscription=subscription, name=f"host{one}.example.com") for one in range(50))
    page = staff_client.get(URL, {"q": "example.com"})
    [group] = page.context["results"].groups

    assert (len(group.hits), group.has_more) == (8, True)
    assert reverse("subscriptions:subscription-list") + "?q=example.com" in page.content.decode()


def test_people_are_found_by_name_or_address(
    staff_client: Client, admin_client: Client, customer: Customer, owner: User, operator: User
) -> None:
    other = cast.make_customer("Wingtip Toys")
    cast.add_person(other, owner)

    assert found(staff_client, "olga own")["People"] == ["Olga Owner", "Olga Owner"]
    assert found(staff_client, "OWNER@north")["People"] == ["Olga Owner", "Olga Owner"]
    page = staff_client.get(URL, {"q": "olga"}).content.decode()
    for one in (customer, other):
        assert reverse("subscriptions:person-list", args=[one.code], query={"q": owner.email}) in page
    assert "People" not in found(staff_client, "otto")
    assert found(admin_client, "otto")["People"] == [operator.name]


def test_requests_under_way_are_found_by_their_names(
    staff_client: Client, subscription: Subscription, owner: User
) -> None:
    cast.make_request(subscription, "wanted.northwind.example", created_by=owner)
    cast.make_request(subscription, "wanted.northwind.example", created_by=owner, state="done")

    assert found(staff_client, "wanted.north")["Requests"] == ["Add 1 name"]
    assert found(staff_client, owner.email)["Requests"] == ["Add 1 name"]
    assert "Requests" not in found(staff_client, "unwanted")


def test_it_is_found_by_indexes(staff_client: Client, subscription: Subscription) -> None:
    Domain.objects.bulk_create(Domain(subscription=subscription, name=f"host{one}.example.com") for one in range(50))
    for text in ("host1", "4711000", "O-1001"):
        staff_client.get(URL, {"q": text})
        with CaptureQueriesContext(connection) as captured:
            staff_client.get(URL, {"q": text})
        statements = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
        scans = [step for one in statements for table in (LEDGER, NAMES) for step in scans_of(table, one)]
        assert scans == []
        assert [one for one in statements if re.search(rf'FROM "({NAMES})"', one) and "LIMIT" not in one] == []


def test_access_and_wrong_method(owner: User, stranger: User, auditor: User) -> None:
    assert status_for(None, URL) == 302
    assert status_for(stranger, URL) == 404
    assert status_for(owner, URL) == 404
    assert status_for(auditor, URL) == 200
    assert status_for(auditor, URL, "post") == 405
