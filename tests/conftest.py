"""The cast, named by role, and what keeps tests off the network."""

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from celery.app.task import Task
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts import contact, sending, session_limits
from accounts.models import Customer, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.ledger.counter import forget_counter
from subscriptions.ledger.reading import forget_baselines
from subscriptions.models import AcmeServer, Prevalidation, Subscription
from subscriptions.worker import process, watermark
from subscriptions.worker.connection import forget_call_limits
from tests import cast
from tests.append_only import rows_may_go

# How fast examples are made says nothing about the code on a busy machine: no test is timed.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector off what stays anyway: the tests, and the code they import."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


_flush: Callable[[TransactionTestCase], None] = vars(TransactionTestCase)["_fixture_teardown"]


def _flush_append_only_tables_too(test_case: TransactionTestCase) -> None:
    with rows_may_go():
        _flush(test_case)


setattr(TransactionTestCase, "_fixture_teardown", _flush_append_only_tables_too)  # noqa: B010  # stubs do not know it


@pytest.fixture
def reseller_admin(db: None) -> User:
    return cast.make_user("admin@reseller.example", reseller_role=ResellerRole.ADMIN, name="Ada Admin")


@pytest.fixture
def operator(db: None) -> User:
    return cast.make_user("operator@reseller.example", reseller_role=ResellerRole.OPERATOR, name="Otto Operator")


@pytest.fixture
def auditor(db: None) -> User:
    return cast.make_user("auditor@reseller.example", reseller_role=ResellerRole.AUDITOR, name="Audrey Auditor")


@pytest.fixture
def customer(db: None) -> Customer:
    return cast.make_customer("Northwind Traders")


@pytest.fixture
def owner(customer: Customer) -> User:
    user = cast.make_user("owner@northwind.example", name="Olga Owner")
    cast.add_person(customer, user, CustomerRole.OWNER)
    return user


@pytest.fixture
def member(customer: Customer) -> User:
    user = cast.make_user("member@northwind.example", name="Max Member")
    cast.add_person(customer, user, CustomerRole.MEMBER)
    return user


@pytest.fixture
def viewer(customer: Customer) -> User:
    user = cast.make_user("viewer@northwind.example", name="Vera Viewer")
    cast.add_person(customer, user, CustomerRole.VIEWER)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """The owner of another customer."""
    user = cast.make_user("owner@contoso.example", name="Sam Stranger")
    cast.add_person(cast.make_customer("Contoso"), user, CustomerRole.OWNER)
    return user


@pytest.fixture
def server_dv(db: None) -> AcmeServer:
    return cast.make_server("DV")


@pytest.fixture
def server_ov(db: None) -> AcmeServer:
    return cast.make_server("OV")


@pytest.fixture
def prevalidation(customer: Customer) -> Prevalidation:
    return cast.make_prevalidation(customer)


@pytest.fixture
def subscription(customer: Customer, server_dv: AcmeServer) -> Subscription:
    """Ready: it has its binding, and no name yet."""
    return cast.make_subscription(customer, server_dv, label="Web shop")


@pytest.fixture
def running_subscription(customer: Customer, server_dv: AcmeServer) -> Subscription:
    """Running, with two names."""
    expiry = timezone.now() + timedelta(days=300)
    subscription = cast.make_subscription(customer, server_dv, label="Intranet", expires_at=expiry)
    cast.make_domain(subscription, "example.com")
    cast.make_domain(subscription, "www.example.com")
    return subscription


@pytest.fixture
def staff_client(client: Client, operator: User) -> Client:
    """A client signed in as the operator."""
    return cast.sign_in(client, operator)


@pytest.fixture
def admin_client(reseller_admin: User) -> Client:
    """A client signed in as the reseller admin."""
    return cast.sign_in(Client(), reseller_admin)


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Keep messages from the broker; give the list of sent ones as (task's name, arguments)."""
    sent: list[tuple[str, tuple[Any, ...]]] = []

    def record(task: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        sent.append((task.name.rpartition(".")[2], tuple(args or ())))

    monkeypatch.setattr(Task, "apply_async", record)
    return sent


@pytest.fixture
def count_queries(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client, str], int]:
    """Give a function that gets a page and gives how many queries that took."""
    monkeypatch.setattr(session_limits, "NOTED_EVERY", timedelta(days=1))  # not by chance between the two requests

    def measure(client: Client, url: str) -> int:
        client.get(url)  # the first request of a session writes that it is in use
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
            response.getvalue()  # the rows of a file are fetched while it is read
        assert response.status_code == 200
        return len(captured)

    return measure


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has its own ledger: what this process has seen of another's would look like a restore."""
    forget_counter()
    forget_baselines()
    forget_call_limits()
    monkeypatch.setattr(process, "_since", None)
    monkeypatch.setattr(contact._Shown, "email", None)
    monkeypatch.setattr(sending._Turn, "rest_until", 0.0)
    monkeypatch.setattr(process, "_has_compared_accounts", False)
    monkeypatch.setattr(watermark, "_seen", {})
    noted = tmp_path_factory.getbasetemp() / f"ledger-{uuid4().hex}.json"  # few tests write it: no folder for each
    monkeypatch.setattr(watermark, "_file", lambda: noted)
    monkeypatch.setattr(watermark, "_redis", lambda: None)
