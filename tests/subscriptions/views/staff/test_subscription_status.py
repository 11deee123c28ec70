"""The part of a subscription's page that follows the work at the CA."""

from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.models import Operation, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(subscription: Subscription) -> str:
    return reverse("subscriptions:subscription-status", args=[subscription.code])


def test_it_works(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, is_ready=False)
    detail = staff_client.get(reverse("subscriptions:subscription-detail", args=[subscription.code]))
    seen = detail.context["status"].version

    same = staff_client.get(url_of(subscription), headers={"X-Seen": seen})
    Subscription.objects.update(creation=Subscription.Creation.CREATED)
    cast.make_binding(subscription)
    cast.end_operation(Operation.objects.get(), "succeeded")
    ready = staff_client.get(url_of(subscription), headers={"X-Seen": seen})

    page = ready.content.decode()
    assert (same.status_code, same.content) == (204, b"")
    assert ready.status_code == 200
    assert "The ACME account is ready" in page
    assert "hx-trigger" not in page
    assert "<html" not in page


def test_it_goes_on_while_names_are_added(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription))

    assert 'hx-trigger="every 2s"' in staff_client.get(url_of(subscription)).content.decode()
    cast.end_operation(order.operations.get(), "attention")
    page = " ".join(staff_client.get(url_of(subscription)).content.decode().split())

    assert "hx-trigger" not in page
    assert "1 operation</a> waits for a decision." in page


def test_a_lost_answer_is_explained(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, is_ready=False)
    cast.end_operation(Operation.objects.get(), "unknown", finished_at=None)

    page = staff_client.get(url_of(subscription)).content.decode()

    assert "The CA’s answer was lost" in page
    assert "Nothing was charged." in page


def test_access_and_wrong_method(subscription: Subscription, owner: User, stranger: User, auditor: User) -> None:
    url = url_of(subscription)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(auditor, unknown("subscription-status")) == 404
    assert status_for(auditor, url, "post") == 405
