"""The list of a subscription's names, and of those removed: search, filters, order, CSV."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import AcmeServer, Domain, Operation, Prevalidation, Subscription, Transaction
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(subscription: Subscription, route: str = "name-list") -> str:
    return reverse(f"subscriptions:{route}", args=[subscription.code])


def listed(client: Client, subscription: Subscription, route: str = "name-list", **query: str) -> list[str]:
    response = client.get(url_of(subscription, route), query)
    assert response.status_code == 200
    return [row.record.name for row in response.context["table"].rows]


def file_of(client: Client, subscription: Subscription, route: str, **query: str) -> list[list[str]]:
    response = client.get(url_of(subscription, route), query)
    assert isinstance(response, StreamingHttpResponse)
    return list(csv.reader(StringIO(response.getvalue().decode().removeprefix("\ufeff"), newline="")))


def bought(subscription: Subscription, name: str, price: str = "95.00", *, days_ago: int = 1) -> Domain:
    operation = cast.make_order(cast.make_quote(subscription, {name: price})).operations.get()
    cast.end_operation(operation, "succeeded", charged=price, charged_currency="USD")
    added_at = timezone.now() - timedelta(days=days_ago)
    return cast.make_domain(subscription, name, operation=operation, added_at=added_at)


@pytest.fixture
def shop(customer: Customer, server_dv: AcmeServer) -> Subscription:
    """Names of every sort: paid with a companion, paid long ago, a wildcard, and one of other letters."""
    expires_at = timezone.now() + timedelta(days=300)
    subscription = cast.make_subscription(customer, server_dv, label="Shop", expires_at=expires_at)
    paid = bought(subscription, "example.com", "95.00")
    free = cast.make_domain(subscription, "www.example.com", operation=paid.operation, companion_of=paid)
    Domain.objects.filter(pk=free.pk).update(is_free=True)
    bought(subscription, "*.old.example.com", "380.00", days_ago=40)
    cast.make_certificate(bought(subscription, "xn--bcher-kva.example.com", "20.00", days_ago=10))
    return subscription


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, ["Add names", "Replace", "Remove"]),
        ({"account_state": "suspended"}, ["Remove"]),
        ({"expires_at": timezone.now() - timedelta(days=3)}, ["Remove"]),
        ({"expires_at": timezone.now() - timedelta(days=60)}, ["Add names"]),
    ],
    ids=["running", "suspended", "lapsed", "over for good"],
)
def test_what_cannot_be_done_is_not_offered(
    staff_client: Client, shop: Subscription, fields: dict[str, Any], offered: list[str]
) -> None:
    Subscription.objects.filter(pk=shop.pk).update(**fields)
    page = staff_client.get(url_of(shop)).content.decode()
    assert [word for word in ("Add names", "Replace", "Remove") if f">{word}<" in page] == offered
    old = shop.domains.get(name="example.com")
    replacing = reverse("subscriptions:name-replace", args=[shop.code, old.code])
    assert ("Get a quote" in staff_client.get(replacing).content.decode()) == ("Replace" in offered)


def test_it_works(staff_client: Client, shop: Subscription) -> None:
    page = " ".join(staff_client.get(url_of(shop)).content.decode().split())

    assert 'comes with <span class="name">example.com</span>' in page
    assert 'free with it: <span class="name">www.example.com</span>' in page
    assert "Wildcard" in page
    assert "380.00" in page
    assert "No longer" in page  # is refundable
    assert "Current" in page
    assert f'href="{url_of(shop, "name-export")}?"' in page
    assert "Remove the chosen names" in page


def test_search_filters_and_order(staff_client: Client, shop: Subscription) -> None:
    old, idn, paid, free = "*.old.example.com", "xn--bcher-kva.example.com", "example.com", "www.example.com"

    assert listed(staff_client, shop) == [old, paid, free, idn]
    assert listed(staff_client, shop, q="bücher") == [idn]
    assert listed(staff_client, shop, type="wildcard") == [old]
    assert listed(staff_client, shop, type="fqdn", sort="-name") == [idn, free, paid]
    assert listed(staff_client, shop, price="free") == [free]
    assert listed(staff_client, shop, price="paid", sort="-price") == [old, paid, idn]
    assert listed(staff_client, shop, price="refundable", sort="refundable") == [idn, paid]
    assert listed(staff_client, shop, certificate="current") == [idn]
    assert listed(staff_client, shop, certificate="never_issued") == [old, paid, free]
    assert listed(staff_client, shop, certificate="expired") == []
    assert listed(staff_client, shop, sort="added_at", price="paid") == [old, idn, paid]


def test_an_order_by_organization_is_for_types_that_show_one(
    staff_client: Client, shop: Subscription, server_ov: AcmeServer
) -> None:
    for server, offered in ((shop.server, False), (server_ov, True)):
        Subscription.objects.filter(pk=shop.pk).update(server=server)
        assert ("Organization, A to Z" in staff_client.get(url_of(shop)).content.decode()) is offered


def test_the_file_holds_what_is_listed(staff_client: Client, shop: Subscription) -> None:
    heading, *lines = file_of(staff_client, shop, "name-export", q="example.com", sort="-price", type="fqdn")

    by_name = {line[1]: dict(zip(heading, line, strict=True)) for line in lines}
    assert [line[1] for line in lines if line[6]] == ["example.com", "xn--bcher-kva.example.com"]
    assert by_name["xn--bcher-kva.example.com"]["Name"] == "bücher.example.com"
    assert by_name["xn--bcher-kva.example.com"]["Certificate"] == "Current"
    paid, free = by_name["example.com"], by_name["www.example.com"]
    assert (paid["Price"], paid["Price paid"], paid["Currency"], paid["Brings"]) == (
        "paid", "95.00", "USD", "www.example.com",
    )  # fmt: skip
    last = (timezone.now() + timedelta(days=28)).date().isoformat()
    assert (paid["Refundable until"], free["Refundable until"]) == (last, "")
    assert (free["Price"], free["Price paid"], free["Comes with"]) == ("free", "", "example.com")


def test_what_is_under_way_is_told_and_cannot_be_chosen(
    staff_client: Client, shop: Subscription, operator: User
) -> None:
    code = shop.domains.get(name="*.old.example.com").code
    staff_client.post(
        url_of(shop, "name-remove"), {"name": str(code), "seen": _seen(staff_client, shop, "*.old.example.com")}
    )

    page = staff_client.get(url_of(shop)).content.decode()

    assert "A name is being removed" in page
    assert f'value="{code}"' not in page
    assert 'http-equiv="refresh"' in page
    operation = shop.operations.get(takes_away=True)
    assert reverse("subscriptions:operation-detail", args=[operation.code]) in page
    version = staff_client.get(url_of(shop)).context["work"].version
    same = staff_client.get(url_of(shop, "name-status"), headers={"X-Seen": version})
    assert same.status_code == 204
    cast.end_operation(operation, Operation.State.SUCCEEDED)
    changed = staff_client.get(url_of(shop, "name-status"), headers={"X-Seen": version})
    assert changed.headers["HX-Refresh"] == "true"


def _seen(client: Client, subscription: Subscription, *names: str) -> str:
    codes = [str(domain.code) for domain in subscription.domains.filter(name__in=names)]
    seen: str = client.get(url_of(subscription, "name-remove"), {"name": codes}).context["removal"].version
    return seen


def test_removed_names_stay_with_what_came_back(staff_client: Client, shop: Subscription, operator: User) -> None:
    removal = Operation.objects.create(
        kind="remove_domain", subscription=shop, binding=shop.binding, state="succeeded", created_by=operator,
        domain_name="example.com", names=["example.com", "www.example.com"], takes_away=True,
    )  # fmt: skip
    now = timezone.now()
    shop.domains.filter(name__in=removal.names).update(removed_at=now, removal=removal)
    shop.domains.filter(name="*.old.example.com").update(removed_at=now - timedelta(days=1))
    cast.make_transaction(shop, "95.00", kind=Transaction.REFUND, operation=removal, names=removal.names)

    page = " ".join(staff_client.get(url_of(shop, "name-history")).content.decode().split())

    assert listed(staff_client, shop) == ["xn--bcher-kva.example.com"]
    assert listed(staff_client, shop, "name-history") == ["www.example.com", "example.com", "*.old.example.com"]
    assert listed(staff_client, shop, "name-history", q="old") == ["*.old.example.com"]
    assert 'went with <span class="name">example.com</span>' in page
    assert "by Otto Operator" in page
    assert "gone from the CA’s list" in page
    heading, *lines = file_of(staff_client, shop, "name-history-export", sort="name")
    told = [dict(zip(heading, line, strict=True)) for line in lines]
    assert [(line["In A-labels"], line["Price paid"], line["Given back"], line["Removed by"]) for line in told] == [
        ("*.old.example.com", "380.00", "", ""),
        ("example.com", "95.00", "95.00", "Otto Operator"),
        ("www.example.com", "", "", "Otto Operator"),
    ]


def test_ov_names_show_their_prevalidation(
    staff_client: Client, customer: Customer, server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    subscription = cast.make_subscription(customer, server_ov, expires_at=timezone.now() + timedelta(days=9))
    cast.make_domain(subscription, "example.com", ov_anchor_order_number=prevalidation.ov_anchor_order_number)

    page = staff_client.get(url_of(subscription)).content.decode()

    assert prevalidation.organization_name in page
    line = file_of(staff_client, subscription, "name-export")[1]
    assert line[-2:] == [prevalidation.ov_anchor_order_number, prevalidation.organization_name]


def test_after_the_time_for_removals_nothing_can_be_chosen(staff_client: Client, shop: Subscription) -> None:
    Subscription.objects.filter(pk=shop.pk).update(expires_at=timezone.now() - timedelta(days=30))

    page = staff_client.get(url_of(shop)).content.decode()

    assert "none can be removed now" in page
    assert "Remove the chosen names" not in page


def test_an_auditor_only_looks(client: Client, auditor: User, shop: Subscription) -> None:
    page = cast.sign_in(client, auditor).get(url_of(shop)).content.decode()

    assert "Remove the chosen names" not in page
    assert "Export the selected" in page
    assert "Add names" not in page


def test_without_names_it_says_what_they_are(staff_client: Client, subscription: Subscription) -> None:
    assert "No names yet" in staff_client.get(url_of(subscription)).content.decode()
    assert "No name was removed" in staff_client.get(url_of(subscription, "name-history")).content.decode()


def test_queries_of_the_files_do_not_grow(
    staff_client: Client, shop: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    url = url_of(shop, "name-export")
    few = count_queries(staff_client, url)
    cast.make_names(shop, 300)
    assert count_queries(staff_client, url) == few


def test_access_and_wrong_method(owner: User, stranger: User, auditor: User, shop: Subscription) -> None:
    for route in ("name-list", "name-export", "name-history", "name-history-export"):
        assert status_for(None, url_of(shop, route)) == 302
        assert status_for(stranger, url_of(shop, route)) == 404
        assert status_for(owner, url_of(shop, route)) == 404
        assert status_for(auditor, url_of(shop, route)) == 200
        assert status_for(auditor, url_of(shop, route), "post") == (302 if route == "name-history-export" else 405)
        assert status_for(auditor, unknown(route)) == 404
