"""Reads about certificates: how many are in which state, and their lists over all subscriptions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from subscriptions.explain.certificates import (
    CertificateCounts,
    Health,
    certificate_state,
    ending_of,
    failure_of,
    note_of,
    told,
)
from subscriptions.explain.states import mark_of
from subscriptions.models import AcmeAccount, Certificate, Domain, IssuedCertificate, Subscription
from subscriptions.models.certificates import renewable_condition, state_condition
from subscriptions.rules.certificates import CertificateState
from subscriptions.rules.written_names import unicode_form

STATES = tuple(CertificateState)  # the worst first
HISTORY_SHOWN = 25
SHARED_SHOWN = 5


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


# --- Lists ----------------------------------------------------------------------------------------------------------

HEADING = (
    "Name", "In A-labels", "State", "Covered by", "Valid from ({zone})", "Valid until ({zone})", "Renewal due ({zone})",
    "Serial number", "Last order", "The CA’s words", "Failing since ({zone})", "Customer", "Subscription",
)  # fmt: skip
# Names of terms that are over stay in the list: their sites may still be served with what has not run out.
RENEWABLE, ENDED = "renewable", "ended"


def certificates() -> "QuerySet[Certificate]":
    """Give the certificates of all names that are there, those without one too."""
    rows = Certificate.objects.present().order_by()
    return rows.select_related("domain__subscription__customer", "domain__subscription__server", "covered_by")


def certificates_of(subscriptions: "QuerySet[Subscription]") -> "QuerySet[Certificate]":
    """Give those of some subscriptions."""
    return certificates().filter(domain__subscription__in=subscriptions.order_by().values("pk"))


def of_term(rows: "QuerySet[Certificate]", term: str, now: datetime) -> "QuerySet[Certificate]":
    """Keep those whose subscription can renew them at `now`, or those that end with it."""
    condition = renewable_condition(now)
    return rows.filter(condition if term == RENEWABLE else ~condition)


def with_states(rows: Sequence[Certificate], now: datetime) -> Sequence[Certificate]:
    """Give the same, each now with its `state` and, where there is more to say, its `note`."""
    for row in rows:
        state = certificate_state(row, now)
        vars(row).update(state=state, note=note_of(row, state))
    return rows


def certificate_lines(rows: "QuerySet[Certificate]") -> Iterator[tuple[str | datetime | None, ...]]:
    """Give certificates one by one as lines of a file under HEADING, however many there are."""
    now = timezone.now()
    for row in rows.iterator(chunk_size=1000):
        state, subscription = certificate_state(row, now), row.domain.subscription
        yield (
            unicode_form(row.name),
            row.name,
            mark_of("certificate", state).word,
            row.covered_by.name if row.covered_by else "",
            row.valid_from,
            row.ends_at,
            row.due_at,
            row.serial_number,
            str(row.ca_order_number or ""),
            note_of(row, state),
            row.ordered_failed_since,
            subscription.customer.name,
            subscription.title,
        )


# --- One name -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate in the history of a name, with the client that ordered it and how it ended."""

    row: IssuedCertificate
    client: AcmeAccount | None
    ending: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class NameCertificate:
    """What the page of a name shows of its certificate."""

    certificate: Certificate | None
    state: CertificateState
    told: Health
    failure: str
    client: AcmeAccount | None  # that ordered last
    shared_with: Sequence[str]
    shared_with_more: int
    history: Sequence[Issued]

    @property
    def is_renewable(self) -> bool:
        """Whether anything can be ordered for the name, as far as the last reading knows."""
        return self.certificate is not None and self.certificate.renewable_until is not None


def certificate_of(domain: Domain, now: datetime) -> NameCertificate:
    """Give how the certificate of a name is at `now`, and what was issued for it before."""
    certificate = Certificate.objects.filter(domain=domain).select_related("covered_by").first()
    state = certificate_state(certificate, now)
    issued = list(domain.issued_certificates.all()[:HISTORY_SHOWN])
    accounts = {row.acme_account_id for row in issued} | {certificate.acme_account_id if certificate else ""}
    binding = getattr(domain.subscription, "binding", None)
    known = AcmeAccount.objects.filter(binding=binding, acme_account_id__in=accounts - {""})
    clients = {client.acme_account_id: client for client in known}
    shared = _sharing(certificate)
    return NameCertificate(
        certificate=certificate,
        state=state,
        told=told(certificate, state, now),
        failure=failure_of(certificate),
        client=clients.get(certificate.acme_account_id) if certificate else None,
        shared_with=shared[:SHARED_SHOWN],
        shared_with_more=max(len(shared) - SHARED_SHOWN, 0),
        history=[
            Issued(
                row=row,
                client=clients.get(row.acme_account_id),
                ending=ending_of(row, now),
                is_last=certificate is not None and row.serial_number == certificate.serial_number,
            )
            for row in issued
        ],
    )


def _sharing(certificate: Certificate | None) -> list[str]:
    """Give the other names that the last certificate was issued for, as their own last orders show."""
    if certificate is None or not certificate.serial_number:
        return []
    others = Certificate.objects.present().filter(
        domain__subscription=certificate.domain.subscription_id, serial_number=certificate.serial_number
    )
    return list(others.exclude(pk=certificate.pk).order_by("name").values_list("name", flat=True))
