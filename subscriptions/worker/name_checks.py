"""The worker half of checks of names: look from outside, and keep what is seen as it comes."""

import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F

from subscriptions.ledger import clock
from subscriptions.models import NameCheck, Quote, QuoteLine
from subscriptions.preflight.examine import examine_by_topic
from subscriptions.preflight.results import Look, Topic
from subscriptions.worker import served

logger = logging.getLogger(__name__)

State = NameCheck.State
LEASE = timedelta(seconds=60)  # a check is over within half of that
MAX_TRIES = 3
AT_ONCE = 10
SIDE_BY_SIDE = 3  # of one quote: a person who waits for another name is not to stand behind fifty
MAX_OF_QUOTE = 50  # names of a quote that are looked at; its page says how many


def check(check_id: int) -> list[int]:
    """Look at a name that waits for it, and keep what was seen; one that another worker has is left alone.

    Gives the check that comes next, where it is of a quote.
    """
    token = uuid4()
    if not _claim(check_id, token):
        return []
    row = NameCheck.objects.get(pk=check_id)
    if row.tries > MAX_TRIES:
        _save(check_id, token, state=State.GIVEN_UP, ended_at=clock.now(), claim_token=None)
    else:
        _look(row, token)
    # Those before it have their messages already.
    return [] if row.quote_id is None else _waiting_of(row.quote_id)[SIDE_BY_SIDE - 1 :]


def _look(row: NameCheck, token: UUID) -> None:
    looks: list[dict[str, object]] = []
    parts = examine_by_topic(row.name, identifiers=settings.CAA_IDENTIFIERS, wants_http=not row.is_wildcard)
    for part in parts:
        looks += [look.kept() for look in part]
        if not _save(row.pk, token, looks=looks):
            return  # another has it since the lease ran out
        for look in part:
            if look.topic == Topic.SERVED and row.domain_id is not None:
                _keep_served(row.domain_id, look)
    _save(row.pk, token, state=State.DONE, looks=looks, ended_at=clock.now(), claim_token=None)


def _keep_served(domain_id: int, look: Look) -> None:
    """Keep what the website serves with the name; the check goes on where that fails."""
    try:
        with transaction.atomic():
            served.keep_look(domain_id, look)
    except Exception:
        logger.exception("What a check saw of the website of name %s could not be kept with it", domain_id)


def _claim(check_id: int, token: UUID) -> bool:
    now = clock.now()
    rows = NameCheck.objects.due(now).filter(pk=check_id)
    claim = {"state": State.RUNNING, "claim_token": token, "lease_expires_at": now + LEASE}
    return rows.update(**claim, tries=F("tries") + 1) == 1


def _save(check_id: int, token: UUID, **fields: object) -> bool:
    return NameCheck.objects.filter(pk=check_id, claim_token=token, state=State.RUNNING).update(**fields) == 1


def take_due(now: datetime) -> list[int]:
    """Give the checks whose message may be lost, or whose worker is gone, the oldest first."""
    late = NameCheck.objects.due(now).filter(asked_at__lt=now - LEASE)
    return list(late.order_by("asked_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def begin_of_quote(quote_id: int) -> list[int]:
    """Write a check for each of the first names that a priced quote would add; give those to begin with.

    However often it is called, a name of a quote is looked at once.
    """
    quote = Quote.objects.filter(pk=quote_id, state=Quote.State.READY).first()
    if quote is None:
        return []
    priced = quote.lines.filter(state=QuoteLine.State.PRICED).exclude(name="").order_by("position")
    names = list(dict.fromkeys(priced.values_list("name", flat=True)[:MAX_OF_QUOTE]))
    rows = [NameCheck(name=name, quote=quote, asked_by=quote.created_by) for name in names]
    NameCheck.objects.bulk_create(rows, ignore_conflicts=True)
    return _waiting_of(quote_id)[:SIDE_BY_SIDE]


def _waiting_of(quote_id: int) -> list[int]:
    waiting = NameCheck.objects.filter(quote=quote_id, state=State.WAITING).order_by("pk")
    return list(waiting.values_list("pk", flat=True)[:SIDE_BY_SIDE])
