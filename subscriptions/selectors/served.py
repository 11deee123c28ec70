"""Reads about what the website of a name serves, beside what was issued for it and what is subscribed to."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from subscriptions.explain.served import Issued, Served, served_state, served_words
from subscriptions.models import Certificate, Domain, IssuedCertificate, ServedCertificate

MOST_OLDER = 20  # certificates issued before the last one that are compared


@dataclass(frozen=True, slots=True)
class ServedRow:
    """One name in three: subscribed, issued, served."""

    domain: Domain
    is_subscribed: bool
    certificate: Certificate | None
    served: ServedCertificate | None
    said: Served
    is_on: bool
    """Whether this installation looks at websites at all."""
    is_awaited: bool
    """Whether somebody asked for a look that is still to come."""

    @property
    def has_certificate(self) -> bool:
        """Whether a certificate was issued that covers the name."""
        return self.certificate is not None and self.certificate.issued_seen_at is not None

    @property
    def version(self) -> str:
        """Give what tells one look at it from the next, for the page that follows it."""
        seen = self.served.looked_at if self.served else None
        return f"{seen.timestamp() if seen else 0:.6f}-{self.is_awaited}"


def served_row(domain: Domain, now: datetime) -> ServedRow:
    """Give what is subscribed, issued and served for a name; a fixed number of look-ups."""
    subscription = domain.subscription
    is_subscribed = domain.removed_at is None and subscription.is_running(now)
    certificate = _certificate_over(domain)
    row = ServedCertificate.objects.filter(domain=domain).first()
    owners = {domain.pk} if certificate is None else {domain.pk, certificate.domain_id}
    history = IssuedCertificate.objects.filter(domain__in=owners).order_by("-first_seen_at", "-pk")
    older = tuple(history.values_list("serial_number", flat=True)[:MOST_OLDER])
    issued = Issued(certificate, older, subscription.synced_at)
    state = served_state(row, issued, is_wildcard=domain.is_wildcard, is_subscribed=is_subscribed, now=now)
    return ServedRow(
        domain=domain,
        is_subscribed=is_subscribed,
        certificate=certificate,
        served=row,
        said=served_words(state, row),
        is_on=bool(settings.OUTBOUND),
        is_awaited=row is not None and row.is_awaited(now),
    )


def _certificate_over(domain: Domain) -> Certificate | None:
    own = Certificate.objects.filter(domain=domain).select_related("covered_by").first()
    if own is None or own.covered_by_id is None:
        return own
    return Certificate.objects.filter(domain=own.covered_by_id).first() or own
