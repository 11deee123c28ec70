"""Events written before they held names get today's; the way back points to the rows that are still there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.long

BEFORE, AFTER = "0002_single_line_names", "0005_audit_events_refer_to_no_row"


def migrate_to(name: str) -> Any:
    """Bring the tables of `accounts` to a migration; give the models of then."""
    executor = MigrationExecutor(connection)
    executor.migrate([("accounts", name)])
    return MigrationExecutor(connection).loader.project_state([("accounts", name)]).apps


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_there_and_back(tables_of_before: Any) -> None:
    old = {name: tables_of_before.get_model("accounts", name) for name in ("User", "Customer", "Invitation")}
    event = tables_of_before.get_model("accounts", "AuditEvent")
    named = old["User"].objects.create(email="olga@northwind.example", name="Olga Owner")
    nameless = old["User"].objects.create(email="max@northwind.example")
    customer = old["Customer"].objects.create(name="Northwind")
    invitation = old["Invitation"].objects.create(
        customer=customer, email="new@northwind.example", expires_at="2026-12-01T00:00Z"
    )
    code = "88001122-3344-5566-7788-99aabbccddee"
    shared = {"actor": named, "customer": customer}
    event.objects.create(action="a", **shared, target_kind="user", target_code=nameless.code)
    event.objects.create(action="b", actor=nameless, target_kind="customer", target_code=customer.code)
    event.objects.create(action="c", **shared, target_kind="invitation", target_code=invitation.code)
    event.objects.create(action="d", **shared, target_kind="order", target_code=code, detail={"names": 3})
    event.objects.create(action="e", target_kind="user", target_code=code)
    event.objects.create(action="f")
    before = list(event.objects.order_by("action").values())

    new = migrate_to(AFTER).get_model("accounts", "AuditEvent")
    rows = new.objects.order_by("action")
    assert list(rows.values_list("actor_code", "actor_name", "actor_email")) == [
        (named.code, "Olga Owner", "olga@northwind.example"),
        (nameless.code, "max@northwind.example", "max@northwind.example"),
        (named.code, "Olga Owner", "olga@northwind.example"),
        (named.code, "Olga Owner", "olga@northwind.example"),
        (None, "", ""),
        (None, "", ""),
    ]
    with_customer = (customer.code, "Northwind")
    none = (None, "")
    assert list(rows.values_list("customer_code", "customer_name")) == [
        with_customer,
        none,
        with_customer,
        with_customer,
        none,
        none,
    ]
    assert list(rows.values_list("target_name", flat=True)) == [
        "max@northwind.example",
        "Northwind",
        "new@northwind.example – Northwind",
        "Order 88001122",
        "User 88001122",
        "",
    ]

    again = migrate_to(BEFORE).get_model("accounts", "AuditEvent")
    assert list(again.objects.order_by("action").values()) == before
