"""What every list of the staff pages does: search, filter, sort, page, and as many queries for 1,000 rows as for 10."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import AcmeServer, Operation, Order, Prevalidation, Quote, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

LISTS = [
    "customer-list",
    "subscription-list",
    "quote-list",
    "order-list",
    "operation-list",
    "prevalidation-list",
    "dashboard",
]


def url_of(route: str) -> str:
    return reverse(f"subscriptions:{route}")


def make_rows(number: int, server: AcmeServer) -> None:
    """Make `number` customers, each with a subscription, a pre-validation, an order and its operation."""
    start, now = Customer.objects.count(), timezone.now()
    customers = Customer.objects.bulk_create(Customer(name=f"Litware {start + index:05d}") for index in range(number))
    subscriptions = Subscription.objects.bulk_create(
        Subscription(customer=one, server=server, term_years=1, creation="created", expires_at=now + timedelta(days=9))
        for one in customers
    )
    Prevalidation.objects.bulk_create(
        Prevalidation(
            customer=one, organization_name=one.name, ov_anchor_order_number=f"{one.pk}", valid_until=now.date()
        )
        for one in customers
    )
    quotes = Quote.objects.bulk_create(Quote() for _ in subscriptions)
    orders = Order.objects.bulk_create(Order(quote=one, totals={"USD": "1"}) for one in quotes)
    Operation.objects.bulk_create(
        Operation(kind="add_domain", subscription=subscription, order=one, domain_name="www.example.com")
        for one, subscription in zip(orders, subscriptions, strict=True)
    )


@pytest.mark.long
@pytest.mark.parametrize("route", LISTS)
def test_queries_do_not_grow_with_rows(
    staff_client: Client, server_ov: AcmeServer, count_queries: Callable[[Client, str], int], route: str
) -> None:
    make_rows(10, server_ov)
    few = count_queries(staff_client, url_of(route))
    make_rows(990, server_ov)

    assert count_queries(staff_client, url_of(route)) == few


@pytest.mark.parametrize("route", LISTS[:-1])
def test_a_page_has_25_rows_whatever_is_asked(staff_client: Client, server_ov: AcmeServer, route: str) -> None:
    make_rows(30, server_ov)

    def rows(**query: str) -> int:
        return len(staff_client.get(url_of(route), query).context["table"].rows)

    assert (rows(), rows(end="1"), rows(page="2"), rows(after="x"), rows(per_page="1000")) == (25, 25, 25, 25, 25)


@pytest.mark.parametrize("route", LISTS)
def test_an_empty_list_says_what_it_is_for(auditor: User, route: str) -> None:
    page = cast.sign_in(Client(), auditor).get(url_of(route)).content.decode()

    assert 'class="empty"' in page


@pytest.mark.parametrize("route", LISTS)
def test_access_and_wrong_method(owner: User, stranger: User, auditor: User, operator: User, route: str) -> None:
    url = url_of(route)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(operator, url, "post") == 405


def found(client: Client, route: str, **query: str) -> list[Any]:
    response = client.get(url_of(route), query)
    assert response.status_code == 200
    return [row.record for row in response.context["table"].rows]


def test_customer_list_searches_and_sorts(staff_client: Client, customer: Customer, owner: User) -> None:
    contoso = cast.make_customer("Contoso")
    Customer.objects.filter(pk=contoso.pk).update(reference="K-77")

    assert found(staff_client, "customer-list") == [contoso, customer]
    assert found(staff_client, "customer-list", q="k-77") == [contoso]
    assert found(staff_client, "customer-list", q="owner@northwind") == [customer]
    assert found(staff_client, "customer-list", q="nobody") == []
    assert found(staff_client, "customer-list", sort="-name") == [customer, contoso]
    assert found(staff_client, "customer-list", sort="password") == [contoso, customer]


def test_customer_list_filters_by_what_they_have(staff_client: Client, running_subscription: Subscription) -> None:
    lapsed = cast.make_subscription(cast.make_customer("Contoso"), expires_at=timezone.now() - timedelta(days=1))
    nothing = cast.make_customer("Fabrikam")

    assert found(staff_client, "customer-list", having="running") == [running_subscription.customer]
    assert found(staff_client, "customer-list", having="some") == [lapsed.customer, running_subscription.customer]
    assert found(staff_client, "customer-list", having="none") == [nothing]


def test_customer_list_offers_every_order_of_its_columns(
    staff_client: Client, running_subscription: Subscription, owner: User
) -> None:
    contoso, northwind = cast.make_customer("Contoso"), running_subscription.customer
    response = staff_client.get(url_of("customer-list"))
    offered = [value for value, _ in response.context["filter"].form.fields["sort"].choices]
    columns = [column.name for column in response.context["table"].columns if column.orderable]
    rising = {name: found(staff_client, "customer-list", sort=name) for name in columns}

    assert sorted(offered) == sorted([*columns, *(f"-{name}" for name in columns)])
    assert rising.pop("created_at") == [northwind, contoso]
    assert list(rising.values()) == [[contoso, northwind]] * 4
    for name in rising:
        assert found(staff_client, "customer-list", sort=f"-{name}") == [northwind, contoso]


def test_subscription_list_searches_and_filters(
    staff_client: Client, running_subscription: Subscription, subscription: Subscription, server_ov: AcmeServer
) -> None:
    other = cast.make_subscription(cast.make_customer("Contoso"), server_ov, is_ready=False)
    lapsed = cast.make_subscription(other.customer, server_ov, expires_at=timezone.now() - timedelta(days=1))
    failed = cast.make_subscription(other.customer, server_ov, creation="failed", label="Broken")

    def listed(**query: str) -> set[Subscription]:
        return set(found(staff_client, "subscription-list", **query))

    assert listed(q="www.example") == {running_subscription}
    assert listed(q=subscription.binding.eab_key_id) == {subscription}
    assert listed(q="intranet") == {running_subscription}
    assert listed(q="northwind") == {running_subscription, subscription}
    assert listed(state="running") == {running_subscription}
    assert listed(state="ready") == {subscription}
    assert listed(state="creating") == {other}
    assert listed(state="lapsed") == {lapsed}
    assert listed(state="failed") == {failed}
    assert listed(server=str(server_ov.code)) == {other, lapsed, failed}


def test_operation_list_filters(staff_client: Client, subscription: Subscription, customer: Customer) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00", "b.example.com": "1.00"}))
    first, second = order.operations.order_by("pk")
    cast.end_operation(first, "refused", created_at=cast.utc(2026, 3, 5, 23, 59))
    created = cast.make_subscription(cast.make_customer("Contoso"), is_ready=False).operations.get()

    def listed(**query: str) -> set[Operation]:
        return set(found(staff_client, "operation-list", **query))

    assert listed() == {first, second, created}
    assert listed(state="refused") == {first}
    assert listed(kind="preregister") == {created}
    assert listed(q="contoso") == {created}
    assert listed(q="b.example") == {second}
    assert listed(day="2026-03-05") == {first}
    assert listed(day="2026-03-06") == set()
    assert listed(order=str(order.code)) == {first, second}
    assert listed(subscription=str(created.subscription.code)) == {created}


def test_operation_list_filters_by_customer(staff_client: Client, subscription: Subscription) -> None:
    own = cast.make_order(cast.make_quote(subscription)).operations.get()
    other = cast.make_subscription(cast.make_customer("Northwind Retail"), is_ready=False).operations.get()

    def listed(**query: str) -> list[Operation]:
        return found(staff_client, "operation-list", **query)

    assert listed(customer="northwind traders") == [own]
    assert listed(customer="retail") == [other]
    assert listed(customer="") == [other, own]
    page = staff_client.get(url_of("operation-list"), {"customer": "northwind"}).content.decode()
    assert "Customer: Several customers match: Northwind Retail, Northwind Traders. Type the whole name." in page
    assert '<option value="Northwind Traders"></option>' in page


def test_operation_list_filters_by_the_person_who_confirmed(
    staff_client: Client, subscription: Subscription, operator: User, auditor: User
) -> None:
    gone = cast.make_user("gone@reseller.example", name="Gwen Gone")
    cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00"}), operator)
    by_gone = cast.make_order(cast.make_quote(subscription, {"b.example.com": "1.00"}), gone).operations.get()
    response = staff_client.get(url_of("operation-list"), {"person": str(gone.code)})

    assert [row.record for row in response.context["table"].rows] == [by_gone]
    assert "by Gwen Gone" in response.content.decode()
    assert set(response.context["filter"].form.fields["person"].queryset) == {operator, gone}
    assert len(found(staff_client, "operation-list", person="nonsense")) == 2
    assert len(found(staff_client, "operation-list", person=str(auditor.code))) == 2


def test_orders_are_counted_for_the_page(staff_client: Client, subscription: Subscription) -> None:
    prices = {f"{letter}.example.com": "10.00" for letter in "abcdef"}
    order = cast.make_order(cast.make_quote(subscription, prices))
    cast.make_order(cast.make_quote(subscription))
    one, two, three, four, five, six = order.operations.order_by("pk")
    cast.end_operation(one, "succeeded", charged="10.00", charged_currency="USD")
    cast.end_operation(two, "succeeded", charged="7.50", charged_currency="EUR")
    cast.end_operation(three, "succeeded", charged="9.00", charged_currency="USD")
    cast.end_operation(four, "refused")
    cast.end_operation(five, "attention")
    cast.end_operation(six, "unknown")

    response = staff_client.get(url_of("order-list"), {"q": "a.example.com"})

    [row] = [shown.record for shown in response.context["table"].paginated_rows]
    assert (row.line_count, row.done, row.refused, row.canceled, row.attention, row.working) == (6, 3, 1, 0, 1, 1)
    assert row.charges == {"USD": Decimal(19), "EUR": Decimal("7.5")}
    page = response.content.decode()
    assert "19.00" in page
    assert "7.50" in page
    assert "26.50" not in page


def test_order_list_filters(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00"}))
    other = cast.make_order(cast.make_quote(cast.make_subscription(cast.make_customer("Contoso"))))
    Order.objects.filter(pk=other.pk).update(confirmed_at=cast.utc(2026, 3, 5))

    assert found(staff_client, "order-list", q="a.example") == [order]
    assert found(staff_client, "order-list", q="contoso") == [other]
    assert found(staff_client, "order-list", day="2026-03-05") == [other]


def test_quote_list_filters(staff_client: Client, subscription: Subscription) -> None:
    soon, ago = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    valid = cast.make_quote(subscription, {"a.example.com": "1.00"}, valid_until=soon)
    expired = cast.make_quote(cast.make_subscription(cast.make_customer("Contoso")), valid_until=ago)
    Quote.objects.filter(pk=expired.pk).update(created_at=cast.utc(2026, 3, 5))
    asked = cast.make_quote(subscription, state="pricing")
    refused = cast.make_quote(subscription, state="refused")
    confirmed = cast.make_order(cast.make_quote(subscription, {"b.example.com": "1.00"})).quote

    of_state = {"valid": valid, "expired": expired, "asking": asked, "refused": refused, "confirmed": confirmed}
    assert {state: found(staff_client, "quote-list", state=state) for state in of_state} == {
        state: [quote] for state, quote in of_state.items()
    }
    assert found(staff_client, "quote-list", q="a.example") == [valid]
    assert found(staff_client, "quote-list", q="contoso") == [expired]
    assert found(staff_client, "quote-list", day="2026-03-05") == [expired]
    page = " ".join(staff_client.get(url_of("quote-list")).content.decode().split())
    assert all(word in page for word in ("Valid", "Expired", "Asking the CA", "No price", "Confirmed"))


def test_prevalidation_list_filters(staff_client: Client, prevalidation: Prevalidation, customer: Customer) -> None:
    today = timezone.now().date()
    ending = cast.make_prevalidation(customer, valid_until=today + timedelta(days=30))
    passed = cast.make_prevalidation(customer, valid_until=today - timedelta(days=1), number="777")

    assert found(staff_client, "prevalidation-list") == [passed, ending, prevalidation]
    assert found(staff_client, "prevalidation-list", state="valid") == [prevalidation]
    assert found(staff_client, "prevalidation-list", state="expiring") == [ending]
    assert found(staff_client, "prevalidation-list", state="lapsed") == [passed]
    assert found(staff_client, "prevalidation-list", ends="30") == [ending]
    assert found(staff_client, "prevalidation-list", ends="60") == []
    assert found(staff_client, "prevalidation-list", q="777") == [passed]

    subscription = cast.make_subscription(customer, cast.make_server("OV"))
    cast.make_domain(subscription, "example.com", ov_anchor_order_number=ending.ov_anchor_order_number)
    assert found(staff_client, "prevalidation-list", names="some") == [ending]
    assert found(staff_client, "prevalidation-list", names="none") == [passed, prevalidation]


def test_a_filter_that_cannot_be_read_is_told_at_its_place(staff_client: Client, subscription: Subscription) -> None:
    cast.make_order(cast.make_quote(subscription))

    page = staff_client.get(url_of("order-list"), {"day": "yesterday", "q": "northwind"}).content.decode()

    assert "From: This is no date. Write it like 2026-11-30." in page
    assert 'value="northwind"' in page


def test_the_filter_stays_when_paging(staff_client: Client, server_ov: AcmeServer) -> None:
    make_rows(30, server_ov)

    page = staff_client.get(url_of("customer-list"), {"q": "litware"}).content.decode()

    assert re.search(r'href="\?q=litware&amp;after=[0-9a-f-]{36}"', page)
    assert 'href="?q=litware&amp;end=1"' in page


def test_the_order_stays_when_filtering(staff_client: Client, subscription: Subscription) -> None:
    page = staff_client.get(url_of("subscription-list"), {"sort": "-expires_at"}).content.decode()

    assert '<option value="-expires_at" selected>' in page


def test_what_is_filtered_can_be_cleared(staff_client: Client, subscription: Subscription) -> None:
    clear = '<a class="btn btn-quiet" href="?">Clear</a>'

    assert clear not in staff_client.get(url_of("subscription-list")).content.decode()
    assert clear in staff_client.get(url_of("subscription-list"), {"state": "ready"}).content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("route", ["order-list", "operation-list", "mail-list"])
def test_a_day_that_no_row_has_is_refused(staff_client: Client, route: str, day: str) -> None:
    page = staff_client.get(reverse(f"subscriptions:{route}"), {"day": day})
    assert page.status_code == 200
    assert page.context["filter"].form.errors.keys() == {"since", "until"}
