"""The banners of reseller staff."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.db import connection as database
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from subscriptions import tasks
from subscriptions.banners import banners, staff_banners
from subscriptions.models import Gate, HeldKind, Operation, Subscription, WorkerHeartbeat
from subscriptions.worker import connection
from tests import cast

NOW = cast.utc(2026, 11, 23, 12, 0)


@pytest.fixture
def gate(db: None) -> Gate:
    return Gate.objects.create(pk=Gate.SINGLETON)


@pytest.fixture
def worker(db: None) -> WorkerHeartbeat:
    return WorkerHeartbeat.objects.create(name="worker@host1", beat_at=NOW - timedelta(seconds=30))


def titles(user: User) -> list[str]:
    return [banner["title"] for banner in staff_banners(user, NOW)]


def test_all_is_well(operator: User, gate: Gate, worker: WorkerHeartbeat) -> None:
    assert staff_banners(operator, NOW) == []


def test_a_closed_gate_says_why_and_only_an_admin_reopens_it(
    operator: User, reseller_admin: User, gate: Gate, worker: WorkerHeartbeat
) -> None:
    Gate.objects.update(closed_for="all", reason="Incorrect login details!")

    seen, with_action = staff_banners(operator, NOW)[0], staff_banners(reseller_admin, NOW)[0]

    assert seen == {
        "level": "danger",
        "title": "Nothing is sent to the CA",
        "text": "Incorrect login details! Nothing waits. A reseller admin can reopen the connection.",
    }
    assert with_action["action_url"] == reverse("subscriptions:gate-reopen")


def test_a_gate_closed_for_charges(operator: User, gate: Gate, worker: WorkerHeartbeat) -> None:
    Gate.objects.update(closed_for="charges", reason="No money.")

    assert titles(operator) == ["Nothing that costs money is sent to the CA"]


def test_a_server_whose_charges_are_closed(
    operator: User, reseller_admin: User, gate: Gate, worker: WorkerHeartbeat
) -> None:
    for type_, minutes in (("DV", 3), ("OV", 9), ("EV", 1)):
        closed_at = NOW - timedelta(minutes=minutes)
        cast.make_server(type_, charges_closed_at=closed_at, charges_closed_reason=f"No price for {type_}.")

    [seen], [with_action] = staff_banners(operator, NOW), staff_banners(reseller_admin, NOW)

    assert seen == {
        "level": "danger",
        "title": "Nothing that costs money is sent for Sectigo OV ACME",
        "text": "No price for OV. The same goes for 2 other ACME servers. A reseller admin can reopen the connection.",
    }
    assert with_action["action_url"] == reverse("subscriptions:gate-reopen")


def test_a_server_without_a_description_is_named_by_its_address(
    operator: User, gate: Gate, worker: WorkerHeartbeat
) -> None:
    server = cast.make_server("DV", description="", charges_closed_at=NOW, charges_closed_reason="No price.")

    assert titles(operator) == [f"Nothing that costs money is sent for {server.directory_url}"]


@pytest.mark.parametrize(("minutes", "found"), [(1, ["Held: Create ACME account"]), (0, []), (-1, [])])
def test_a_kind_that_is_held_a_while(
    operator: User, gate: Gate, worker: WorkerHeartbeat, minutes: int, found: list[str]
) -> None:
    HeldKind.objects.create(kind="preregister", held_until=NOW + timedelta(minutes=minutes))
    HeldKind.objects.create(kind="of_another_version", lost_in_a_row=2)

    assert titles(operator) == found


def test_a_kind_that_is_held_says_until_when(reseller_admin: User, gate: Gate, worker: WorkerHeartbeat) -> None:
    HeldKind.objects.create(kind="preregister", held_until=NOW + timedelta(minutes=40))

    [banner] = staff_banners(reseller_admin, NOW)

    assert "It goes on at 23 Nov 2026, 12:40 UTC by itself." in banner["text"]
    assert banner["action_url"] == reverse("subscriptions:gate-reopen")


def test_a_ca_that_cannot_be_reached(
    operator: User, gate: Gate, worker: WorkerHeartbeat, subscription: Subscription
) -> None:
    Gate.objects.update(problem="Connection refused", problem_at=NOW)
    cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00", "b.example.com": "1.00"}))

    banner = staff_banners(operator, NOW)[0]

    assert banner["title"] == "No connection to the CA"
    assert banner["text"] == (
        "Connection refused (since 23 Nov 2026, 12:00 UTC). 2 operations wait. "
        "Work goes on by itself once the CA answers."
    )


def test_a_worker_without_the_ca_login_says_so(
    operator: User, worker: WorkerHeartbeat, settings: Any, request: pytest.FixtureRequest
) -> None:
    connection.ca_client.cache_clear()
    request.addfinalizer(connection.ca_client.cache_clear)
    settings.CAAS_LOGIN_NAME = settings.CAAS_LOGIN_PASSWORD = ""

    with pytest.raises(ImproperlyConfigured, match="CAAS_LOGIN_NAME and CAAS_LOGIN_PASSWORD"):
        tasks.probe_ca()

    (banner,) = staff_banners(operator, NOW)
    assert banner["title"] == "No connection to the CA"
    assert banner["text"].startswith(
        "The worker is not configured for the CA: it lacks CAAS_LOGIN_NAME and CAAS_LOGIN_PASSWORD (since "
    )


@pytest.mark.parametrize(("age", "found"), [(60, []), (61, ["No worker is running"])])
def test_a_worker_without_a_sign_of_life(
    operator: User, gate: Gate, worker: WorkerHeartbeat, age: int, found: list[str]
) -> None:
    WorkerHeartbeat.objects.update(beat_at=NOW - timedelta(seconds=age))

    assert titles(operator) == found


def test_no_worker_ever(operator: User) -> None:
    assert titles(operator) == ["No worker is running"]


@pytest.mark.parametrize(
    ("waited", "claimed", "found"),
    [(6, None, ["Work is waiting"]), (6, 1, []), (4, None, []), (6, 6, ["Work is waiting"])],
)
def test_work_that_stands_still(
    operator: User,
    gate: Gate,
    worker: WorkerHeartbeat,
    subscription: Subscription,
    waited: int,
    claimed: int | None,
    found: list[str],
) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00", "b.example.com": "1.00"}))
    Operation.objects.filter(order=order).update(created_at=NOW - timedelta(minutes=waited))
    done = order.operations.earliest("pk")
    claimed_at = NOW - timedelta(minutes=claimed) if claimed else None
    Operation.objects.filter(pk=done.pk).update(state="succeeded", claimed_at=claimed_at)

    assert titles(operator) == found


def test_it_takes_three_queries(operator: User, gate: Gate, worker: WorkerHeartbeat) -> None:
    cast.make_server("DV", charges_closed_at=NOW)
    HeldKind.objects.create(kind="preregister", held_until=NOW + timedelta(minutes=40))
    with CaptureQueriesContext(database) as captured:
        staff_banners(operator, NOW)

    assert len(captured) == 3


def test_customers_strangers_and_fragments_see_none(owner: User, operator: User) -> None:
    for user, headers in ((owner, {}), (AnonymousUser(), {}), (operator, {"HX-Request": "true"})):
        request = RequestFactory().get("/", headers=headers)
        request.user = user
        vars(request)["htmx"] = HtmxDetails(request)  # as the middleware sets it
        assert banners(request) == {}


def test_staff_see_them(operator: User) -> None:
    request = RequestFactory().get("/")
    request.user = operator

    assert banners(request)["banners"] == staff_banners(operator, timezone.now())


@pytest.mark.parametrize("route", ["dashboard", "order-list", "operation-list", "prevalidation-list"])
def test_a_page_asks_for_them_once(staff_client: Client, subscription: Subscription, route: str) -> None:
    cast.make_order(cast.make_quote(subscription))
    with CaptureQueriesContext(database) as captured:
        assert staff_client.get(reverse(f"subscriptions:{route}")).status_code == 200

    assert sum("subscriptions_workerheartbeat" in query["sql"] for query in captured) == 1


def test_each_request_asks_anew(operator: User, gate: Gate) -> None:
    first, second = RequestFactory().get("/"), RequestFactory().get("/")
    first.user = second.user = operator
    assert [banner["title"] for banner in banners(first)["banners"]] == ["No worker is running"]

    WorkerHeartbeat.objects.create(name="worker@host1")

    assert banners(first)["banners"] != []
    assert banners(second)["banners"] == []
