"""What the CA said is written down, whatever the database does meanwhile."""

import time

import pytest
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction

from subscriptions.ledger import gate
from subscriptions.models import Gate
from subscriptions.worker.persistence import persistently

pytestmark = pytest.mark.servers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("problem", [OperationalError, InterfaceError, InternalError])
def test_a_transaction_that_was_cut_off_is_written_again(
    problem: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends that of a worker that was stopped within it by an error of the last kind."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    gate.the_gate()

    def write() -> str:
        with transaction.atomic():
            Gate.objects.update(problem=f"after {len(pauses)} pauses")
            if len(pauses) < 2:
                connection.close()
                raise problem
        return "written"

    assert persistently(write) == "written"
    assert (Gate.objects.get().problem, pauses) == ("after 2 pauses", [1.0, 2.0])


@pytest.mark.django_db
def test_postgresql_takes_back_what_a_process_holds_that_stands_still_within_a_transaction() -> None:
    told = None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            [told] = cursor.fetchone()
    assert (connection.vendor, told) in {("postgresql", "30s"), ("sqlite", None)}
