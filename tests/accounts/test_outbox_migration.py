"""Invitations that nobody has been mailed yet when the outbox comes get their mail by it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.accounts.test_audit_migration import migrate_to

pytestmark = pytest.mark.long

BEFORE, AFTER = "0008_one_writing_of_addresses", "0010_mails_of_open_invitations"


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_there_and_back(tables_of_before: Any) -> None:
    now = timezone.now()
    customer = tables_of_before.get_model("accounts", "Customer").objects.create(name="Northwind")
    invitations = tables_of_before.get_model("accounts", "Invitation").objects
    fields = {"customer": customer, "expires_at": now + timedelta(days=7)}
    waiting = invitations.create(email="waiting@northwind.example", **fields)
    invitations.create(email="mailed@northwind.example", **fields, mailed_at=now)
    invitations.create(email="in@northwind.example", **fields, accepted_at=now)
    invitations.create(email="out@northwind.example", **fields, revoked_at=now)
    invitations.create(email="late@northwind.example", **fields | {"expires_at": now})

    mails = migrate_to(AFTER).get_model("accounts", "Mail").objects
    assert list(mails.values_list("notice", "address", "about_kind", "about_code", "about_name", "state")) == [
        (
            "invitation",
            "waiting@northwind.example",
            "invitation",
            waiting.code,
            "waiting@northwind.example – Northwind",
            "queued",
        )
    ]
    migrate_to(BEFORE)
    assert invitations.count() == 5
