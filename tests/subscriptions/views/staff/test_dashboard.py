"""The dashboard: what needs a person, four figures, the latest orders."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from accounts.roles import RESELLER_PERMISSIONS, Permission, ResellerRole
from subscriptions.models import Operation, Quote, Subscription, Transaction
from tests import cast

URL = reverse("subscriptions:dashboard")


def titles(client: Client) -> list[str]:
    return [task.title for task in client.get(URL).context["tasks"]]


def test_all_is_well(staff_client: Client, running_subscription: Subscription) -> None:
    assert titles(staff_client) == []


def test_what_needs_a_person_comes_first(staff_client: Client, customer: Customer, operator: User) -> None:
    now = timezone.now()
    cast.make_subscription(customer, expires_at=now - timedelta(days=2))
    ending = cast.make_subscription(customer, expires_at=now + timedelta(days=99))
    cast.make_subscription(customer, expires_at=now + timedelta(days=101))
    refused = cast.make_subscription(customer, is_ready=False).operations.get()
    cast.end_operation(refused, "refused")
    cast.make_quote(ending, {"bad.example": None}, state=Quote.State.REFUSED, created_by=operator)
    cast.end_operation(cast.make_order(cast.make_quote(ending)).operations.get(), "attention", finished_at=None)
    cast.make_prevalidation(customer, valid_until=now.date() + timedelta(days=5))

    assert titles(staff_client) == [
        "1 operation needs attention",
        "1 subscription has lapsed in the last 30 days",
        "1 ACME account was not created",
        "The CA gave no price for 1 quote since yesterday",
        "1 subscription ends within 100 days",
        "1 pre-validation ends within 30 days",
    ]


def test_each_task_leads_somewhere(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, expires_at=timezone.now() + timedelta(days=9))
    cast.end_operation(cast.make_order(cast.make_quote(subscription)).operations.get(), "attention")

    for task in staff_client.get(URL).context["tasks"]:
        assert staff_client.get(task.url).status_code == 200


def test_the_word_of_the_action_fits_the_role(
    staff_client: Client, admin_client: Client, subscription: Subscription
) -> None:
    cast.end_operation(cast.make_order(cast.make_quote(subscription)).operations.get(), "attention")

    assert staff_client.get(URL).context["tasks"][0].action == "Look"
    assert admin_client.get(URL).context["tasks"][0].action == "Decide"


def test_the_figures(staff_client: Client, running_subscription: Subscription, subscription: Subscription) -> None:
    domains = list(running_subscription.domains.all())
    cast.make_certificate(domains[0])
    cast.make_certificate(domains[1], days=-1)
    order = cast.make_order(cast.make_quote(subscription, {"a.example.org": "95.00", "b.example.org": "45.00"}))
    for operation in order.operations.all():
        cast.end_operation(operation, "succeeded", charged=operation.price, charged_currency="USD")
    last_month = timezone.now() - timedelta(days=40)
    Operation.objects.filter(domain_name="b.example.org").update(finished_at=last_month)

    response = staff_client.get(URL)

    figures = response.context["figures"]
    assert (figures.running, figures.names, figures.current, figures.late) == (1, 2, 1, 1)
    assert figures.charged == {"USD": Decimal("95.00")}
    assert "1 late" in response.content.decode()


def test_the_latest_orders(staff_client: Client, subscription: Subscription) -> None:
    orders = [cast.make_order(cast.make_quote(subscription, {f"n{number}.example.com": "1.00"})) for number in range(6)]

    latest = staff_client.get(URL).context["latest"]

    assert [row.record for row in latest.rows] == orders[:0:-1]


def test_without_a_transaction_there_is_no_chart(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "0.00")
    cast.make_transaction(subscription, None, currency="")
    cast.make_transaction(subscription, "95.00", executed_at=timezone.now() - timedelta(days=400))
    cast.make_transaction(subscription, "95.00", executed_at=None)

    response = staff_client.get(URL)

    assert response.context["cost_years"] == []
    assert '<svg class="chart"' not in response.content.decode()


def test_the_costs_of_twelve_months_as_chart_and_table(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "1140.00")
    cast.make_transaction(subscription, "285.00", kind="refundDomain")

    page = " ".join(staff_client.get(URL).content.decode().split())

    assert 'role="img" aria-labelledby="costs-1-title costs-1-text"' in page
    assert '<title id="costs-1-title">Charges and refunds in USD, month by month</title>' in page
    assert "USD 1,140.00 charged and USD 285.00 refunded in twelve months." in page
    month = f"{timezone.now():%B %Y}"
    assert f"<title>{month}: USD 1,140.00 charged, USD 285.00 refunded</title>" in page
    assert page.count('<th scope="row">') == 12 + 1
    assert f'<th scope="row">{month}</th>' in page
    assert page.count('class="chart__charged"') == page.count('class="chart__refunded"') == 1
    assert "style=" not in page


def test_each_currency_has_a_chart_of_its_own(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "95.00")
    cast.make_transaction(subscription, "80.00", currency="EUR")

    response = staff_client.get(URL)

    assert [(one.currency, one.charged) for one in response.context["cost_years"]] == [("EUR", 80), ("USD", 95)]
    assert response.content.decode().count('<svg class="chart"') == 2


def test_costs_are_for_those_who_may_see_them(
    operator: User, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = RESELLER_PERMISSIONS[ResellerRole.OPERATOR] - {Permission.READ_COSTS}
    monkeypatch.setitem(RESELLER_PERMISSIONS, ResellerRole.OPERATOR, may)
    order = cast.make_order(cast.make_quote(subscription, {"a.example.org": "95.00"}))
    cast.end_operation(order.operations.get(), "succeeded", charged="95.00", charged_currency="USD")
    cast.make_transaction(subscription, "95.00")

    response = cast.sign_in(Client(), operator).get(URL)

    assert response.context["cost_years"] == []
    assert "95.00" not in response.content.decode()


def test_queries_do_not_grow_with_costs(
    staff_client: Client, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    def add(number: int) -> None:
        start, now = Transaction.objects.count(), timezone.now()
        Transaction.objects.bulk_create(
            Transaction(
                binding=subscription.binding,
                kind="addDomain",
                executed_at=now - timedelta(days=index % 300),
                ca_order_number=start + index,
                cost=Decimal("5.00"),
                currency="USD",
            )
            for index in range(number)
        )

    add(10)
    few = count_queries(staff_client, URL)
    add(990)

    assert count_queries(staff_client, URL) == few
    assert staff_client.get(URL).context["cost_years"][0].charged == Decimal("5000.00")
