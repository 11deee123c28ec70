"""What pages cost with 10 and with 1,000 rows: queries, and the time until they are rendered."""

import statistics
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, get_runner, setup_test_environment, teardown_test_environment
from django.urls import reverse

from accounts.models import Customer
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.models import Domain, Subscription
from tests import cast

FEW, MANY = 10, 1000
ROUNDS = 7


@dataclass(frozen=True)
class Cost:
    """Queries, and milliseconds (the median of several)."""

    queries: int
    time: float


def measure(client: Client, url: str) -> Cost:
    """Give what a page costs, the first call apart."""
    client.get(url)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        response = client.get(url)
        times.append((time.perf_counter() - start) * 1000)
        assert response.status_code == 200, url
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return Cost(len(captured), statistics.median(times))


def costs() -> list[tuple[str, Cost, Cost]]:
    """Give each page's cost with few and with many rows, measured in a database of its own."""
    setup_test_environment()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        return _costs()
    finally:
        runner.teardown_databases(databases)
        teardown_test_environment()


def _costs() -> list[tuple[str, Cost, Cost]]:
    staff = cast.make_user("bench@reseller.example", reseller_role=ResellerRole.ADMIN)
    customer = cast.make_customer("Northwind Traders")
    owner = cast.make_user("owner@northwind.example")
    cast.add_person(customer, owner, CustomerRole.OWNER)
    subscription = cast.make_subscription(customer, label="Bench")
    pages = {
        "customers (staff)": (staff, reverse("subscriptions:customer-list")),
        "subscriptions (staff)": (staff, reverse("subscriptions:subscription-list")),
        "operations (staff)": (staff, reverse("subscriptions:operation-list")),
        "dashboard (staff)": (staff, reverse("subscriptions:dashboard")),
        "subscription (staff)": (staff, reverse("subscriptions:subscription-detail", args=[subscription.code])),
        "home (customer)": (owner, reverse("subscriptions:my-home")),
        "subscription (customer)": (owner, reverse("subscriptions:my-subscription", args=[subscription.code])),
    }
    _fill(customer, subscription, 0, FEW)
    few = {name: measure(cast.sign_in(Client(), user), url) for name, (user, url) in pages.items()}
    _fill(customer, subscription, FEW, MANY)
    return [(name, few[name], measure(cast.sign_in(Client(), user), url)) for name, (user, url) in pages.items()]


@transaction.atomic
def _fill(customer: Customer, subscription: Subscription, start: int, end: int) -> None:
    """Make rows of every kind that the pages list, up to `end` of each."""
    server = subscription.server
    for number in range(start, end):
        other = cast.make_customer(f"Customer {number:05d}")
        cast.make_subscription(customer, server, label=f"Site {number:05d}")
        cast.make_subscription(other, server, is_ready=False)  # with its queued operation
    names = [f"host{number:05d}.example.com" for number in range(start, end)]
    Domain.objects.bulk_create(Domain(subscription=subscription, name=name, is_free=False) for name in names)
