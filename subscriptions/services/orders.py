"""Orders: a person confirms a quote. The request half."""

from collections.abc import Callable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import ADDING, EXTENDING, new_operation, priced_kind_of
from subscriptions.ledger import clock, moves
from subscriptions.models import Operation, Order, Quote, QuoteLine, Subscription
from subscriptions.rules.prevalidations import was_left_since
from subscriptions.rules.prices import all_shown, totals_of
from subscriptions.rules.written_names import written_list
from subscriptions.selectors.account_states import why_stopped
from subscriptions.selectors.anchor_moves import moving_of, why_left_by
from subscriptions.selectors.buying import by_customer
from subscriptions.selectors.names import names_under_way
from subscriptions.selectors.organizations import other_organization, say_why
from subscriptions.selectors.prevalidations import blocked_by_prevalidation
from subscriptions.selectors.terms import why_no_name_can_be_added, why_not_extendable
from subscriptions.services.customers import hold_open_customers
from subscriptions.services.replacements import plan_replacements
from subscriptions.services.requests import note_ordered


def confirm_quote(*, actor: User, quote: Quote, revision: int = 0) -> Order:
    """Make the order of a quote, with one queued operation for each priced line, and give it.

    `revision` is that of the quote as the person saw it: what was left out or put back since was not confirmed.

    A quote that is confirmed already gives its order: a double click, a back button or a second person change nothing.
    Raises ServiceError where the quote is no longer valid or something of it is under way elsewhere.
    """
    try:
        with transaction.atomic():
            # Serializes confirmations of one quote on SQLite and PostgreSQL alike.
            Quote.objects.filter(pk=quote.pk).update(state=F("state"))
            quote = Quote.objects.get(pk=quote.pk)
            if existing := Order.objects.filter(quote=quote).first():
                return existing
            if quote.revision != revision:
                raise ServiceError("This quote was changed meanwhile. Nothing was ordered: look at it as it is now.")
            return _write_order(quote, actor)
    except IntegrityError as error:
        raise ServiceError(
            "Something of this is under way for the subscription already. Nothing was ordered. Get a new quote."
        ) from error


def _write_order(quote: Quote, actor: User) -> Order:
    priced = quote.lines.filter(state=QuoteLine.State.PRICED)
    # Held before they are read: who archives a customer or moves a subscription comes before all of this, or after it.
    hold_open_customers(set(priced.order_by().values_list("subscription__customer", flat=True)))
    lines = list(
        priced.select_related(
            "subscription__binding", "subscription__customer", "prevalidation", "replaces__subscription"
        )
    )
    _check_can_confirm(lines)
    if not quote.totals or not quote.is_valid(clock.now()):
        raise ServiceError("This quote is no longer valid. Nothing was ordered. Get a new quote to see today’s prices.")
    order = Order.objects.create(quote=quote, totals=quote.totals, confirmed_by=actor, confirmed_at=clock.now())
    operations = [_operation(order, line, actor, turn) for turn, line in enumerate(lines)]
    moves.queue(operations, by=moves.Author(user=actor), reason="Confirmed.")
    plan_replacements(operations, actor=actor)
    for customer, of_customer in by_customer(lines):
        record_event(
            Happening.ORDER_CONFIRMED,
            actor=actor,
            target=order,
            customer=customer,
            total=all_shown(totals_of((line.cost, line.currency) for line in of_customer)),
            names=[str(line) for line in of_customer],
        )
    if quote.asked_for is not None:
        note_ordered(quote.asked_for, operations, actor=actor)
    if quote.organization_reason:
        _record_organizations(order, lines, actor)
    bindings = sorted({line.subscription.binding.pk for line in lines})
    transaction.on_commit(lambda: _send_due(bindings), robust=True)
    return order


def _record_organizations(order: Order, lines: Sequence[QuoteLine], actor: User) -> None:
    for customer, of_customer in by_customer(lines):
        anchors = {str(line.prevalidation) for line in of_customer if line.prevalidation is not None}
        record_event(
            Happening.OTHER_ORGANIZATION,
            actor=actor,
            target=of_customer[0].subscription,
            customer=customer,
            order=str(order.code),
            prevalidations=sorted(anchors),
            reason=order.quote.organization_reason,
        )


def _send_due(bindings: Sequence[int]) -> None:
    for binding_id in bindings:
        tasks.send_due_operations(binding_id)


def _operation(order: Order, line: QuoteLine, actor: User, turn: int) -> Operation:
    kind = priced_kind_of(line)
    return new_operation(
        kind,
        turn=turn,
        subscription=line.subscription,
        binding=line.subscription.binding,
        order=order,
        quote_line=line,
        created_by=actor,
        names=line.names,
        price=line.cost,
        currency=line.currency,
        quoted_at=line.quoted_at,
        quoted_term_ends_at=line.term_ends_at,
        **kind.ordered(line),
    )


# --- What can be confirmed ------------------------------------------------------------------------------------------


def _check_can_confirm(lines: Sequence[QuoteLine]) -> None:
    if not lines:
        raise ServiceError("The CA gave no price for anything of this, so there is nothing to order.")
    alike: dict[tuple[str, Subscription], list[QuoteLine]] = {}
    for line in lines:
        alike.setdefault((line.kind, line.subscription), []).append(line)
    for (kind, subscription), of_it in alike.items():
        if reason := why_stopped(subscription):
            raise ServiceError(f"{reason} Nothing was ordered.")
        CHECKS[kind](subscription, of_it)


def _check_additions(subscription: Subscription, lines: Sequence[QuoteLine]) -> None:
    if reason := why_no_name_can_be_added(subscription, clock.now()):
        raise ServiceError(f"{reason} Nothing was ordered.")
    oldest = min(line.quoted_at or line.quote.created_at for line in lines)
    for prevalidation in {line.prevalidation for line in lines if line.prevalidation is not None}:
        if reason := blocked_by_prevalidation(prevalidation):
            raise ServiceError(f"{reason} Nothing was ordered.")
        number = prevalidation.ov_anchor_order_number
        if prevalidation.customer_id != subscription.customer_id:
            raise ServiceError(f"Pre-validation {number} is another customer’s by now. Nothing was ordered.")
        other = other_organization(subscription, prevalidation)
        if other and not lines[0].quote.organization_reason:
            raise ServiceError(f"{say_why(other, prevalidation)} Nothing was ordered. Get a new quote.")
        if reason := why_left_by(moving_of(subscription), number):
            raise ServiceError(f"{reason} Nothing was ordered.")
        if was_left_since(subscription.binding.anchors_left, number, oldest):
            raise ServiceError(
                f"Names of this subscription were moved from pre-validation {number} to another since this was priced. "
                "Nothing was ordered. Get a new quote under the one they are under now."
            )
    coming = {name for line in lines for name in line.names}
    if waiting := sorted(coming & names_under_way(subscription, [Operation.State.ATTENTION])):
        told = written_list(waiting)
        raise ServiceError(f"An earlier order of these waits for a person’s decision: {told}. Nothing was ordered.")
    if clash := sorted(coming & names_under_way(subscription)):
        raise ServiceError(f"Being added by another order already: {written_list(clash)}. Nothing was ordered.")


def _check_extension(subscription: Subscription, _lines: Sequence[QuoteLine]) -> None:
    if reason := why_not_extendable(subscription, clock.now()):
        raise ServiceError(f"{reason} Nothing was ordered.")


CHECKS: dict[str, Callable[[Subscription, Sequence[QuoteLine]], None]] = {
    ADDING.name: _check_additions,
    EXTENDING.name: _check_extension,
}
