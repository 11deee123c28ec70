"""Reads about certificates: how many are in which state, and their lists over all subscriptions."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q

from subscriptions.explain.certificates import CertificateCounts
from subscriptions.models import IssuedCertificate
from subscriptions.models.certificates import state_condition
from subscriptions.rules.certificates import CertificateState

STATES = tuple(CertificateState)  # the worst first


def counts_of_states(now: datetime) -> dict[str, Any]:
    """Give what names are aggregated by for `certificate_counts`."""
    of_state = {state: state_condition(state, now, prefix="certificate__") for state in STATES}
    of_state[CertificateState.NEVER_ISSUED] |= Q(certificate=None)
    expired, late = of_state[CertificateState.EXPIRED], of_state[CertificateState.LATE]
    return {
        "names": Count("pk"),
        **{f"names_{state}": Count("pk", filter=condition) for state, condition in of_state.items()},
        "expired_name": Min("name", filter=expired),
        "expired_at": Min("certificate__ends_at", filter=expired),
        "late_name": Min("name", filter=late),
        "due_at": Min("certificate__due_at", filter=late),
    }


def certificate_counts(aggregated: Mapping[str, Any]) -> CertificateCounts:
    """Give the counts of names that were aggregated by `counts_of_states`."""
    return CertificateCounts(
        names=aggregated["names"],
        of_state={state: aggregated[f"names_{state}"] for state in STATES},
        expired_name=aggregated["expired_name"] or "",
        expired_at=aggregated["expired_at"],
        late_name=aggregated["late_name"] or "",
        due_at=aggregated["due_at"],
    )


def first_certificates(since: datetime) -> "Iterator[IssuedCertificate]":
    """Give the first certificate of each subscription that had its first listed since then.

    What was issued before the portal had the subscription, as for an account that was taken over, is none.
    """
    rows = IssuedCertificate.objects.filter(first_seen_at__gte=since)
    earlier = IssuedCertificate.objects.filter(
        Q(first_seen_at__lt=OuterRef("first_seen_at"))
        | Q(first_seen_at=OuterRef("first_seen_at"), pk__lt=OuterRef("pk")),
        domain__subscription=OuterRef("domain__subscription"),
    )
    own = Q(valid_from=None) | Q(valid_from__gte=F("domain__subscription__created_at") - timedelta(days=1))
    first = rows.filter(own, ~Exists(earlier)).select_related("domain__subscription__server")
    return first.order_by("pk").iterator()
