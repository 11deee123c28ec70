"""A subscription's label and notes, and whose it is."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, User
from subscriptions.models import AcmeServer, Operation, Prevalidation, Quote, Subscription
from subscriptions.services.customers import archive_customer
from subscriptions.services.orders import confirm_quote
from subscriptions.services.subscriptions import reveal_hmac_key
from tests import cast

NOTE = "Pays late, ask Eva first"


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def of(route: str, subscription: Subscription) -> str:
    return reverse(f"subscriptions:{route}", args=[subscription.code])


@pytest.fixture
def other(stranger: User) -> Customer:
    return Customer.objects.get(people=stranger)


def moved(client: Client, subscription: Subscription, to: Customer) -> Any:
    return client.post(of("subscription-move", subscription), {"customer": to.name, "reason": "Sold the shop."})


# --- Label and notes ------------------------------------------------------------------------------------------------


def test_label_and_notes(staff_client: Client, subscription: Subscription) -> None:
    answer = staff_client.post(of("subscription-edit", subscription), {"label": "Shop", "notes": NOTE}, follow=True)

    assert NOTE in text_of(answer)
    subscription.refresh_from_db()
    assert (subscription.label, subscription.notes) == ("Shop", NOTE)
    event = AuditEvent.objects.get(action="subscription.changed")
    assert event.detail["changes"] == {"label": ["Web shop", "Shop"], "notes": ["", NOTE]}


def test_no_customer_sees_the_notes(staff_client: Client, owner: User, subscription: Subscription) -> None:
    Customer.objects.update(notes=NOTE)
    cast.make_domain(subscription, "example.com")
    Subscription.objects.update(shown_at=timezone.now(), handed_over_at=timezone.now())
    staff_client.post(of("subscription-edit", subscription), {"label": "Shop", "notes": NOTE})
    theirs = cast.sign_in(Client(), owner)
    pages = [
        reverse("subscriptions:my-home"),
        of("my-subscription", subscription),
        reverse("subscriptions:my-activity", args=[subscription.customer.code]),
        reverse("subscriptions:my-organizations"),
        of("my-setup", subscription),
        reverse("subscriptions:my-people", args=[subscription.customer.code]),
    ]
    for page in pages:
        answer = theirs.get(page)
        assert (answer.status_code, "ask Eva" in text_of(answer)) == (200, False), page


# --- Another customer -----------------------------------------------------------------------------------------------


def test_the_page_says_who_knows_the_key(
    staff_client: Client, owner: User, subscription: Subscription, no_broker: list[Any]
) -> None:
    reveal_hmac_key(actor=owner, subscription=subscription)
    cast.make_client(subscription)

    page = " ".join(text_of(staff_client.get(of("subscription-move", subscription))).split())

    assert "Olga Owner (owner@northwind.example), last on" in page
    assert "while it was Northwind Traders’s" in page
    assert "1 ACME client registered with it and goes on" in page


def test_it_goes_to_the_other_customer(
    staff_client: Client, owner: User, stranger: User, subscription: Subscription, other: Customer, no_broker: list[Any]
) -> None:
    reveal_hmac_key(actor=owner, subscription=subscription)
    Subscription.objects.update(shown_at=timezone.now(), handed_over_at=timezone.now())

    assert moved(staff_client, subscription, other).status_code == 302

    old = subscription.customer
    subscription.refresh_from_db()
    assert (subscription.customer, subscription.handed_over_at) == (other, None)
    assert cast.sign_in(Client(), owner).get(of("my-subscription", subscription)).status_code == 404
    Subscription.objects.update(shown_at=timezone.now(), handed_over_at=timezone.now())
    page = text_of(cast.sign_in(Client(), stranger).get(of("my-subscription", subscription)))
    assert "Olga Owner" not in page
    told = AuditEvent.objects.filter(action__startswith="subscription.moved").order_by("pk")
    assert [(event.action, event.customer_code, event.detail["reason"]) for event in told] == [
        ("subscription.moved_away", old.code, "Sold the shop."),
        ("subscription.moved_here", other.code, "Sold the shop."),
    ]
    away = text_of(staff_client.get(reverse("subscriptions:customer-detail", args=[old.code])))
    here = text_of(staff_client.get(reverse("subscriptions:customer-detail", args=[other.code])))
    assert "Subscription moved to another customer: Contoso" in away
    assert "Subscription came from another customer: Northwind Traders" in here
    assert (no_broker, Operation.objects.count()) == ([], 0)


def test_what_was_asked_before_is_not_told_to_the_other_customer(
    staff_client: Client, owner: User, stranger: User, subscription: Subscription, other: Customer
) -> None:
    asked = cast.make_request(subscription, "takeover.example.com", note=NOTE, state="declined", created_by=owner)
    assert moved(staff_client, subscription, other).status_code == 302
    Subscription.objects.update(shown_at=timezone.now(), handed_over_at=timezone.now())
    theirs = cast.sign_in(Client(), stranger)

    assert theirs.get(of("my-subscription", subscription)).status_code == 200
    assert theirs.get(reverse("subscriptions:my-request", args=[asked.code])).status_code == 404
    assert "No requests yet" in text_of(theirs.get(reverse("subscriptions:my-requests")))
    own = cast.make_request(subscription, "new.example.com")
    assert theirs.get(reverse("subscriptions:my-request", args=[own.code])).status_code == 200


def test_its_pre_validation_goes_along(
    staff_client: Client, customer: Customer, other: Customer, server_ov: AcmeServer
) -> None:
    one = cast.make_prevalidation(customer)
    subscription = cast.make_subscription(customer, server_ov, prevalidation=one)
    of_names = cast.make_prevalidation(customer)
    cast.make_domain(subscription, "example.com", ov_anchor_order_number=of_names.ov_anchor_order_number)
    stays = cast.make_prevalidation(customer)

    assert moved(staff_client, subscription, other).status_code == 302

    for row, owner in ((one, other), (of_names, other), (stays, customer)):
        row.refresh_from_db()
        assert row.customer == owner


def _making(subscription: Subscription) -> None:
    Subscription.objects.update(creation=Subscription.Creation.CREATING)


def _ordered(subscription: Subscription) -> None:
    cast.make_order(cast.make_quote(subscription, {"ordered.example.com": "95.00"}))


def _quoted(subscription: Subscription) -> None:
    cast.make_quote(subscription, {"quoted.example.com": "95.00"})


def _asked(subscription: Subscription) -> None:
    cast.make_request(subscription, "asked.example.com")


def _shared(subscription: Subscription) -> None:
    one = cast.make_prevalidation(subscription.customer)
    for row in (subscription, cast.make_subscription(subscription.customer)):
        Subscription.objects.filter(pk=row.pk).update(prevalidation=one)


def _awaited(subscription: Subscription, how: str) -> Quote:
    """Have a name of another subscription quoted, or ordered, under the pre-validation of this one."""
    one = cast.make_prevalidation(subscription.customer)
    Subscription.objects.filter(pk=subscription.pk).update(prevalidation=one)
    stays = cast.make_subscription(subscription.customer, label="Stays")
    quote = cast.make_quote(stays, {"stays.example.com": "95.00"})
    quote.lines.update(prevalidation=one)
    if how == "ordered":
        order = cast.make_order(quote)
        order.operations.update(ov_anchor_order_number=one.ov_anchor_order_number)
    return quote


@pytest.mark.parametrize("how", ["quoted", "ordered"])
def test_not_from_under_what_comes_to_its_pre_validation(
    staff_client: Client, subscription: Subscription, other: Customer, how: str
) -> None:
    _awaited(subscription, how)

    assert "which would go along" in text_of(staff_client.get(of("subscription-move", subscription)))
    assert moved(staff_client, subscription, other).status_code == 200
    assert Subscription.objects.get(pk=subscription.pk).customer == subscription.customer


def test_no_name_is_ordered_under_another_customer_s_pre_validation(
    operator: User, subscription: Subscription, other: Customer
) -> None:
    quote = _awaited(subscription, "quoted")
    Prevalidation.objects.update(customer=other)

    with pytest.raises(ServiceError, match="is another customer’s by now"):
        confirm_quote(actor=operator, quote=quote)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (_making, "is not made yet"),
        (_ordered, "are under way"),
        (_quoted, "can still be confirmed"),
        (_asked, "waits for an answer"),
        (_shared, "pre-validation of their own first"),
    ],
)
def test_not_while_something_stands_against_it(
    staff_client: Client, subscription: Subscription, other: Customer, what: Any, said: str, no_broker: list[Any]
) -> None:
    what(subscription)

    assert said in text_of(staff_client.get(of("subscription-move", subscription)))
    assert moved(staff_client, subscription, other).status_code == 200
    assert Subscription.objects.get(pk=subscription.pk).customer == subscription.customer
    assert not AuditEvent.objects.filter(action__startswith="subscription.moved").exists()


def test_not_to_one_that_is_archived_nor_to_its_own(
    staff_client: Client, operator: User, subscription: Subscription, other: Customer
) -> None:
    assert "belongs to Northwind Traders already" in text_of(moved(staff_client, subscription, subscription.customer))
    archive_customer(actor=operator, customer=other, removes_people=False)
    assert "Contoso is archived" in text_of(moved(staff_client, subscription, other))


def test_a_reason_is_asked_for(staff_client: Client, subscription: Subscription, other: Customer) -> None:
    answer = staff_client.post(of("subscription-move", subscription), {"customer": other.name})

    assert "Say why: it is asked for later." in text_of(answer)
    assert Subscription.objects.get(pk=subscription.pk).customer == subscription.customer


def test_a_lapsed_one_can_be_moved(staff_client: Client, subscription: Subscription, other: Customer) -> None:
    Subscription.objects.update(expires_at=timezone.now() - timedelta(days=90))

    assert moved(staff_client, subscription, other).status_code == 302
