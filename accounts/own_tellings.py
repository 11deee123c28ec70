"""What a reader may be told now: asked when a mail is written and when a page is shown, whatever was so before."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.clearing import clear
from accounts.models import Customer, Mail, Matter, Membership, Telling, User
from accounts.reach import seen_by
from accounts.told_notices import Audience, all_told_notices, told_notice_named

KEPT_FOR = timedelta(days=400)  # a year and some days more
PER_PAGE = 25

logger = logging.getLogger(__name__)


def seen_tellings(person: User) -> "QuerySet[Telling]":
    """Give what somebody was told and may still see: who left, or lost a role or a subscription, sees it no more."""
    if not person.is_active:
        return Telling.objects.none()
    notices = all_told_notices()
    of_staff = [one.name for one in notices if one.audience == Audience.STAFF and person.may(one.permission)]
    of_customers = [one.name for one in notices if one.audience == Audience.CUSTOMER]
    sees = Q(matter__notice__in=of_staff) | Q(matter__notice__in=of_customers) & _sees_at_customer(person)
    return Telling.objects.filter(sees, person=person)


def _sees_at_customer(person: User) -> Q:
    place = Membership.objects.filter(user=person, customer=OuterRef("matter__customer"))
    codes = seen_by(person).order_by().values("code")
    sees_all = Q(Exists(place.filter(is_limited=False)), matter__subscription_code=None)
    own = Q(Exists(place), matter__subscription_code=None, matter__person=person)
    return sees_all | own | Q(Exists(place), matter__subscription_code__in=codes)


def role_tellings(address: str) -> "QuerySet[Telling]":
    """Give what is for a role address while it still is its customer's, of what that customer is shown."""
    rows = Telling.objects.filter(person=None, address=address, matter__customer__contact_email=F("address"))
    shown = Customer.objects.filter(
        pk=OuterRef("matter__customer"),
        subscriptions__code=OuterRef("matter__subscription_code"),
        subscriptions__shown_at__isnull=False,
    )
    return rows.filter(Q(matter__subscription_code=None) | Exists(shown), matter__person=None)


def tellings_for(person: User | None, address: str) -> "QuerySet[Telling]":
    """Give what a reader may see: a person, or a role address where there is none."""
    return seen_tellings(person) if person is not None else role_tellings(address)


@dataclass(frozen=True, slots=True)
class Judged:
    """What of some tellings is still so and what is not; of what could not be judged neither is known."""

    still_so: list[Telling]
    over: list[Telling]
    is_in_doubt: bool


def judge(tellings: "QuerySet[Telling]") -> Judged:
    """Judge, the oldest first, what is still so: a state that lasts, an event that matters, a solution that held."""
    rows = tellings.select_related("matter__customer", "matter__person", "person").order_by("matter__began_at", "pk")
    judged = [(telling, _is_still_so(telling)) for telling in rows]
    return Judged(
        still_so=[telling for telling, is_so in judged if is_so],
        over=[telling for telling, is_so in judged if is_so is False],
        is_in_doubt=any(is_so is None for _, is_so in judged),
    )


def _is_still_so(telling: Telling) -> bool | None:
    matter, notice = telling.matter, told_notice_named(telling.matter.notice)
    if notice is None:  # of another version of the portal, whose workers may come back
        return None
    if telling.is_solution:
        again = Matter.objects.filter(notice=matter.notice, key=matter.key, is_event=False, closed_at=None)
        return not again.exists()
    if matter.solved_at is not None:
        return False
    try:
        return notice.is_still_so(matter)
    except Exception:  # one notice's mistake must not hold up what else the reader is told
        logger.exception("Whether matter %s (%s) is still so could not be told", matter.code, matter.notice)
        return None


def was_told() -> Q:
    """Give the condition on tellings that a mail with them has left, or may have left, the portal."""
    return Q(told_at__isnull=False, mail__state__in=(Mail.State.SENT, Mail.State.PERHAPS_SENT))


def is_on_its_way() -> Q:
    """Give the condition on tellings that a worker is sending them just now: it may still be that they are told."""
    return Q(mail__state=Mail.State.SENDING)


def unread_number(person: User, *, most: int = 100) -> int:
    """Give how many notices somebody has not read, `most` at most; what is solved counts no more."""
    rows = seen_tellings(person).filter(is_new=True, is_solution=False, matter__solved_at=None)
    return len(rows.order_by().values_list("pk")[:most])


def mark_told(tellings: list[Telling], others: "QuerySet[Telling]", now: datetime) -> None:
    """Note which tellings of a mail its text holds, and that it holds no others."""
    keys = [telling.pk for telling in tellings]
    Telling.objects.filter(pk__in=keys).update(told_at=now)
    others.exclude(pk__in=keys).update(told_at=None)
    Matter.objects.filter(tellings__in=keys, told_at=None).update(told_at=now)


def clear_expired(now: datetime) -> int:
    """Delete what was told and closed long ago, with who was told; give how many rows."""
    return clear(Matter.objects.filter(closed_at__lt=now - KEPT_FOR))


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Some of what somebody was told, the newest first, and whether there is older."""

    tellings: list[Telling]
    has_older: bool


def own_page(person: User, *, before: UUID | None = None) -> OwnPage:
    """Give a page of what somebody was told and may still see; what is older than the telling `before`."""
    rows = seen_tellings(person).filter(is_solution=False).select_related("matter__customer", "person")
    if before is not None:
        last = Telling.objects.filter(code=before, person=person).values_list("pk", flat=True).first()
        rows = rows.filter(pk__lt=last) if last is not None else rows
    shown = list(rows.order_by("-pk")[: PER_PAGE + 1])
    return OwnPage(shown[:PER_PAGE], has_older=len(shown) > PER_PAGE)


def _mark_read(tellings: "QuerySet[Telling]", now: datetime) -> None:
    """Note that their reader has read these, where that was not noted yet."""
    tellings.filter(read_at=None).update(read_at=now, is_new=False)


def mark_one_read(telling: Telling, now: datetime) -> None:
    """Note that its reader knows of a matter, by whatever was told of it."""
    _mark_read(Telling.objects.filter(matter=telling.matter_id, person=telling.person_id), now)


def mark_all_read(person: User, *, until: UUID, now: datetime) -> None:
    """Note that somebody has read all up to the telling `until`: what came since was not on the page."""
    last = Telling.objects.filter(code=until, person=person).values_list("pk", flat=True).first()
    if last is not None:
        _mark_read(Telling.objects.filter(person=person, is_new=True, pk__lte=last), now)
