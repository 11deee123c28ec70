"""Addresses of older versions: each gets its one writing, and what only a person can settle is left alone and told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.accounts.test_audit_migration import migrate_to

pytestmark = pytest.mark.long

BEFORE, AFTER = "0007_audit_events_stay_as_they_are", "0013_one_address_a_person"


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


TYPED = (
    "a@bücher.example",
    "b@example.com\u200b",
    "c@example.com",
    "c@ｅxample.com",
    '"d"@example.com',
    "e@example.com",
)


def test_what_was_written_otherwise_is_written_anew(tables_of_before: Any, caplog: pytest.LogCaptureFixture) -> None:
    names = ("User", "Customer", "Invitation")
    user, customer, invitation = (tables_of_before.get_model("accounts", name) for name in names)
    people = [user.objects.create(email=email) for email in TYPED]
    northwind = customer.objects.create(name="Northwind", contact_email="Info@Bücher.example")
    nobody = customer.objects.create(name="Contoso", contact_email="x@[127.0.0.1]")
    expires_at = timezone.now() + timedelta(days=7)
    invited = [
        invitation.objects.create(customer=northwind, email=email, expires_at=expires_at, token_digest=email)
        for email in ("new@example.com\u200b", '"new"@example.com')
    ]

    migrate_to(AFTER)

    for person, email in zip(people, ["a@xn--bcher-kva.example", "b@example.com", *TYPED[2:]], strict=True):
        person.refresh_from_db()
        assert person.email == email
    northwind.refresh_from_db()
    nobody.refresh_from_db()
    assert (northwind.contact_email, nobody.contact_email) == ("info@xn--bcher-kva.example", "x@[127.0.0.1]")
    for one, email, is_open in zip(invited, ["new@example.com", '"new"@example.com'], [True, False], strict=True):
        one.refresh_from_db()
        assert (one.email, one.revoked_at is None, bool(one.token_digest)) == (email, is_open, is_open)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("accounts.migrations")]
    what_next = "a superuser gives another in Django admin."
    other = "is another writing of c@example.com, which somebody else has"
    assert told == [
        f"The address 'c@\\uff45xample.com' of person {people[3].pk} {other}: {what_next}",
        f"The address '\"d\"@example.com' of person {people[4].pk} is no address any more: {what_next}",
        f"The contact address 'x@[127.0.0.1]' of customer {nobody.pk} is no address any more.",
    ]


def test_the_sign_in_librarys_addresses_are_gone(tables_of_before: Any) -> None:
    person = tables_of_before.get_model("accounts", "User").objects.create(email="new@example.com")
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, %s, %s)',
            [person.pk, "old@example.com", True, True],
        )
    migrate_to(AFTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM account_emailaddress")
        assert cursor.fetchone() == (0,)
