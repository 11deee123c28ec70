"""Reads about names that were added or removed lately, hour by hour: what is told together."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, Q

from subscriptions.kinds import ADDING, REMOVING
from subscriptions.models import Domain, Operation, Subscription

HOUR = timedelta(hours=1)
COMMITTED_LATE = timedelta(minutes=5)  # the clocks of hosts and of the database differ, and a row takes a while


@dataclass(slots=True)
class NamesOfAnHour:
    """The names of a subscription that were added, and those that were removed, within an hour that is over."""

    subscription: Subscription
    ended_at: datetime
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def names_changed(since: datetime, until: datetime) -> "Iterator[NamesOfAnHour]":
    """Give what changed in the hours that ended between the two instants, each subscription's hour once.

    What changed while a subscription was another customer's is nothing that its people are told of.
    """
    first = _hour_of(since) - HOUR
    ended = Q(finished_at__gte=first, finished_at__lt=_hour_of(until - COMMITTED_LATE), state=Operation.State.SUCCEEDED)
    own = Q(subscription__moved_here_at=None) | Q(finished_at__gte=F("subscription__moved_here_at"))
    changed = Operation.objects.filter(ended, own, kind__in=[ADDING.name, REMOVING.name])
    hours: dict[tuple[int, datetime], NamesOfAnHour] = {}
    shown = changed.filter(subscription__shown_at__isnull=False).select_related("subscription__server")
    for operation in shown.order_by("finished_at", "pk").prefetch_related("domains", "removed_domains"):
        hour = _hour_of(operation.finished_at or until)
        key = (operation.subscription_id, hour)
        one = hours.setdefault(key, NamesOfAnHour(operation.subscription, hour + HOUR))
        is_added = operation.kind == ADDING.name
        rows: list[Domain] = list(operation.domains.all() if is_added else operation.removed_domains.all())
        (one.added if is_added else one.removed).extend(str(row) for row in rows)
    yield from (one for one in hours.values() if one.added or one.removed)


def _hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
