"""The dashboard: what needs a person, four figures, the latest orders."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import Operation, Quote, Subscription
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
