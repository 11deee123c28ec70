"""Reads of the audit trail. Whatever it holds, a page costs a few look-ups by an index: nothing is counted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.email_addresses import normal_form
from accounts.models import AuditEvent, Customer, Membership, User
from subscriptions.explain.happenings import SHOWN_TO_CUSTOMERS, changes, sentence
from subscriptions.models import Operation, Subscription
from subscriptions.selectors.activity_subjects import with_subjects

PER_PAGE = 50
Key = tuple[datetime, int]  # an event by its place: its instant and its primary key
EVENT_TIME = AuditEvent._meta.get_field("at")  # by which the trail is ordered
AT_ONCE = 1000  # rows of a file that are in memory
# What an event is about where its customer's people do not see that yet.
_HIDDEN = Subscription.objects.filter(code=OuterRef("target_code"), shown_at=None)
_WORK_ON_HIDDEN = Operation.objects.filter(code=OuterRef("target_code"), subscription__shown_at=None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose doings are looked for: by the code of a user, and by the address where nobody has it any more."""

    code: UUID | None = None
    email: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are looked for; what is not set does not matter. The days are whole, the last one included."""

    person: Person | None = None
    customer: UUID | None = None
    action: str = ""
    actions: frozenset[StrEnum] | None = None
    since: date | None = None
    until: date | None = None
    ip_address: str = ""
    is_for_customer: bool = False  # nothing then of a subscription that its people do not see yet


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the trail, newest first, and whether there is more behind it and in front of it."""

    events: list[AuditEvent]
    has_older: bool
    has_newer: bool = False

    @property
    def newest(self) -> UUID:
        """The event in front of which the page before ends."""
        return self.events[0].code

    @property
    def oldest(self) -> UUID:
        """The event behind which the next page begins."""
        return self.events[-1].code


def start_of_day(day: date) -> datetime:
    """Give the first instant of a day in the viewer's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def find_person(text: str) -> Person | None:
    """Give whom an e-mail address or a code means, those who are gone included; None for neither."""
    try:
        return Person(code=UUID(text))
    except ValueError:
        email = _written(text)
        found = User.objects.filter(email=email).values_list("code", flat=True).first()
        return Person(found, email) if "@" in email else None


def _written(typed: str) -> str:
    try:
        return normal_form(typed)
    except ValidationError:  # perhaps one of an older version
        return typed.lower()


def page_of(
    wanted: Wanted, *, before: str = "", after: str = "", is_end: bool = False, day: date | None = None
) -> Page:
    """Give the newest events that are wanted; or those earlier than the event with the code `before`, those later than
    the one with the code `after`, the oldest of all, or those of a day and earlier.
    """
    if is_end or (after and _key_of(after)):
        events = _nearest(wanted, None if is_end else _key_of(after), PER_PAGE + 1, is_rising=True)
        if events:
            return Page(events[:PER_PAGE][::-1], has_older=not is_end, has_newer=len(events) > PER_PAGE)
    key = (start_of_day(day) + timedelta(days=1), 0) if day else _key_of(before)
    events = _newest(wanted, key, PER_PAGE + 1)
    if not events and key:  # nothing is that old: the nearest page is the last one
        return page_of(wanted, is_end=True) if _newest(wanted, None, 1) else Page([], has_older=False)
    newer = _nearest(wanted, (events[0].at, events[0].pk), 1, is_rising=True) if key else []
    return Page(events[:PER_PAGE], has_older=len(events) > PER_PAGE, has_newer=bool(newer))


def of_customer(customer: Customer, wanted: Wanted) -> Wanted:
    """Give what of `wanted` the owners of a customer may see: what happened to it and to its people."""
    return replace(wanted, customer=customer.code, actions=SHOWN_TO_CUSTOMERS, ip_address="", is_for_customer=True)


def own_people_among(customer: Customer, events: list[AuditEvent]) -> set[UUID | None]:
    """Give the codes of those who did `events` and belong to the customer, and None for strangers.

    Only of these is told where they came from: the addresses of the reseller's staff are nobody else's business.
    """
    codes = {event.actor_code for event in events if event.actor_code}
    people = Membership.objects.filter(customer=customer, user__code__in=codes, user__reseller_role="")
    return {None, *people.values_list("user__code", flat=True)}


def member_called(customer: Customer, email: str) -> Person | None:
    """Give the person of a customer with this address, or None."""
    people = Membership.objects.filter(customer=customer, user__email=_written(email))
    code = people.values_list("user__code", flat=True).first()
    return Person(code) if code else None


def rows_for_file(wanted: Wanted) -> Iterator[tuple[str | datetime, ...]]:
    """Give the events one by one as rows of a file, newest first, however many there are."""
    key = None
    while events := _newest(wanted, key, AT_ONCE):
        for event in with_subjects(events):
            yield _row(event)
        key = (events[-1].at, events[-1].pk)


def rows_for_customer(customer: Customer, wanted: Wanted) -> Iterator[tuple[str | datetime, ...]]:
    """Give the events that the owners of a customer may see (`of_customer`) as rows of a file, as their page does."""
    key = None
    while events := _newest(wanted, key, AT_ONCE):
        own_people = own_people_among(customer, events)
        for event in events:
            at, what, _changes, who = _row(event)[:4]
            yield (at, what, who, (event.ip_address or "") if event.actor_code in own_people else "")
        key = (events[-1].at, events[-1].pk)


def _row(event: AuditEvent) -> tuple[str | datetime, ...]:
    changed = "; ".join(f"{one.field}: {one.before} → {one.after}" for one in changes(event))
    who = (event.actor_name or "The portal", event.actor_email, event.customer_name, event.target_name)
    amount = vars(event).get("amount", "")  # from `with_subjects`
    return (event.at, sentence(event), changed, *who, event.ip_address or "", event.user_agent, amount)


def _key_of(code: str) -> Key | None:
    try:
        return AuditEvent.objects.filter(code=UUID(code)).order_by().values_list("at", "pk").first()
    except ValueError:
        return None


def _newest(wanted: Wanted, before: Key | None, number: int) -> list[AuditEvent]:
    return _nearest(wanted, before, number, is_rising=False)


def _nearest(wanted: Wanted, key: Key | None, number: int, *, is_rising: bool) -> list[AuditEvent]:
    """Give the next of what each source gives: one statement for all of them would sort all that a person did."""
    found = {event.pk: event for rows in _sources(wanted, key, is_rising=is_rising) for event in rows[:number]}
    return sorted(found.values(), key=lambda event: (event.at, event.pk), reverse=not is_rising)[:number]


def _sources(wanted: Wanted, key: Key | None, *, is_rising: bool) -> Iterator["QuerySet[AuditEvent]"]:
    rows = AuditEvent.objects.filter(**_conditions(wanted))
    if wanted.is_for_customer:
        rows = rows.exclude(Exists(_HIDDEN)).exclude(Exists(_WORK_ON_HIDDEN))
    if is_rising:
        rows = rows.order_by("at", "pk")
    if key:
        at, pk = key
        behind = Q(at__gt=at) | Q(pk__gt=pk) if is_rising else Q(at__lt=at) | Q(pk__lt=pk)
        rows = rows.filter(behind, at__gte=at) if is_rising else rows.filter(behind, at__lte=at)
    if wanted.person is None:
        yield rows
        return
    if wanted.person.code:
        yield rows.filter(actor_code=wanted.person.code)
        yield rows.filter(target_code=wanted.person.code)
    if wanted.person.email:
        yield rows.filter(actor_email=wanted.person.email)
        yield rows.filter(target_name=wanted.person.email, target_kind="address")


def _conditions(wanted: Wanted) -> dict[str, object]:
    conditions = {
        "customer_code": wanted.customer,
        "action": wanted.action,
        "action__in": wanted.actions,
        "at__gte": start_of_day(wanted.since) if wanted.since else None,
        "at__lt": start_of_day(wanted.until) + timedelta(days=1) if wanted.until else None,
        "ip_address": wanted.ip_address,
    }
    return {name: value for name, value in conditions.items() if value}
