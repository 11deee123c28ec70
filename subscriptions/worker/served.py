"""Looks at what each name's website serves: every name once a day, in batches, and one when a person asks."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from portal import outbound
from subscriptions.ledger import clock
from subscriptions.models import Domain, ServedCertificate
from subscriptions.preflight import results
from subscriptions.preflight.looking import not_looked
from subscriptions.preflight.question import Ports, Question
from subscriptions.preflight.results import Look, Outcome, Topic
from subscriptions.preflight.served import read

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AFTER_NOTHING = timedelta(hours=6)  # where nothing could be told: a website that was away, a resolver that failed
BATCH = 200  # names of one pass
AT_ONCE = 8
PASS_SECONDS = 45.0  # for one pass: what it does not reach is due again after the lease
NAME_SECONDS = 8.0
LEASE = timedelta(minutes=10)
NEW_ROWS = 2000  # of one pass


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw."""

    row: ServedCertificate
    look: Look


def look_at_due(*, ports: Ports | None = None) -> None:
    """Look at the names whose day is over, as many as fit into one pass.

    Each is taken by its due time first and written when it was seen: a worker that is killed leaves them due again.
    """
    if not outbound.is_on():
        return
    now = clock.now()
    begin_new(now)
    taken = _taken(now)
    end = time.monotonic() + PASS_SECONDS
    while taken and time.monotonic() < end:
        some, taken = taken[:AT_ONCE], taken[AT_ONCE:]
        for seen in _look_at(some, ports):
            _keep(seen)
    ServedCertificate.objects.filter(pk__in=[row.pk for row in taken]).update(due_at=now)


def look_at_one(domain_id: int, *, ports: Ports | None = None) -> None:
    """Look at one name now; a name that is gone meanwhile is left alone."""
    domain = Domain.objects.filter(pk=domain_id).first()
    if domain is None:
        return
    row, _ = ServedCertificate.objects.get_or_create(domain=domain)
    for seen in _look_at([row], ports):
        _keep(seen)


def keep_look(domain_id: int, look: Look) -> None:
    """Keep what another look at a name saw of its website, so that both say the same."""
    row, _ = ServedCertificate.objects.select_related("domain").get_or_create(domain_id=domain_id)
    if look.code != results.OUT_OF_TIME:
        _keep(Seen(row, look))


def begin_new(now: datetime) -> None:
    """Write a row for each name that has none, due at once; a wildcard has no website of its own."""
    without = Domain.objects.present().filter(~Exists(ServedCertificate.objects.filter(domain=OuterRef("pk"))))
    rows = [
        ServedCertificate(domain=domain, due_at=None if domain.is_wildcard else now)
        for domain in without.only("pk", "name").order_by("pk")[:NEW_ROWS]
    ]
    ServedCertificate.objects.bulk_create(rows, ignore_conflicts=True)


def _taken(now: datetime) -> list[ServedCertificate]:
    due = ServedCertificate.objects.due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:BATCH]
    mine = [pk for pk in due if ServedCertificate.objects.due(now).filter(pk=pk).update(due_at=now + LEASE)]
    rows = ServedCertificate.objects.filter(pk__in=mine).select_related("domain__certificate")
    return list(rows.order_by("pk"))


def _look_at(rows: Sequence[ServedCertificate], ports: Ports | None) -> list[Seen]:
    # Only looking is done side by side: each thread with a connection to the database would be one too many.
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="served") as pool:
        questions = [(row, row.domain.name) for row in rows]
        return list(pool.map(lambda asked: Seen(asked[0], _look(asked[1], ports)), questions))


def _look(name: str, ports: Ports | None) -> Look:
    until = time.monotonic() + NAME_SECONDS
    question = Question(name, identifiers=(), wants_http=False, until=until, ports=ports or Ports())
    try:
        return read(question)[0]
    except Exception:
        logger.exception("The website of %s could not be looked at", name)
        return _unreadable(name)


def _unreadable(name: str) -> Look:
    return not_looked(Topic.SERVED, outbound.Unreadable(name), name)


def _keep(seen: Seen) -> None:
    """Write down what was seen; what cannot be written is noted as unreadable, so that the other names have theirs."""
    if seen.look.outcome == Outcome.OFF:
        return
    try:
        with transaction.atomic():
            _write(seen)
    except Exception:
        name = seen.row.domain.name
        logger.exception("What the website of %s serves could not be kept", name)
        _write(Seen(seen.row, _unreadable(name)))


def _write(seen: Seen) -> None:
    now = clock.now()
    said = kept_of(seen.look)
    is_new = said["serial_number"] != seen.row.serial_number
    if said["renewal_id"] and (is_new or seen.row.renewal_due_at is None):
        said["renewal_due_at"] = now
    ServedCertificate.objects.filter(pk=seen.row.pk).update(looked_at=now, due_at=_next(seen, now), **said)


def kept_of(look: Look) -> dict[str, Any]:
    """Give the columns that hold what a look at a served certificate saw; of one not read they are empty."""
    facts = results.plain(look.facts)
    serials = facts.get("serials", {})
    return {
        "outcome": look.outcome.value,
        "code": look.code,
        "problem": _problem(look),
        "serial_number": facts.get("serial_number", ""),
        "issuer": facts.get("issuer", ""),
        "issuer_organization": facts.get("issuer_organization", ""),
        "valid_from": _instant(facts.get("valid_from")),
        "valid_until": _instant(facts.get("valid_until")),
        "names_count": facts.get("names_count"),
        "covers_name": facts.get("covers_name"),
        "differs": len(set(serials.values())) > 1,
        "renewal_id": facts.get("renewal_id", ""),
    }


def _problem(look: Look) -> str:
    if look.code == results.SERVED_NOTHING:
        return str(look.facts["addresses"][0]["why"])[:40]
    return str(look.facts.get("why", look.facts.get("detail", "")))[:40]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _next(seen: Seen, now: datetime) -> datetime | None:
    domain = seen.row.domain
    if domain.is_wildcard or _is_over(domain, now):
        return None
    return now + (AFTER_NOTHING if seen.look.outcome == Outcome.UNKNOWN else EVERY)


def _is_over(domain: Domain, now: datetime) -> bool:
    """Whether a name that was removed has nothing left that could still be served."""
    if domain.removed_at is None:
        return False
    certificate = getattr(domain, "certificate", None)
    return certificate is None or certificate.valid_until is None or certificate.valid_until <= now
