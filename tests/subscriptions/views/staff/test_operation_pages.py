"""The page of an operation, and what people decide about one."""

import html
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Customer, User
from subscriptions.explain.refusals import ADVICE
from subscriptions.ledger import moves
from subscriptions.models import Operation, OperationEvent, Subscription, Transaction
from subscriptions.selectors.operations import last_event_of
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(operation: Operation, route: str = "operation-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[operation.code])


def page_of(client: Client, operation: Operation) -> str:
    response = client.get(url_of(operation))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def seen(operation: Operation) -> dict[str, Any]:
    """What the form of a decision sends along: the last step that its page showed."""
    return {"seen_event": last_event_of(operation) or ""}


@pytest.fixture
def operation(subscription: Subscription, operator: User) -> Operation:
    """Queued."""
    return cast.make_order(cast.make_quote(subscription), operator).operations.get()


@pytest.fixture
def in_attention(operation: Operation) -> Operation:
    """Its answer was lost; the CA lists a charge for it that nothing explains."""
    reading = {
        "at": timezone.now().isoformat(),
        "is_there": False,
        "charges": [{"ca_order_number": 4711, "amount": "95.00", "currency": "USD"}],
    }
    make_charge(operation)
    baseline = cast.make_baseline(operation)
    told = {"finished_at": None, "was_unknown": True, "readings": [reading], "baseline": baseline}
    return cast.end_operation(operation, "attention", **told)


def make_charge(operation: Operation, amount: str | None = "95.00", **fields: Any) -> Transaction:
    """The CA lists a charge that names what the operation is about."""
    about = {"kind": Transaction.ADDITION, "ca_order_number": 4711, "names": operation.names}
    return cast.make_transaction(operation.subscription, amount, **about | fields)


def hold(operation: Operation, **detail: Any) -> None:
    """A guard objects before anything is sent."""
    moves.hold(operation, by=moves.Author(worker="worker-1"), reason="A guard objects.", detail=detail)


def test_operation_detail_works(staff_client: Client, operation: Operation) -> None:
    page = page_of(staff_client, operation)

    assert "Add www.example.com</h1>" in page
    assert "Queued: Confirmed." in page
    assert "Otto Operator" in page
    assert url_of(operation, "operation-cancel") in page
    assert url_of(operation, "operation-settle") not in page


def test_a_refusal_has_the_words_of_the_ca(staff_client: Client, operation: Operation) -> None:
    told = {"error_type": "urn:x:malformed", "error_detail": "Bad <b>name</b>!", "error_reason": "invalid_argument"}
    cast.end_operation(operation, "refused", **told)

    page = page_of(staff_client, operation)

    assert "<q>Bad &lt;b&gt;name&lt;/b&gt;!</q>" in page
    assert "urn:x:malformed" in page
    assert "Nothing was charged. Check the spelling of the name" in page


@pytest.mark.parametrize(
    ("charged", "currency", "told"), [("95.00", "USD", False), ("95.01", "USD", True), ("90.00", "EUR", True)]
)
def test_a_charge_above_the_confirmed_one_is_told(
    staff_client: Client, operation: Operation, charged: str, currency: str, told: bool
) -> None:
    outcome = {"charged": Decimal(charged), "charged_currency": currency}
    cast.end_operation(operation, "succeeded", **outcome)

    page = page_of(staff_client, operation)

    assert ("The CA charged more than was confirmed" in page) is told


def test_an_open_amount_is_told(staff_client: Client, operation: Operation) -> None:
    cast.end_operation(operation, "succeeded", is_charge_open=True)

    page = page_of(staff_client, operation)

    assert page.count("Charge not yet confirmed") == 2
    assert "what the CA charged for it is not known yet: USD 95.00 was confirmed." in page
    assert "Charge not yet confirmed" in staff_client.get(reverse("subscriptions:operation-list")).content.decode()


def test_an_amount_that_was_filled_in_is_open_no_more(staff_client: Client, operation: Operation) -> None:
    charged = {"charged": Decimal("95"), "charged_currency": "USD", "is_charge_open": True}
    cast.end_operation(operation, "succeeded", **charged)

    assert "Charge not yet confirmed" not in page_of(staff_client, operation)


def test_attention_says_why(staff_client: Client, operation: Operation) -> None:
    hold(operation)

    page = page_of(staff_client, operation)

    assert "<p>A guard objects.</p>" in page
    assert "No call for it went through. Nothing was charged for it." in page
    assert "It did not happen" not in page


def test_a_refusal_at_the_price_guard_has_its_advice(staff_client: Client, operation: Operation) -> None:
    hold(operation, refusal="dv_only", refusal_detail="No.")

    assert ADVICE["dv_only"] in html.unescape(page_of(staff_client, operation))


def test_what_is_at_the_ca_is_never_said_not_to_be_charged(staff_client: Client, operation: Operation) -> None:
    hold(operation)
    make_charge(operation, "30.00")
    cast.make_domain(operation.subscription, "www.example.com")

    page = page_of(staff_client, operation)

    assert "Nothing was charged" not in page
    assert "<strong>USD 30.00</strong>" in page
    assert "(order 4711)" in page
    assert 'The CA’s last list of names has <span class="name">www.example.com</span>.' in page


def test_what_could_not_be_read_is_not_none_found(staff_client: Client, operation: Operation) -> None:
    why = "The CA's server answered with an error page (HTTP 503)."
    reading = {"is_there": True, "charges": None, "unread": {"LISTTRANSACTIONS": why}}
    cast.end_operation(operation, "attention", finished_at=None, was_unknown=True, readings=[reading])

    page = html.unescape(page_of(staff_client, operation))

    assert "The list of charges could not be read." in page
    assert why in page
    assert "Whether money moved is not known: the CA’s list could not be read." in page
    assert "Nothing was charged" not in page
    assert "No charge" not in page


def test_attention_shows_the_evidence_and_the_ways_out(admin_client: Client, in_attention: Operation) -> None:
    page = page_of(admin_client, in_attention)

    assert "The CA does not list the name." in page
    assert "It lists a charge of USD 95.00 (order 4711)." in page
    assert "old.example.com" in page
    for decision in ("It happened at the CA", "It did not happen: send it", "It did not happen: cancel it"):
        assert decision in page
    assert "USD 95.00 for www.example.com (order 4711)" in page
    assert "the amount stays open until the CA lists it" in page


def test_what_was_never_sent_is_done_only_by_what_the_ca_shows(admin_client: Client, operation: Operation) -> None:
    hold(operation)
    assert "It happened at the CA" not in page_of(admin_client, operation)

    make_charge(operation)
    page = page_of(admin_client, operation)

    assert "It happened at the CA" in page
    assert "the amount stays open" not in page
    typed = {"decision": "done", "reason": "Seen"} | seen(operation)
    response = admin_client.post(url_of(operation, "operation-settle"), typed)
    assert "Choose the charge that belongs to it." in response.content.decode()
    operation.refresh_from_db()
    assert operation.state == "attention"


def test_attention_of_a_new_account_cannot_be_declared_done(admin_client: Client, customer: Customer) -> None:
    operation = cast.make_subscription(customer, is_ready=False).operations.get()
    cast.end_operation(operation, "attention", finished_at=None, lost_answers=5)

    page = page_of(admin_client, operation)

    assert "Create ACME account</h1>" in page
    assert "5 answers to it were lost, and each of these calls may have happened. It costs nothing." in page
    assert "It happened at the CA" not in page
    assert "It did not happen: send it" in page
    assert "Confirmed price" not in page


def test_an_operator_sees_the_evidence_but_no_ways_out(staff_client: Client, in_attention: Operation) -> None:
    page = page_of(staff_client, in_attention)

    assert "It lists a charge of USD 95.00 (order 4711)." in page
    assert "A reseller admin decides." in page
    assert url_of(in_attention, "operation-settle") not in page


def test_queries_do_not_grow_with_steps(staff_client: Client, subscription: Subscription, count_queries: Any) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00", "b.example.com": "1.00"}))
    few, many = order.operations.order_by("pk")
    for operation, number in ((few, 10), (many, 1000)):
        OperationEvent.objects.bulk_create(
            OperationEvent(operation=operation, to_state="queued", reason="Again.", actor=operation.created_by)
            for _ in range(number)
        )

    assert count_queries(staff_client, url_of(few)) == count_queries(staff_client, url_of(many))


def test_cancel_works(staff_client: Client, operation: Operation, operator: User) -> None:
    response = staff_client.post(url_of(operation, "operation-cancel"), {"reason": "Typed wrong"}, follow=True)

    operation.refresh_from_db()
    assert operation.state == "canceled"
    assert "Canceled: it is not sent." in response.content.decode()
    event = operation.events.last()
    assert event is not None
    assert (event.actor, event.reason) == (operator, "Typed wrong")


def test_cancel_comes_too_late(staff_client: Client, operation: Operation) -> None:
    token = moves.claim(operation, worker="w", now=timezone.now(), lease=timedelta(minutes=1))

    response = staff_client.post(url_of(operation, "operation-cancel"), {"reason": ""}, follow=True)

    operation.refresh_from_db()
    assert token is not None
    assert operation.state == "sending"
    assert "It is “At the CA” by now, so nothing was changed." in response.content.decode()


def test_cancel_keeps_a_reason_that_is_too_long(staff_client: Client, operation: Operation) -> None:
    response = staff_client.post(url_of(operation, "operation-cancel"), {"reason": "x" * 301})

    assert response.status_code == 200
    assert "Shorten this to 300 characters at most" in response.content.decode()
    assert "x" * 301 in response.content.decode()
    operation.refresh_from_db()
    assert operation.state == "queued"


@pytest.mark.parametrize(("decision", "state"), [("done", "succeeded"), ("send", "queued"), ("cancel", "canceled")])
def test_settle_works(
    admin_client: Client, in_attention: Operation, reseller_admin: User, decision: str, state: str
) -> None:
    typed = {"decision": decision, "reason": "Seen in the CA's list", "charge": str(Transaction.objects.get().pk)}
    typed |= seen(in_attention)

    response = admin_client.post(url_of(in_attention, "operation-settle"), typed)

    in_attention.refresh_from_db()
    assert response["Location"] == url_of(in_attention)
    assert in_attention.state == state
    assert in_attention.charged == (Decimal("95.00") if decision == "done" else None)
    event = AuditEvent.objects.get(action="operation.settled")
    assert (event.actor_code, event.detail["decision"]) == (reseller_admin.code, decision)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("decision", "", "Choose one of the ways out."),
        ("decision", "burn", "This is not offered here. "),
        ("reason", "", "Say why: others will read it."),
        ("charge", "", "Choose the charge that belongs to it."),
        ("charge", "0", "This is not offered here. "),
    ],
)
def test_settle_tells_bad_input_at_its_place(
    admin_client: Client, in_attention: Operation, field: str, value: str, message: str
) -> None:
    typed = {"decision": "done", "reason": "Seen", "charge": "open", field: value}

    response = admin_client.post(url_of(in_attention, "operation-settle"), typed)

    assert response.status_code == 200
    assert message in response.content.decode()
    in_attention.refresh_from_db()
    assert in_attention.state == "attention"


def test_settle_offers_no_charge_that_something_explains(
    admin_client: Client, in_attention: Operation, running_subscription: Subscription
) -> None:
    other = cast.make_order(cast.make_quote(running_subscription, {"x.example.com": "1.00"})).operations.get()
    charge = Transaction.objects.get()
    typed = {"decision": "done", "reason": "Seen", "charge": str(charge.pk)} | seen(in_attention)
    Transaction.objects.update(explained="operation", operation=other)

    response = admin_client.post(url_of(in_attention, "operation-settle"), typed)

    assert "This is not offered here. " in response.content.decode()
    in_attention.refresh_from_db()
    assert in_attention.state == "attention"


def test_settle_without_a_listed_charge_leaves_the_amount_open(admin_client: Client, in_attention: Operation) -> None:
    typed = {"decision": "done", "reason": "Seen", "charge": "open"} | seen(in_attention)

    admin_client.post(url_of(in_attention, "operation-settle"), typed)

    in_attention.refresh_from_db()
    assert (in_attention.state, in_attention.charged, in_attention.is_charge_open) == ("succeeded", None, True)


def test_a_decision_on_what_is_not_the_last_step_any_more_changes_nothing(
    admin_client: Client, in_attention: Operation
) -> None:
    typed = {"decision": "cancel", "reason": "It did not happen."} | seen(in_attention)
    moves.note(in_attention, by=moves.Author(worker="worker-1"), reason="The CA lists a charge by now.")

    response = admin_client.post(url_of(in_attention, "operation-settle"), typed)

    assert "Something happened to it since this page was opened." in response.content.decode()
    in_attention.refresh_from_db()
    assert in_attention.state == "attention"
    assert f'value="{last_event_of(in_attention)}"' in response.content.decode()


def test_a_price_that_rose_can_be_accepted(admin_client: Client, operation: Operation, reseller_admin: User) -> None:
    asked = {"names": ["www.example.com"], "amount": "120.50", "currency": "USD"}
    moves.hold(operation, by=moves.Author(worker="worker-1"), reason="The CA now asks more.", detail=asked)
    assert "Send it at what the CA asks now, USD 120.50 for www.example.com" in page_of(admin_client, operation)

    typed = {"decision": "accept", "reason": "Fine."} | seen(operation)
    response = admin_client.post(url_of(operation, "operation-settle"), typed)

    assert response["Location"] == url_of(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.price, operation.currency) == ("queued", Decimal("120.50"), "USD")
    event = AuditEvent.objects.get(action="operation.settled")
    assert (event.actor_code, event.detail["decision"]) == (reseller_admin.code, "send at USD 120.50")


def test_what_was_lost_has_no_price_to_accept(admin_client: Client, in_attention: Operation) -> None:
    assert "what the CA asks now" not in page_of(admin_client, in_attention)

    typed = {"decision": "accept", "reason": "Fine."} | seen(in_attention)
    response = admin_client.post(url_of(in_attention, "operation-settle"), typed)

    assert "This is not offered here. " in response.content.decode()


def test_settle_after_somebody_else_decided(admin_client: Client, in_attention: Operation) -> None:
    cast.end_operation(in_attention, "canceled")

    response = admin_client.post(url_of(in_attention, "operation-settle"), {"decision": "send", "reason": "Go"})

    assert "It is “Canceled” by now, so nothing was changed." in response.content.decode()
    in_attention.refresh_from_db()
    assert in_attention.state == "canceled"


def test_access_of_decisions(
    in_attention: Operation, owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User
) -> None:
    url, typed = url_of(in_attention, "operation-settle"), {"decision": "send", "reason": "Go"}
    assert status_for(None, url, "post", dict(typed)) == 302
    assert status_for(stranger, url, "post", dict(typed)) == 404
    assert status_for(owner, url, "post", dict(typed)) == 404
    assert status_for(auditor, url, "post", dict(typed)) == 403
    assert status_for(operator, url, "post", dict(typed)) == 403
    assert status_for(reseller_admin, url) == 405
    assert status_for(reseller_admin, unknown("operation-settle"), "post", dict(typed)) == 404
    in_attention.refresh_from_db()
    assert in_attention.state == "attention"


def test_access_of_canceling(operation: Operation, owner: User, stranger: User, auditor: User, operator: User) -> None:
    url = url_of(operation, "operation-cancel")
    assert status_for(None, url, "post") == 302
    assert status_for(stranger, url, "post") == 404
    assert status_for(owner, url, "post") == 404
    assert status_for(auditor, url, "post") == 403
    assert status_for(operator, url) == 405
    operation.refresh_from_db()
    assert operation.state == "queued"


def test_access_of_the_page(operation: Operation, owner: User, stranger: User, auditor: User) -> None:
    assert status_for(None, url_of(operation)) == 302
    assert status_for(stranger, url_of(operation)) == 404
    assert status_for(owner, url_of(operation)) == 404
    assert status_for(auditor, url_of(operation)) == 200
    assert status_for(auditor, url_of(operation), "post") == 405
    assert status_for(auditor, unknown("operation-detail")) == 404
