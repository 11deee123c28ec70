"""A reseller admin does not wait for readings to settle an operation whose answer was lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from subscriptions.models import Operation, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(operation: Operation, route: str = "operation-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[operation.code])


def page_of(client: Client, operation: Operation) -> str:
    return " ".join(client.get(url_of(operation)).content.decode().split())


@pytest.fixture
def operation(subscription: Subscription, operator: User) -> Operation:
    """Queued."""
    return cast.make_order(cast.make_quote(subscription), operator).operations.get()


def lose(operation: Operation, *, minutes_ago: int) -> Operation:
    ended = timezone.now() - timedelta(minutes=minutes_ago)
    return cast.end_operation(
        operation, "unknown", finished_at=None, was_unknown=True, connection_ended_at=ended, claim_token=uuid4()
    )


def test_take_works(admin_client: Client, operation: Operation, reseller_admin: User) -> None:
    lose(operation, minutes_ago=16)
    assert url_of(operation, "operation-take") in page_of(admin_client, operation)

    response = admin_client.post(url_of(operation, "operation-take"), {"reason": "The customer waits."})

    operation.refresh_from_db()
    assert response["Location"] == url_of(operation)
    assert operation.state == "attention"
    event = operation.events.order_by("pk").last()
    assert event is not None
    assert (event.actor, event.reason) == (reseller_admin, "The customer waits.")
    assert AuditEvent.objects.get(action="operation.taken").detail["reason"] == "The customer waits."


def test_take_is_refused_while_the_call_may_still_do_its_work(admin_client: Client, operation: Operation) -> None:
    lose(operation, minutes_ago=3)
    assert url_of(operation, "operation-take") not in page_of(admin_client, operation)

    response = admin_client.post(url_of(operation, "operation-take"), {"reason": "Now!"}, follow=True)

    assert "It can be decided about in 12 minutes." in response.content.decode()
    operation.refresh_from_db()
    assert operation.state == "unknown"
    assert not AuditEvent.objects.filter(action="operation.taken").exists()


def test_take_wants_a_reason_and_comes_too_late(admin_client: Client, operation: Operation) -> None:
    lose(operation, minutes_ago=16)
    url = url_of(operation, "operation-take")

    assert "Say why: others will read it." in admin_client.post(url, {"reason": ""}).content.decode()
    cast.end_operation(operation, "succeeded")
    late = admin_client.post(url, {"reason": "Now"}, follow=True)

    assert "It is “Done” by now, so nothing was changed." in late.content.decode()


def test_access(operation: Operation, owner: User, stranger: User, auditor: User, operator: User) -> None:
    lose(operation, minutes_ago=16)
    url, typed = url_of(operation, "operation-take"), {"reason": "The customer waits."}
    assert status_for(None, url, "post", dict(typed)) == 302
    assert status_for(stranger, url, "post", dict(typed)) == 404
    assert status_for(owner, url, "post", dict(typed)) == 404
    assert status_for(auditor, url, "post", dict(typed)) == 403
    assert status_for(operator, url, "post", dict(typed)) == 403
    operation.refresh_from_db()
    assert operation.state == "unknown"


def test_wrong_method_and_unknown(operation: Operation, reseller_admin: User) -> None:
    assert status_for(reseller_admin, url_of(operation, "operation-take")) == 405
    assert status_for(reseller_admin, unknown("operation-take"), "post", {"reason": "Go"}) == 404
