"""Telling people: what is the case becomes a matter, a matter becomes tellings, and tellings become mails.

Each step writes its rows first and is repeated after a kill: unique rows and conditional updates make the repetition
one that changes nothing, so that nothing is told twice and nothing is lost, however many workers look at a time.

- A state that comes and goes is one matter until it has been solved for SETTLED_FOR. Only then "solved" is said, to
  those who were told. What was solved before its mail was written is never told.
- The same thing again within DAMPED_FOR of its last mail is a new matter whose mails wait until then.
- Events are looked for from an hour before the last look on: a row can be committed after one that is younger.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import outbox
from accounts.models import Customer, Matter, NoticeCursor, Telling, User
from accounts.notice_mails import AT_ONCE, DIGEST, PRESSING, CarryingNotice
from accounts.own_tellings import is_on_its_way, judge, tellings_for, was_told
from accounts.recipients import due, tellings_of
from accounts.told_notices import MatterFound, ToldNotice, Topic, all_told_notices, told_notice_named
from accounts.undeliverable import is_marked

SETTLED_FOR = timedelta(minutes=15)
DAMPED_FOR = timedelta(days=1)
SPREAD_AGAIN_AFTER = timedelta(days=1)  # who joins is told of what still lasts
OVERLAP = timedelta(hours=1)
BATCH = 500

logger = logging.getLogger(__name__)


class TellingFailedError(Exception):
    """Some notices could not be looked at, or some readers not be written to; the others were."""


def look(now: datetime) -> None:
    """Note what is the case, choose who is told, and end what is solved.

    Raises TellingFailedError, after all else is done, where a notice could not be looked at.
    """
    failed = [notice.name for notice in all_told_notices() if not _succeeds(notice.name, _look_at, notice, now)]
    _spread_all(now)
    _close_all(now)
    if failed:
        raise TellingFailedError(f"Not looked at: {', '.join(failed)}.")


def _succeeds(name: str, step: Callable[..., None], *args: object) -> bool:
    try:
        step(*args)
    except Exception:  # one notice's mistake must not keep people from learning of all else
        logger.exception("Telling failed at %s", name)
        return False
    return True


def _look_at(notice: ToldNotice, now: datetime) -> None:
    if notice.is_event:
        _look_at_events(notice, now)
        return
    keys: set[str] = set()
    for batch in _batches(notice.matters(now, now)):
        keys.update(found.key for found in batch)
        _open(notice, batch, now)
    _solve_others(notice, keys, now)


def _look_at_events(notice: ToldNotice, now: datetime) -> None:
    # What happened long before the portal knew the notice is not told.
    cursor, _ = NoticeCursor.objects.get_or_create(notice=notice.name, defaults={"looked_until": now})
    # A host whose clock was ahead may have looked last: what happened since then by its clock is yet to come.
    for batch in _batches(notice.matters(now, min(cursor.looked_until, now) - OVERLAP)):
        Matter.objects.bulk_create([_new(notice, found, now) for found in batch], ignore_conflicts=True)
    NoticeCursor.objects.filter(pk=cursor.pk).update(looked_until=now)


def _batches(found: Iterable[MatterFound]) -> Iterator[list[MatterFound]]:
    stream = iter(found)
    while batch := list(islice(stream, BATCH)):
        yield batch


def _new(notice: ToldNotice, found: MatterFound, now: datetime) -> Matter:
    return Matter(
        notice=notice.name,
        key=found.key[: Matter.KEY_LENGTH],
        is_event=notice.is_event,
        customer_id=found.customer_id,
        person_id=found.person_id,
        subscription_code=found.subscription_code,
        about_kind=found.about_kind,
        about_code=found.about_code,
        about_name=found.about_name[: Matter.ABOUT_LENGTH],
        facts=found.facts,
        began_at=found.began_at,
        opened_at=now,
    )


def _open(notice: ToldNotice, batch: list[MatterFound], now: datetime) -> None:
    """Write a row for each state that has none, and take up again what was solved a moment ago."""
    rows = Matter.objects.filter(notice=notice.name, is_event=False, closed_at=None)
    there = {matter.key: matter for matter in rows.filter(key__in=[found.key for found in batch])}
    new = [_new(notice, found, now) for found in batch if found.key not in there]
    Matter.objects.bulk_create(new, ignore_conflicts=True)
    again = [matter.pk for matter in there.values() if matter.solved_at is not None]
    if again:
        rows.filter(pk__in=again).update(solved_at=None)
    for found in batch:
        matter = there.get(found.key)
        if matter is not None and matter.facts != found.facts:
            rows.filter(pk=matter.pk).update(facts=found.facts)


def _solve_others(notice: ToldNotice, keys: set[str], now: datetime) -> None:
    rows = Matter.objects.filter(notice=notice.name, is_event=False, closed_at=None, solved_at=None)
    # What another worker has opened since was not looked for here.
    rows = rows.filter(opened_at__lt=now)
    gone = (pk for pk, key in rows.values_list("pk", "key").iterator(BATCH) if key not in keys)
    while batch := list(islice(gone, BATCH)):
        rows.filter(pk__in=batch).update(solved_at=now)


def _spread_all(now: datetime) -> None:
    """Choose who is told: of new matters, and once a day of those that last, for who joined since."""
    for pk in list(_to_spread(now).order_by("pk").values_list("pk", flat=True)):
        _succeeds(f"matter {pk}", _spread, pk, now)


def _to_spread(now: datetime) -> "QuerySet[Matter]":
    is_due = Q(spread_at=None) | Q(is_event=False, spread_at__lt=now - SPREAD_AGAIN_AFTER)
    names = [notice.name for notice in all_told_notices()]
    return Matter.objects.filter(is_due, closed_at=None, solved_at=None, notice__in=names)


@transaction.atomic
def _spread(pk: int, now: datetime) -> None:
    # Locked: who closes it meanwhile waits, and then sees the tellings.
    rows = _to_spread(now).select_for_update(of=("self",)).select_related("customer", "person")
    matter = rows.filter(pk=pk).first()
    notice = told_notice_named(matter.notice) if matter is not None else None
    if matter is None or notice is None:
        return
    tellings = tellings_of(matter, notice, now, not_before=_damped_until(matter, now))
    Telling.objects.bulk_create(tellings, ignore_conflicts=True)
    ends = {"closed_at": now} if matter.is_event else {}
    Matter.objects.filter(pk=matter.pk).update(spread_at=now, **ends)


def _damped_until(matter: Matter, now: datetime) -> datetime:
    """Give from when on a mail may tell it: a day after the last one about the same thing."""
    if matter.is_event:
        return now
    before = Matter.objects.filter(notice=matter.notice, key=matter.key, told_at__isnull=False).exclude(pk=matter.pk)
    told_at = before.order_by("-told_at").values_list("told_at", flat=True).first()
    return now if told_at is None else max(now, told_at + DAMPED_FOR)


def _close_all(now: datetime) -> None:
    """End what has been solved for a while, and have that said to those who were told."""
    rows = Matter.objects.filter(closed_at=None, solved_at__lte=now - SETTLED_FOR)
    for pk in list(rows.order_by("solved_at").values_list("pk", flat=True)):
        _succeeds(f"matter {pk}", _close, pk, now)


@transaction.atomic
def _close(pk: int, now: datetime) -> None:
    rows = Matter.objects.filter(pk=pk, closed_at=None, solved_at__isnull=False)
    matter = rows.select_for_update().first()
    # A mail on its way may still tell it: whether "solved" is to be said is known afterwards.
    if matter is None or Telling.objects.filter(is_on_its_way(), matter=pk).exists():
        return
    rows.update(closed_at=now)
    tellings = Telling.objects.filter(matter=pk, is_solution=False)
    notice = told_notice_named(matter.notice)
    if notice is not None and notice.says_solved(matter):
        Telling.objects.bulk_create(
            [_solution(telling, now) for telling in tellings.filter(was_told()).select_related("person")],
            ignore_conflicts=True,
        )
    tellings.filter(due_at__isnull=False).update(due_at=None)
    tellings.filter(is_new=True).update(is_new=False)


def _solution(telling: Telling, now: datetime) -> Telling:
    return Telling(
        matter_id=telling.matter_id,
        person=telling.person,
        address=telling.address,
        is_solution=True,
        how=telling.how,
        due_at=due(telling.how, telling.person, now),
        is_new=False,
        created_at=now,
    )


def deliver(now: datetime) -> None:
    """Write the mails that are due: for each reader one of what is told at once, and one digest.

    Raises TellingFailedError, after all else is done, where a reader could not be written to.
    """
    readers = list(_waiting(now).order_by().values_list("person_id", "address").distinct())
    people = User.objects.in_bulk([pk for pk, _ in readers if pk is not None])
    failed = 0
    for pk, address in readers:
        person = people.get(pk) if pk is not None else None
        if pk is None or person is not None:
            failed += not _succeeds("a reader", _write_to, person, address, now)
    if failed:
        raise TellingFailedError(f"{failed} readers could not be written to.")


def _waiting(now: datetime) -> "QuerySet[Telling]":
    # What is solved, and not closed yet, may come back.
    return Telling.objects.filter(Q(matter__solved_at=None) | Q(is_solution=True), due_at__lte=now)


@transaction.atomic
def _write_to(person: User | None, address: str, now: datetime) -> None:
    mine = list(_waiting(now).filter(person=person, address=address).values_list("pk", flat=True))
    seen = tellings_for(person, address).filter(pk__in=mine)
    judged = judge(seen)
    hidden = set(mine) - set(seen.values_list("pk", flat=True))
    # Asked again in the statement: what is solved in this moment may come back, and stays.
    over = [*hidden, *(telling.pk for telling in judged.over)]
    _waiting(now).filter(pk__in=over).update(due_at=None)
    told = [] if _is_unreachable(person, address, judged.still_so) else judged.still_so
    at_once = [telling for telling in told if telling.how == Telling.How.AT_ONCE]
    _carry(PRESSING if any(_is_pressing(telling) for telling in at_once) else AT_ONCE, at_once, now)
    _carry(DIGEST, [telling for telling in told if telling.how == Telling.How.DIGEST], now)


def _is_unreachable(person: User | None, address: str, tellings: list[Telling]) -> bool:
    """Whether mails do not reach a reader; then the tellings stand in the portal only."""
    if not is_marked(person.email if person is not None else address):
        return False
    rows = Telling.objects.filter(pk__in=[telling.pk for telling in tellings], due_at__isnull=False)
    rows.update(how=Telling.How.BELL, due_at=None)
    return True


def _is_pressing(telling: Telling) -> bool:
    notice = told_notice_named(telling.matter.notice)
    return notice is not None and notice.topic != Topic.BUSINESS and not telling.is_solution


class _TakenError(Exception):
    """Another worker has written the mail meanwhile."""


def _carry(carrier: CarryingNotice, tellings: list[Telling], now: datetime) -> None:
    """Write one mail of these tellings, unless another worker did; have them wait where the reader had the share."""
    if not tellings:
        return
    person, address = tellings[0].person, tellings[0].address
    rows = Telling.objects.filter(pk__in=[telling.pk for telling in tellings], due_at__isnull=False)
    try:
        with transaction.atomic():
            to = person.email if person is not None else address
            mail = outbox.queue(carrier.name, address=to, person=person, about=_only_customer(tellings))
            if not rows.update(mail=mail, due_at=None):
                raise _TakenError
    except _TakenError:
        return
    except outbox.TooManyMailsError:
        later = due(Telling.How.DIGEST, person, now)
        rows.update(how=Telling.How.DIGEST, due_at=later)


def _only_customer(tellings: list[Telling]) -> Customer | None:
    customers = {telling.matter.customer for telling in tellings}
    return customers.pop() if len(customers) == 1 else None
