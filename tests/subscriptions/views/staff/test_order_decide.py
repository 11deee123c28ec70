"""One decision about all lines of an order that wait for a person."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from subscriptions.forms.operations import seen_of
from subscriptions.ledger import charges, moves
from subscriptions.models import Operation, Order, Subscription, Transaction
from subscriptions.selectors.operations import lines_to_decide
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

WORKER = moves.Author(worker="worker-1")


def url_of(order: Order, route: str = "order-decide") -> str:
    return reverse(f"subscriptions:{route}", args=[order.code])


def page_of(client: Client, order: Order) -> str:
    return " ".join(client.get(url_of(order, "order-detail")).content.decode().split())


def seen(order: Order) -> str:
    """What the page sends along: each line that it showed with its last step."""
    return seen_of(lines_to_decide(order).lines)


def post(client: Client, order: Order, choice: str, **typed: str) -> Any:
    return client.post(url_of(order), {"decision": choice, "seen": seen(order), "reason": "The bill is fine."} | typed)


def told(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def states(order: Order) -> list[str]:
    return list(order.operations.order_by("pk").values_list("state", flat=True))


@pytest.fixture
def order(subscription: Subscription, operator: User) -> Order:
    """Stopped by the charge of its first line; for the second the CA was asked again, for the third it was not."""
    prices = {"a.example.com": "95.00", "b.example.com": "95.00", "c.example.com": "45.00"}
    order = cast.make_order(cast.make_quote(subscription, prices), operator)
    first, second, _ = order.operations.order_by("pk")
    cast.end_operation(first, "succeeded", charged=Decimal("122.50"), charged_currency="USD")
    asked = {"names": ["b.example.com"], "amount": "122.50", "currency": "USD"}
    moves.hold(second, by=WORKER, reason="The CA now asks USD 122.50; USD 95.00 was confirmed.", detail=asked)
    charges.stop_order_if_overcharged(first, by=WORKER)
    order.refresh_from_db()
    return order


def test_the_page_shows_what_is_decided_and_for_how_much(admin_client: Client, order: Order) -> None:
    page = page_of(admin_client, order)

    assert "The CA charged USD 122.50 for a.example.com; USD 95.00 was confirmed." in page
    assert "Send 2 lines – up to USD 167.50" in page
    assert "Cancel 2 lines" in page
    assert "Not asked again" in page


def test_send_works(
    admin_client: Client, order: Order, reseller_admin: User, no_broker: list[tuple[str, tuple[Any, ...]]]
) -> None:
    response = post(admin_client, order, "send")

    assert (response.status_code, response["Location"]) == (302, url_of(order, "order-detail"))
    assert told(response) == ["2 lines are to be sent."]
    _, second, third = order.operations.order_by("pk")
    assert states(order) == ["succeeded", "queued", "queued"]
    assert (second.price, third.price) == (Decimal("122.50"), Decimal("45.00"))
    assert order.stopped_at is not None
    assert all(line.decided_at and line.decided_at > order.stopped_at for line in (second, third))
    events = AuditEvent.objects.filter(action="operation.settled").order_by("pk")
    assert [(event.actor_code, event.detail["decision"]) for event in events] == [
        (reseller_admin.code, "send at USD 122.50"),
        (reseller_admin.code, "send"),
    ]


def test_cancel_works(admin_client: Client, order: Order) -> None:
    response = post(admin_client, order, "cancel")

    assert told(response) == ["2 lines are canceled."]
    assert states(order) == ["succeeded", "canceled", "canceled"]
    page = page_of(admin_client, order)
    assert "The order was stopped" in page
    assert "Nothing of it is left to send." in page
    assert url_of(order) not in page


def test_sent_twice_it_decides_once(admin_client: Client, order: Order) -> None:
    first = {"seen": seen(order)}
    post(admin_client, order, "send", **first)

    again = post(admin_client, order, "cancel", **first)

    assert told(again)[-1].startswith("Left as they are")
    assert states(order) == ["succeeded", "queued", "queued"]
    assert AuditEvent.objects.filter(action="operation.settled").count() == 2


def test_a_line_to_which_something_happened_since_is_left_and_named(admin_client: Client, order: Order) -> None:
    before = {"seen": seen(order)}
    moves.note(order.operations.get(domain_name="b.example.com"), by=WORKER, reason="The CA asks still more.")

    response = post(admin_client, order, "send", **before)

    assert told(response) == [
        "1 line is to be sent.",
        "Left as they are, because something happened to them since this page was opened: b.example.com.",
    ]
    assert states(order) == ["succeeded", "attention", "queued"]
    assert order.operations.get(domain_name="b.example.com").price == Decimal("95.00")


def test_what_may_have_happened_is_no_part_of_it(admin_client: Client, order: Order) -> None:
    lost, listed = order.operations.exclude(state="succeeded").order_by("pk")
    before = {"seen": seen(order)}
    Operation.objects.filter(pk=lost.pk).update(was_unknown=True)
    cast.make_transaction(cast.subscription_of(order), "30.00", kind=Transaction.ADDITION, names=listed.names)

    page = page_of(admin_client, order)
    response = post(admin_client, order, "send", **before)

    assert "2 lines may have happened at the CA, and need" in page
    assert url_of(order) not in page
    assert told(response)[-1].startswith("Left as they are")
    assert states(order) == ["succeeded", "attention", "attention"]


def test_a_name_that_the_ca_lists_is_no_part_of_it(admin_client: Client, order: Order) -> None:
    cast.make_domain(cast.subscription_of(order), "c.example.com")

    assert [line.operation.domain_name for line in lines_to_decide(order).lines] == ["b.example.com"]


def test_lines_of_another_order_are_not_decided(admin_client: Client, order: Order, customer: Any) -> None:
    quote = cast.make_quote(cast.make_subscription(customer), {"x.example.com": "1.00"})
    other = cast.make_order(quote).operations.get()
    moves.hold(other, by=WORKER, reason="A guard objects.")

    post(admin_client, order, "send", seen=f"{seen(order)} {other.code}:{other.events.latest('pk').pk}")

    other.refresh_from_db()
    assert other.state == "attention"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("reason", "", "Say why: others will read it."),
        ("seen", "nonsense", "The page was not sent whole."),
        ("seen", f"{'0' * 32}:x", "The page was not sent whole."),
        ("decision", "burn", "Choose whether the lines are sent or canceled."),
    ],
)
def test_bad_input_changes_nothing(admin_client: Client, order: Order, field: str, value: str, message: str) -> None:
    response = post(admin_client, order, "send", **{field: value})

    assert response.status_code == 200
    assert message in response.content.decode()
    assert states(order) == ["succeeded", "attention", "attention"]


def test_in_two_currencies_the_button_names_both(admin_client: Client, order: Order) -> None:
    Operation.objects.filter(domain_name="c.example.com").update(price=Decimal("50.005"), currency="KWD")

    assert "Send 2 lines – up to KWD 50.005 and USD 122.50" in page_of(admin_client, order)


def test_queries_of_the_page_do_not_grow_with_lines(
    admin_client: Client, subscription: Subscription, count_queries: Any
) -> None:
    orders = []
    for number in (2, 30):
        prices = {f"n{index}.{number}.example": "5.00" for index in range(number)}
        made = cast.make_order(cast.make_quote(subscription, prices))
        for operation in made.operations.all():
            moves.hold(operation, by=WORKER, reason="A guard objects.")
        orders.append(made)
    few, many = (count_queries(admin_client, url_of(made, "order-detail")) for made in orders)

    assert few == many


def test_access(order: Order, owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User) -> None:
    url, typed = url_of(order), {"decision": "send", "reason": "Go", "seen": seen(order)}
    assert status_for(None, url, "post", dict(typed)) == 302
    assert status_for(stranger, url, "post", dict(typed)) == 404
    assert status_for(owner, url, "post", dict(typed)) == 404
    assert status_for(auditor, url, "post", dict(typed)) == 403
    assert status_for(operator, url, "post", dict(typed)) == 403
    assert status_for(reseller_admin, url) == 405
    assert status_for(reseller_admin, unknown("order-decide"), "post", dict(typed)) == 404
    assert states(order) == ["succeeded", "attention", "attention"]


def test_an_operator_sees_what_waits(staff_client: Client, order: Order) -> None:
    page = page_of(staff_client, order)

    assert "Waits for a decision" in page
    assert "A reseller admin decides." in page
    assert url_of(order) not in page
