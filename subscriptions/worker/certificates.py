"""What GETLASTORDER says of each name, taken over: the last order, the last certificate, and what follows from them.

No single reading is trusted: a list that lacks an order wipes nothing, one from before what is kept replaces nothing,
and an order that is listed late is taken in then.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from accounts.changeable import LATE_SHARE
from subscriptions.caas.types import LastOrder
from subscriptions.models import Certificate, Domain, IssuedCertificate, Subscription
from subscriptions.rules.certificates import (
    ENDED_CODES,
    FAILED_CODES,
    ISSUED_CODES,
    REPLACED_CODE,
    REVOKED_CODE,
    wildcard_over,
)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 500
# All but what stays as it is made, what other parts read (ARI), and when it was listed last, which changes each time.
KEPT = [
    "status_code", "status_description", "acme_order_id", "acme_account_id", "ca_order_number",
    "ordered_failed_since", "failed_code", "failed_description",
    "serial_number", "valid_from", "valid_until", "issued_order_number", "issued_account_id", "issued_seen_at",
    "revoked_at", "replaced_at",
    "standing", "covered_by_id", "due_at", "late_at", "ends_at", "sort_at", "never_issued_since", "renewable_until",
    "gone_at",
]  # fmt: skip


def keep_certificates(subscription_id: int, last_orders: Sequence[LastOrder] | None, *, began_at: datetime) -> None:
    """Take over the last orders of a subscription's names, asked for at `began_at`; None where they were not read.

    To be called in a transaction that holds the binding's row: one reading is kept after the other.
    """
    names = Domain.objects.filter(subscription=subscription_id)
    Certificate.objects.filter(domain__in=names.exclude(removed_at=None), gone_at=None).update(
        gone_at=began_at, renewable_until=None
    )
    if last_orders is not None:
        _make_rows(names.present(), began_at)
    kept = Certificate.objects.filter(domain__in=names.present()).select_related("domain")
    certificates = {certificate.name: certificate for certificate in kept}
    before = {name: _values(certificate) for name, certificate in certificates.items()}
    for order in sorted(last_orders or (), key=lambda one: (one.ca_order_number or 0, one.valid_from or LONG_AGO)):
        if (certificate := certificates.get(order.domain_name)) is not None:
            _take(certificate, order, began_at)
    reckon(subscription_id, certificates)
    changed = [one for name, one in certificates.items() if _values(one) != before[name]]
    Certificate.objects.bulk_update(changed, KEPT, batch_size=AT_ONCE)
    listed = {order.domain_name for order in last_orders or ()}
    seen = Certificate.objects.filter(domain__in=names.present(), name__in=listed, seen_at__lt=began_at)
    seen.update(seen_at=began_at)
    _keep_history(certificates, last_orders or (), began_at)


def reckon(subscription_id: int, certificates: dict[str, Certificate] | None = None) -> None:
    """Reckon what follows for the names of a subscription, in the rows given by name, or else in the database."""
    subscription = Subscription.objects.select_related("customer").get(pk=subscription_id)
    rows = certificates
    if rows is None:
        kept = Certificate.objects.present().filter(domain__subscription=subscription_id).select_related("domain")
        rows = {certificate.name: certificate for certificate in kept}
    shared: dict[str, Any] = {
        "renewable_until": subscription.renewable_until,
        "late_percent": LATE_SHARE.value(),
    }
    for name, certificate in sorted(rows.items(), key=lambda pair: not pair[0].startswith("*.")):
        wildcard = None if name.startswith("*.") else rows.get(wildcard_over(name))
        certificate.gone_at = None
        certificate.reckon(wildcard=wildcard, **shared)
    if certificates is None:
        Certificate.objects.bulk_update(rows.values(), KEPT[KEPT.index("standing") :], batch_size=AT_ONCE)


def _make_rows(names: Any, began_at: datetime) -> None:
    without = names.filter(certificate=None).only("pk", "code", "name")
    Certificate.objects.bulk_create(
        [Certificate(domain=one, code=one.code, name=one.name, seen_at=began_at) for one in without],
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )


def _values(certificate: Certificate) -> tuple[object, ...]:
    return tuple(getattr(certificate, name) for name in KEPT)


# --- One order ------------------------------------------------------------------------------------------------------


def _take(certificate: Certificate, order: LastOrder, at: datetime) -> None:
    is_last = not _is_before_the_last(certificate, order, at)
    if _was_issued(order) and _is_newest_certificate(certificate, order):
        _take_certificate(certificate, order, at, is_last=is_last)
    if is_last:
        _take_order(certificate, order, at)


def _was_issued(order: LastOrder) -> bool:
    """Whether a certificate came of it; one of a code that the guide does not list needs its dates as a proof."""
    if order.status_code in FAILED_CODES:
        return False
    has_dates = bool(order.serial_number) and order.valid_until is not None
    return has_dates or order.status_code in ISSUED_CODES | ENDED_CODES


def _is_before_the_last(certificate: Certificate, order: LastOrder, at: datetime) -> bool:
    """Whether an order is older than the last one that is kept, or as it was before what is kept of it."""
    number, last_number = order.ca_order_number, certificate.ca_order_number
    if order.acme_order_id == certificate.acme_order_id and number == last_number:
        return at < certificate.seen_at
    if order.serial_number and order.serial_number == certificate.serial_number:
        return True  # of the certificate that is kept, and another order came after it
    is_last_issued = last_number == certificate.issued_order_number
    if order.valid_from is not None and certificate.valid_from is not None and is_last_issued:
        return order.valid_from < certificate.valid_from
    if number is not None and last_number is not None:
        return number < last_number
    return at < certificate.seen_at and certificate.status_code is not None


def _is_newest_certificate(certificate: Certificate, order: LastOrder) -> bool:
    if certificate.issued_seen_at is None:
        return True
    if order.serial_number and order.serial_number == certificate.serial_number:
        return True
    if order.valid_from is not None and certificate.valid_from is not None:
        return order.valid_from >= certificate.valid_from
    number, issued_number = order.ca_order_number, certificate.issued_order_number
    return number is None or issued_number is None or number >= issued_number


def _take_certificate(certificate: Certificate, order: LastOrder, at: datetime, *, is_last: bool) -> None:
    """Keep the certificate of an order. What the CA leaves out of it wipes nothing."""
    is_told = bool(order.serial_number) or order.valid_until is not None
    is_another = is_told and (order.serial_number, order.valid_until) != (
        certificate.serial_number,
        certificate.valid_until,
    )
    if certificate.issued_seen_at is None or (is_another and order.serial_number != certificate.serial_number):
        certificate.issued_seen_at = at
        certificate.issued_order_number = order.ca_order_number
        certificate.issued_account_id = (order.acme_account_id or "")[:64]
        certificate.revoked_at = certificate.replaced_at = certificate.ari_starts_at = None
        Certificate.objects.filter(pk=certificate.pk).update(ari_starts_at=None)
    if is_told:
        certificate.serial_number = order.serial_number[:100] or certificate.serial_number
        certificate.valid_from = order.valid_from or certificate.valid_from
        certificate.valid_until = order.valid_until or certificate.valid_until
    if is_last or (is_told and at >= certificate.seen_at):  # an older reading takes no revocation back
        is_revoked, is_replaced = order.status_code == REVOKED_CODE, order.status_code == REPLACED_CODE
        certificate.revoked_at = (certificate.revoked_at or at) if is_revoked else None
        certificate.replaced_at = (certificate.replaced_at or at) if is_replaced else None


def _take_order(certificate: Certificate, order: LastOrder, at: datetime) -> None:
    certificate.status_code = order.status_code
    certificate.status_description = order.status_description[:200]
    certificate.acme_order_id = order.acme_order_id[:64]
    certificate.acme_account_id = (order.acme_account_id or "")[:64]
    certificate.ca_order_number = order.ca_order_number
    if order.status_code in FAILED_CODES:
        certificate.ordered_failed_since = certificate.ordered_failed_since or at
        certificate.failed_code = order.status_code
        certificate.failed_description = order.status_description[:200]
    elif _was_issued(order):
        certificate.ordered_failed_since = certificate.failed_code = None
        certificate.failed_description = ""


# --- What was issued ------------------------------------------------------------------------------------------------


def _keep_history(certificates: dict[str, Certificate], last_orders: Iterable[LastOrder], at: datetime) -> None:
    told = {
        (certificates[order.domain_name].domain_id, order.serial_number[:100]): order
        for order in last_orders
        if order.domain_name in certificates and order.serial_number and _was_issued(order)
    }
    newer = {one.domain_id for one in certificates.values() if at < one.seen_at}
    rows = IssuedCertificate.objects.filter(domain__in={domain_id for domain_id, _ in told})
    known = {(row.domain_id, row.serial_number): row for row in rows}
    new = [_issued(*key, order, at) for key, order in told.items() if key not in known]
    if new:
        IssuedCertificate.objects.bulk_create(new, ignore_conflicts=True, batch_size=AT_ONCE)
        _end_those_before(certificates, {one.domain_id for one in new}, at)
    for key, order in told.items():
        if (row := known.get(key)) is not None and row.domain_id not in newer:
            _keep_its_end(row, order, at)


def _issued(domain_id: int, serial_number: str, order: LastOrder, at: datetime) -> IssuedCertificate:
    return IssuedCertificate(
        domain_id=domain_id,
        serial_number=serial_number,
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        ca_order_number=order.ca_order_number,
        acme_account_id=(order.acme_account_id or "")[:64],
        first_seen_at=at,
        revoked_at=at if order.status_code == REVOKED_CODE else None,
        replaced_at=at if order.status_code == REPLACED_CODE else None,
    )


def _end_those_before(certificates: dict[str, Certificate], domain_ids: set[int], at: datetime) -> None:
    """Say of what was issued before the last one that it was renewed, and forget the oldest beyond MOST_KEPT."""
    for certificate in certificates.values():
        if certificate.domain_id not in domain_ids:
            continue
        own = IssuedCertificate.objects.filter(domain=certificate.domain_id)
        own.filter(~Q(serial_number=certificate.serial_number), renewed_at=None).update(renewed_at=at)
        surplus = list(own.values_list("pk", flat=True)[IssuedCertificate.MOST_KEPT :])
        if surplus:
            IssuedCertificate.objects.filter(pk__in=surplus).delete()


def _keep_its_end(row: IssuedCertificate, order: LastOrder, at: datetime) -> None:
    revoked_at = (row.revoked_at or at) if order.status_code == REVOKED_CODE else None
    replaced_at = (row.replaced_at or at) if order.status_code == REPLACED_CODE else None
    if (revoked_at, replaced_at) != (row.revoked_at, row.replaced_at):
        IssuedCertificate.objects.filter(pk=row.pk).update(revoked_at=revoked_at, replaced_at=replaced_at)
