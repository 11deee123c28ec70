"""What is waited for, and how long: in every state an operation can be in, one sentence that is so, on every page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import AcmeServer, Gate, HeldKind, Operation, Order, Subscription, WorkerHeartbeat
from subscriptions.selectors.waits import wait_of
from tests import cast

State = Operation.State
NOW = timezone.now().replace(microsecond=0)
LEFT = " left"


@pytest.fixture(autouse=True)
def _working(db: None) -> None:
    """A worker lives, and the way to the CA is open."""
    WorkerHeartbeat.objects.create(name="worker-1", beat_at=timezone.now() + timedelta(hours=2))
    cast.open_gate()


@pytest.fixture
def order(running_subscription: Subscription) -> Order:
    names = {f"{name}.example.net": "5.00" for name in "abcd"}
    return cast.make_order(cast.make_quote(running_subscription, names))


def lost(order: Order, minutes: float) -> Operation:
    """Have the answer to its first line lost so many minutes ago."""
    ended = timezone.now() - timedelta(minutes=minutes)
    return cast.end_operation(
        order.operations.earliest("pk"), "unknown", finished_at=None, was_unknown=True, connection_ended_at=ended
    )


def close(closed_for: str) -> Callable[[Order], object]:
    gate = {"closed_for": closed_for, "reason": "The login was refused."}
    return lambda _order: Gate.objects.filter(pk=Gate.SINGLETON).update(**gate)


def another_lost(order: Order, **fields: Any) -> Operation:
    subscription = cast.subscription_of(order)
    other = cast.make_order(cast.make_quote(subscription, {"other.example.net": "5.00"}))
    Operation.objects.filter(order=other).update(**fields)
    return lost(other, 2)


def closed_server(_order: Order) -> object:
    return AcmeServer.objects.update(charges_closed_at=timezone.now(), charges_closed_reason="No price for this type.")


# What is so of the order; the title of what it waits for; whether the text says a time; what the bar says is left.
CASES: dict[str, tuple[Callable[[Order], object], str, str, str]] = {
    "its turn": (lambda _order: None, "", "", ""),
    "all is closed": (close("all"), "Nothing is sent to the CA", "until a reseller admin reopens", ""),
    "changes are held": (close("changes"), "Nothing is changed at the CA", "until a reseller admin reopens", ""),
    "charges are held": (close("charges"), "Nothing that costs money is sent", "until a reseller admin reopens", ""),
    "one type is held": (
        closed_server,
        "Nothing that costs money is sent for Sectigo DV",
        "No price for this type",
        "",
    ),
    "nobody works": (lambda _order: WorkerHeartbeat.objects.all().delete(), "No worker is running", "is started", ""),
    "lost just now": (
        lambda order: lost(order, 0),
        "The CA’s answer was lost",
        "25 minutes at most",
        "up to 25 minutes left",
    ),
    "lost a while ago": (
        lambda order: lost(order, 12),
        "The CA’s answer was lost",
        "13 minutes at most",
        "up to 13 minutes left",
    ),
    "lost for long": (lambda order: lost(order, 60), "The CA’s answer was lost", "then a person decides", ""),
    "another is lost": (another_lost, "It waits for another operation", "23 minutes at most", "up to 23 minutes left"),
    "another waits for a decision": (
        lambda order: cast.end_operation(another_lost(order), "attention", finished_at=None),
        "It waits for another operation",
        "once that one is decided",
        "",
    ),
    "tried again": (
        lambda order: order.operations.update(not_before=timezone.now() + timedelta(minutes=6)),
        "It is tried again",
        "tried again by itself at",
        "up to 6 minutes left",
    ),
}


def page_of(client: Client, route: str, row: Any) -> str:
    response = client.get(reverse(f"subscriptions:{route}", args=[row.code]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("case", CASES)
def test_an_order_says_what_it_waits_for(staff_client: Client, order: Order, case: str) -> None:
    arrange, title, text, left = CASES[case]
    arrange(order)

    page = page_of(staff_client, "order-detail", order)
    progress = staff_client.get(reverse("subscriptions:order-detail", args=[order.code])).context["progress"]

    assert progress.left == left
    assert (progress.wait.title if progress.wait else "").startswith(title)
    assert text in page
    assert "less than a minute" not in page
    assert "twenty minutes" not in page


@pytest.mark.parametrize("case", [case for case in CASES if "is lost" not in case and "a decision" not in case])
def test_it_says_so_beside_a_quick_pace_too(staff_client: Client, order: Order, case: str) -> None:
    """Two lines were done within seconds: the rest still takes what it waits for."""
    arrange, _, _, left = CASES[case]
    now = timezone.now()
    Order.objects.update(confirmed_at=now - timedelta(seconds=8))
    for operation in order.operations.order_by("-pk")[:2]:
        cast.end_operation(operation, "succeeded", finished_at=now)
    arrange(Order.objects.get(pk=order.pk))
    Operation.objects.filter(state="succeeded").update(not_before=now - timedelta(minutes=1))

    progress = staff_client.get(reverse("subscriptions:order-detail", args=[order.code])).context["progress"]

    assert progress.left == (left or ("less than a minute left" if case == "its turn" else ""))


def test_a_pace_of_long_ago_says_nothing(staff_client: Client, order: Order) -> None:
    ago = timezone.now() - timedelta(minutes=30)
    Order.objects.update(confirmed_at=ago - timedelta(seconds=8))
    for operation in order.operations.order_by("-pk")[:2]:
        cast.end_operation(operation, "succeeded", finished_at=ago)

    assert LEFT not in page_of(staff_client, "order-detail", order).partition("Lines")[0]


def test_what_is_of_another_order_is_told_as_such(staff_client: Client, order: Order) -> None:
    other = another_lost(order)

    page = page_of(staff_client, "order-detail", order)

    assert f"</a> of Order {other.order.number}:" in page  # type: ignore[union-attr]
    assert "for one line" not in page


@pytest.mark.parametrize(
    "fields",
    [{"registrable_domain": "example.org"}, {"lane": "alone"}, {"state": "attention", "was_unknown": False}],
    ids=["another domain", "runs beside all", "never sent"],
)
def test_what_does_not_hold_it_up_is_not_told(staff_client: Client, order: Order, fields: dict[str, Any]) -> None:
    other = another_lost(order)
    Operation.objects.filter(pk=other.pk).update(**fields)

    page = page_of(staff_client, "order-detail", order)

    assert str(other.code) not in page
    assert "waits for another" not in page


def test_another_subscriptions_lost_answer_is_none_of_its(staff_client: Client, order: Order) -> None:
    theirs = cast.make_order(cast.make_quote(cast.make_subscription(cast.make_customer("Contoso"))))
    lost(theirs, 2)

    assert "lost" not in page_of(staff_client, "order-detail", order)


@pytest.mark.parametrize("state", State)
def test_every_state_of_an_operation_has_its_sentence(staff_client: Client, order: Order, state: str) -> None:
    goes_on = state in Operation.WORKING
    operation = order.operations.earliest("pk")
    ended: datetime | None = None if state in Operation.UNSETTLED else timezone.now()
    cast.end_operation(operation, state, finished_at=ended, connection_ended_at=timezone.now())

    wait = wait_of(operation, timezone.now())
    page = page_of(staff_client, "operation-detail", operation)

    assert (wait is not None) == goes_on
    said = {
        "queued": "in its turn, usually within seconds",
        "sending": "seconds, or counts as lost",
        "unknown": "25 minutes at most",
    }
    assert [words for words in said.values() if words in page] == ([said[state]] if goes_on else [])


@pytest.mark.parametrize(
    ("arrange", "says"),
    [
        (close("all"), "Nothing is sent to the CA, so that nothing is read"),
        (CASES["nobody works"][0], "No worker is running, so"),
    ],
    ids=["closed", "nobody works"],
)
def test_a_lost_answer_has_no_end_while_nothing_is_read(
    staff_client: Client, order: Order, arrange: Callable[[Order], object], says: str
) -> None:
    operation = lost(order, 1)
    order.operations.exclude(pk=operation.pk).update(state="canceled")
    arrange(order)

    for route, row in (("order-detail", order), ("operation-detail", operation)):
        page = page_of(staff_client, route, row)
        assert says in page
        assert "at most" not in page


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("turn", "in its turn, usually within seconds"),
        ("closed", "until a reseller admin reopens"),
        ("held", "lost too often in a row. It goes on at"),
        ("later", "It is tried again by itself at"),
        ("unknown", "25 minutes at most"),
    ],
)
def test_an_account_that_is_being_created_says_how_long(
    staff_client: Client, subscription: Subscription, case: str, says: str
) -> None:
    made = cast.make_subscription(subscription.customer, is_ready=False)
    now = timezone.now()
    if case == "closed":
        close("all")(Order())
    elif case == "held":
        HeldKind.objects.create(kind="preregister", held_until=now + timedelta(minutes=40))
    elif case == "later":
        made.operations.update(not_before=now + timedelta(minutes=2))
    elif case == "unknown":
        made.operations.update(state="unknown", connection_ended_at=now)

    page = page_of(staff_client, "subscription-detail", made)

    assert says in page
    assert ("within seconds" in page) == (case == "turn")
