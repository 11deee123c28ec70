"""The worker half of checks of names: look from outside, and keep what is seen as it comes."""

import logging
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F

from subscriptions.ledger import clock
from subscriptions.models import NameCheck, Quote, QuoteLine
from subscriptions.preflight.examine import examine_by_topic
from subscriptions.preflight.results import Look, Topic
from subscriptions.worker import served

logger = logging.getLogger(__name__)

State = NameCheck.State
MAX_TRIES = 3
AT_ONCE = 10
SIDE_BY_SIDE = 3  # of one quote: a person who waits for another name is not to stand behind fifty
MAX_OF_QUOTE = 50  # names of a quote that are looked at; its page says how many


def check(check_id: int) -> list[int]:
    """Look at a name that waits for it, and keep what was seen; one that another worker has is left alone.

    Gives the checks to send next, where it is of a quote.
    """
    token = uuid4()
    if not _claim(check_id, token):
        return []
    row = NameCheck.objects.get(pk=check_id)
    if row.tries > MAX_TRIES:
        _save(check_id, token, state=State.GIVEN_UP, ended_at=clock.now(), claim_token=None)
    else:
        _look(row, token)
    return [] if row.quote_id is None else _take_of_quote(row.quote_id, clock.now())


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
    claim = {"state": State.RUNNING, "claim_token": token, "lease_expires_at": now + NameCheck.LEASE}
    return rows.update(**claim, tries=F("tries") + 1) == 1


def _save(check_id: int, token: UUID, **fields: object) -> bool:
    return NameCheck.objects.filter(pk=check_id, claim_token=token, state=State.RUNNING).update(**fields) == 1


def take_due(now: datetime) -> list[int]:
    """Give the checks whose message may be lost, or whose worker is gone, the oldest first; each once in a lease.

    Those that wait behind others of their quote are left to these.
    """
    of_quotes = NameCheck.objects.on_the_way(now).filter(quote__isnull=False).order_by().values("quote")
    full = of_quotes.annotate(number=Count("pk")).filter(number__gte=SIDE_BY_SIDE).values("quote")
    late = NameCheck.objects.to_send(now).exclude(quote__in=full).order_by("asked_at", "pk")
    taken: list[int] = []
    for pk, quote_id in late.values_list("pk", "quote_id")[:AT_ONCE]:
        if len(taken) < AT_ONCE and pk not in taken:
            taken += _take([pk], now) if quote_id is None else _take_of_quote(quote_id, now)
    return taken


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
    return _take_of_quote(quote_id, clock.now())


@transaction.atomic
def _take_of_quote(quote_id: int, now: datetime) -> list[int]:
    """Take as many checks of a quote as there is room for beside those on the way."""
    # Locked: two that end at the same moment do not both see the same room.
    if Quote.objects.select_for_update(of=("self",), no_key=True).filter(pk=quote_id).first() is None:
        return []
    of_quote = NameCheck.objects.filter(quote=quote_id)
    room = SIDE_BY_SIDE - of_quote.on_the_way(now).count()
    if room <= 0:
        return []
    return _take(list(of_quote.to_send(now).order_by("pk").values_list("pk", flat=True)[:room]), now)


def _take(check_ids: list[int], now: datetime) -> list[int]:
    """Note that checks are sent now; give those that nobody else has sent meanwhile."""
    sent = {"state": State.WAITING, "claim_token": None, "lease_expires_at": now + NameCheck.LEASE}
    return [pk for pk in check_ids if NameCheck.objects.to_send(now).filter(pk=pk).update(**sent)]
