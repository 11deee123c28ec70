"""What happened to a subscription and its names: events about it, its operations, its quotes and its orders.

An event is about one thing. Of the things of a subscription those are looked at whose events can be among the newest:
a bounded number of look-ups by an index, whatever the ledger holds.
"""

from collections.abc import Iterator
from uuid import UUID

from accounts.audit import MOST_ITEMS
from accounts.models import AuditEvent
from subscriptions.explain.happenings import MOVED_NAMES
from subscriptions.models import Operation, Prevalidation, QuoteLine, Subscription

SHOWN = 20


def activity_of_subscription(subscription: Subscription) -> list[AuditEvent]:
    """Give the latest events about a subscription and all that belongs to it, newest first."""
    codes = {subscription.code, *_codes_of_operations(subscription), *_codes_of_quotes_and_orders(subscription)}
    events = {event.pk: event for event in AuditEvent.objects.filter(target_code__in=codes)[:SHOWN]}
    events |= {event.pk: event for event in _moves(subscription)}
    return sorted(events.values(), key=lambda event: (event.at, event.pk), reverse=True)[:SHOWN]


def _codes_of_operations(subscription: Subscription) -> Iterator[UUID]:
    """An operation is told of when it is written, when it ends, and where a person decides on it before that."""
    own = Operation.objects.filter(subscription=subscription)
    binding = getattr(subscription, "binding", None)
    yield from own.order_by("-pk").values_list("code", flat=True)[:SHOWN]
    if binding is not None:
        ended = Operation.objects.filter(binding=binding, finished_at__isnull=False).order_by("-finished_at")
        open_ones = Operation.objects.filter(binding=binding, state__in=Operation.UNSETTLED).order_by("-pk")
        yield from ended.values_list("code", flat=True)[:SHOWN]
        yield from open_ones.values_list("code", flat=True)[:SHOWN]


def _codes_of_quotes_and_orders(subscription: Subscription) -> Iterator[UUID]:
    """Quotes and their orders may be for other subscriptions too."""
    lines = QuoteLine.objects.filter(subscription=subscription).order_by("-quote").distinct()
    for quote, order in lines.values_list("quote__code", "quote__order__code")[:SHOWN]:
        yield quote
        if order is not None:
            yield order


def _moves(subscription: Subscription) -> Iterator[AuditEvent]:
    """Give the events of the moves of its names to another pre-validation, which are about the one that they left."""
    own = Operation.objects.filter(subscription=subscription).exclude(old_ov_anchor_order_number="")
    moved = set(own.order_by("-pk").values_list("old_ov_anchor_order_number", "ov_anchor_order_number")[:SHOWN])
    if not moved:
        return
    left = Prevalidation.objects.filter(ov_anchor_order_number__in=[old for old, _ in moved])
    numbers = dict(left.values_list("code", "ov_anchor_order_number"))
    confirmed = AuditEvent.objects.filter(action__in=MOVED_NAMES, target_code__in=numbers)
    for event in confirmed[:SHOWN]:
        of_them = event.detail.get("subscriptions", [])
        is_one_of_them = str(subscription.code) in of_them or len(of_them) >= MOST_ITEMS  # of more it holds no code
        if is_one_of_them and event.target_code and (numbers[event.target_code], event.detail.get("to")) in moved:
            yield event
