"""What was kept of certificates before their last order and their last certificate were apart."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = [pytest.mark.long, pytest.mark.servers]


def migrate_to(name: str) -> Any:
    target = [("accounts", "0028_limited_places"), ("subscriptions", name)]
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to("0036_moved_here")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_old_rows_know_what_follows_from_them(tables_of_before: Any) -> None:
    models = {
        name: tables_of_before.get_model("subscriptions", name)
        for name in ("AcmeServer", "Subscription", "Domain", "Certificate")
    }
    now = timezone.now()
    customer = tables_of_before.get_model("accounts", "Customer").objects.create(name="Northwind")
    server = models["AcmeServer"].objects.create(directory_url="https://acme.example/v2/DV", validation_type="DV")
    expires_at = now + timedelta(days=100)
    subscription = models["Subscription"].objects.create(
        customer=customer, server=server, term_years=1, creation="created", expires_at=expires_at
    )
    issued = {"serial_number": "0A", "valid_from": now - timedelta(days=60), "valid_until": now + timedelta(days=30)}
    old: dict[str, dict[str, Any]] = {
        "current": {"status_code": 6, "ca_order_number": 7, "acme_account_id": "client", **issued},
        "failed": {"status_code": 3, "status_description": "PRE-SIGN FAILED", "ca_order_number": 8, **issued},
        "revoked": {"status_code": 8, **issued},
        "replaced": {"status_code": 14, **issued},
        "waits": {"status_code": 12, "acme_order_id": "waits"},
        "removed": {"status_code": 6, **issued},
    }
    for name, fields in old.items():
        removed_at = now if name == "removed" else None
        domain = models["Domain"].objects.create(subscription=subscription, name=name, removed_at=removed_at)
        models["Certificate"].objects.create(domain=domain, **fields)

    migrate_to("0039_certificates_have_codes")
    new = MigrationExecutor(connection).loader.project_state([("subscriptions", "0039_certificates_have_codes")]).apps
    rows = {row.name: row for row in new.get_model("subscriptions", "Certificate").objects.select_related("domain")}

    assert {name: row.standing for name, row in rows.items()} == {
        "current": "issued", "failed": "failing", "revoked": "revoked", "replaced": "replaced", "waits": "none",
        "removed": "issued",
    }  # fmt: skip
    current, failed, waits = rows["current"], rows["failed"], rows["waits"]
    assert all(row.code == row.domain.code for row in rows.values())
    assert (current.issued_order_number, current.issued_account_id, current.ends_at) == (
        7,
        "client",
        current.valid_until,
    )
    assert (current.due_at, current.late_at) == (now, now + timedelta(days=9))
    assert (failed.failed_code, failed.failed_description, failed.issued_order_number) == (3, "PRE-SIGN FAILED", None)
    assert (waits.never_issued_since, waits.sort_at.year) == (waits.domain.added_at, 9999)
    assert (current.renewable_until, rows["removed"].renewable_until) == (expires_at, None)
    assert rows["removed"].gone_at is not None
    assert new.get_model("subscriptions", "IssuedCertificate").objects.count() == 5

    back = migrate_to("0036_moved_here").get_model("subscriptions", "Certificate")
    assert back.objects.count() == len(old)
