"""The demo's examples, made again at each start: what people did with them since stays."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.management.demo_states import AGES, ASKED_FOR, DemoStates, untouched
from subscriptions.models import CustomerRequest, Domain, Operation
from tests import cast

NOWHERE = "http://127.0.0.1:1"  # a call to the sandbox there would fail


def test_what_was_extended_does_not_grow_old_again(operator: User, customer: Customer) -> None:
    ends_at = timezone.now() + timedelta(days=700)
    one = cast.make_subscription(customer, label="Ends soon", expires_at=ends_at, handed_over_at=timezone.now())

    DemoStates(operator, customer, NOWHERE).grow_old(dict.fromkeys(AGES, one))

    one.refresh_from_db()
    assert one.expires_at == ends_at


def test_the_customer_asks_once(operator: User, owner: User, customer: Customer, settings: Any) -> None:
    settings.CAAS_SANDBOX = True
    subscription = cast.make_subscription(customer, label="Names removed")
    states = DemoStates(operator, customer, NOWHERE)

    states.ask(subscription)
    CustomerRequest.objects.update(state=CustomerRequest.State.DECLINED)
    states.ask(subscription)

    asked = CustomerRequest.objects.get()
    assert (asked.created_by, asked.names) == (owner, list(ASKED_FOR))


def test_a_name_that_was_added_again_stays(customer: Customer) -> None:
    name = "old.removed.example.net"
    one = cast.make_subscription(customer, label="Names removed")

    def added() -> Domain:
        order = cast.make_order(cast.make_quote(one, {name: "50.00"}))
        cast.end_operation(order.operations.get(), Operation.State.SUCCEEDED)
        return cast.make_domain(one, name)

    first = added()
    assert untouched(one, name) == first
    Domain.objects.filter(pk=first.pk).update(removed_at=timezone.now())
    added()
    assert untouched(one, name) is None
