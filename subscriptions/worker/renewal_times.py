"""When the CA wants a certificate renewed: asked of the CA itself (RFC 9773) for each one that is seen in use.

The answer is a word of the CA about one certificate, by its own identifier. It counts within that one's lifetime only.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F

from portal import outbound
from subscriptions.ledger import clock
from subscriptions.models import Certificate, EabBinding, ServedCertificate
from subscriptions.rules.serial_numbers import is_same_serial
from subscriptions.worker.certificates import reckon

BATCH = 200
PASS_SECONDS = 20.0
CALL_SECONDS = 6.0
# RFC 9773 4.3.2 and 4.3.3: what a CA says is kept within these; without a word of it, and after an error, six hours.
EARLIEST, LATEST, USUAL = timedelta(hours=1), timedelta(days=1), timedelta(hours=6)


def ask_due() -> None:
    """Ask about the certificates whose turn it is, as many as fit into one pass; those of one CA by one directory."""
    if not outbound.is_on():
        return
    end = time.monotonic() + PASS_SECONDS
    changed: set[int] = set()
    places: dict[str, str] = {}
    for row in _take_due(clock.now()):
        if time.monotonic() >= end:
            break
        if _is_last_issued(row) and _ask(row, places):
            changed.add(row.domain.subscription_id)
    for subscription_id in sorted(changed):
        _reckon(subscription_id)


def _take_due(now: datetime) -> Iterable[ServedCertificate]:
    """Give those that are due, each put off first: one that breaks this worker does not break the next at once."""
    due = ServedCertificate.objects.filter(renewal_due_at__lte=now)
    for pk in list(due.order_by("renewal_due_at", "pk").values_list("pk", flat=True)[:BATCH]):
        if due.filter(pk=pk).update(renewal_due_at=now + USUAL):
            yield ServedCertificate.objects.select_related("domain__certificate", "domain__subscription__binding").get(
                pk=pk
            )


def _is_last_issued(row: ServedCertificate) -> bool:
    certificate = getattr(row.domain, "certificate", None)
    is_it = certificate is not None and is_same_serial(certificate.serial_number, row.serial_number)
    if not (is_it and row.renewal_id):
        # What is served is another's, or an older one: when that is to be renewed is nobody's question here.
        ServedCertificate.objects.filter(pk=row.pk).update(renewal_due_at=None)
        return False
    return True


def _ask(row: ServedCertificate, places: dict[str, str]) -> bool:
    """Ask when a certificate is to be renewed; give whether that is another time than before."""
    binding = getattr(row.domain.subscription, "binding", None)
    if binding is None or not (place := _place(binding.directory_url, places)):
        return False
    try:
        said, headers = outbound.get_json(f"{place}/{row.renewal_id}", **_call())
    except outbound.OutboundError:
        return False
    now = clock.now()
    ServedCertificate.objects.filter(pk=row.pk).update(renewal_due_at=now + wait_of(headers.get("retry-after", "")))
    starts_at = window_start(said, row.domain.certificate)
    if starts_at is None:
        return False
    same = Certificate.objects.filter(pk=row.domain.certificate.pk, serial_number=row.domain.certificate.serial_number)
    return same.exclude(ari_starts_at=starts_at).update(ari_starts_at=starts_at) == 1


def _place(directory_url: str, places: dict[str, str]) -> str:
    """Give where a CA is asked, which its directory says; empty where it does not, or cannot be read."""
    if directory_url not in places:
        places[directory_url] = ""
        try:
            directory, _ = outbound.get_json(directory_url, **_call())
        except outbound.OutboundError:
            return ""
        place = directory.get("renewalInfo") if isinstance(directory, dict) else None
        if isinstance(place, str) and urlsplit(place).scheme == "https":
            places[directory_url] = place.rstrip("/")
    return places[directory_url]


def _call() -> dict[str, Any]:
    ca_file = settings.CAAS_SANDBOX_CA_FILE if settings.CAAS_SANDBOX else None
    return {"until": time.monotonic() + CALL_SECONDS, "ca_file": ca_file}


def window_start(said: Any, certificate: Certificate) -> datetime | None:
    """Give the start of a window as it counts for a certificate; None where it says nothing that can be meant.

    A window that begins before the certificate did means at once: it is to be replaced. One that begins when it has
    ended is none.
    """
    window = said.get("suggestedWindow") if isinstance(said, dict) else None
    start, end = (_instant(window.get(name)) for name in ("start", "end")) if isinstance(window, dict) else (None, None)
    if start is None or end is None or start >= end:
        return None
    if certificate.valid_from is None or certificate.valid_until is None or start >= certificate.valid_until:
        return None
    return max(start, certificate.valid_from)


def _instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo is not None else None


def wait_of(retry_after: str) -> timedelta:
    """Give how long not to ask again: what the CA says in seconds, within bounds."""
    if not retry_after.isdecimal() or len(retry_after) > len("99999999"):
        return USUAL
    return min(max(timedelta(seconds=int(retry_after)), EARLIEST), LATEST)


def _reckon(subscription_id: int) -> None:
    with transaction.atomic():
        # As a reading does: what follows is reckoned one after the other.
        EabBinding.objects.filter(subscription=subscription_id).update(claims=F("claims"))
        reckon(subscription_id)
