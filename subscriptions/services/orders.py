"""Orders: a person confirms a quote. The request half."""

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import ADDING, new_operation
from subscriptions.ledger import clock, moves
from subscriptions.models import Operation, Order, Quote, QuoteLine
from subscriptions.rules.names import registrable_domain
from subscriptions.rules.prices import plain
from subscriptions.selectors.names import names_under_way
from subscriptions.selectors.prevalidations import blocked_by_prevalidation, today


def confirm_quote(*, actor: User, quote: Quote) -> Order:
    """Make the order of a quote, with one queued operation for each priced line, and give it.

    A quote that is confirmed already gives its order: a double click, a back button or a second person change nothing.
    Raises ServiceError where the quote no longer holds or one of its names is being added elsewhere.
    """
    try:
        with transaction.atomic():
            # Serializes confirmations of one quote on SQLite and PostgreSQL alike.
            Quote.objects.filter(pk=quote.pk).update(state=F("state"))
            quote = Quote.objects.select_related("subscription__binding", "prevalidation").get(pk=quote.pk)
            if existing := Order.objects.filter(quote=quote).first():
                return existing
            return _write_order(quote, actor)
    except IntegrityError as error:
        raise ServiceError(
            "One of these names is being added to this subscription already. Nothing was ordered. Get a new quote."
        ) from error


def _write_order(quote: Quote, actor: User) -> Order:
    now = clock.now()
    lines = list(quote.lines.filter(state=QuoteLine.State.PRICED))
    _check_can_confirm(quote, lines)
    if quote.total is None or not quote.holds(now):
        raise ServiceError("This quote no longer holds. Nothing was ordered. Get a new quote to see today's prices.")
    order = Order.objects.create(
        quote=quote,
        subscription=quote.subscription,
        total=quote.total,
        currency=quote.currency,
        confirmed_by=actor,
        confirmed_at=now,
    )
    moves.queue(
        [_operation(order, line, actor, turn) for turn, line in enumerate(lines)],
        by=moves.Author(user=actor),
        reason="Confirmed.",
    )
    record_event(
        Happening.ORDER_CONFIRMED,
        actor=actor,
        target=order,
        customer=quote.subscription.customer,
        total=plain(order.total, order.currency),
        currency=order.currency,
        names=[line.name for line in lines],
    )
    binding_id = quote.subscription.binding.pk
    transaction.on_commit(lambda: tasks.send_due_operations(binding_id), robust=True)
    return order


def _check_can_confirm(quote: Quote, lines: list[QuoteLine]) -> None:
    if not lines:
        raise ServiceError("The CA gave no price for any of these names, so there is nothing to order.")
    ends_at = quote.subscription.expires_at
    if ends_at is not None and ends_at <= clock.now():
        raise ServiceError("The subscription's term has ended: extend it before adding names. Nothing was ordered.")
    if quote.prevalidation and (reason := blocked_by_prevalidation(quote.prevalidation, today())):
        raise ServiceError(f"{reason} Nothing was ordered.")
    coming = {name for line in lines for name in line.names}
    if clash := sorted(coming & names_under_way(quote.subscription)):
        raise ServiceError(f"Being added by another order already: {', '.join(clash)}. Nothing was ordered.")


def _operation(order: Order, line: QuoteLine, actor: User, turn: int) -> Operation:
    anchor = order.quote.prevalidation
    return new_operation(
        ADDING,
        turn=turn,
        subscription=order.subscription,
        binding=order.subscription.binding,
        order=order,
        quote_line=line,
        created_by=actor,
        domain_name=line.name,
        registrable_domain=registrable_domain(line.name),
        names=line.names,
        add_companion=line.add_companion,
        ov_anchor_order_number=anchor.ov_anchor_order_number if anchor else "",
        price=line.cost,
        currency=line.currency,
        quoted_at=line.quoted_at,
        quoted_term_ends_at=order.quote.term_ends_at,
    )
