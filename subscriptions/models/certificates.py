"""The certificate of each name: the last order and the last one issued, as GETLASTORDER shows them, and what follows.

A name's last order and its last certificate are kept apart: a renewal that fails takes nothing of the certificate away.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from subscriptions.models.subscriptions import Domain, Subscription
from subscriptions.rules.certificates import NEVER, CertificateState, Course, Standing, course_of, state_of


def state_condition(state: str, now: datetime, *, prefix: str = "") -> Q:
    """Give the condition that a certificate is in a state at `now`; `prefix` leads to it, as `certificate__` does.

    It says in SQL what `rules.certificates.state_of` says of one.
    """

    def where(**conditions: object) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in conditions.items()})

    return _CONDITIONS[CertificateState(state)](where, now)


def renewable_condition(now: datetime) -> Q:
    """Give the condition that a certificate can be renewed at `now`: `rules.certificates.can_renew` in SQL."""
    return _can_renew(Q, now)


Where = Callable[..., Q]


def _can_renew(where: Where, now: datetime) -> Q:
    return where(renewable_until__isnull=False, renewable_until__gt=now)


def _cannot_renew(where: Where, now: datetime) -> Q:
    return where(renewable_until__isnull=True) | where(renewable_until__lte=now)


def _current(where: Where, now: datetime) -> Q:
    early = where(due_at__isnull=True) | where(due_at__gt=now) | _cannot_renew(where, now)
    issued = where(standing=Standing.ISSUED) & early
    failing = where(standing=Standing.FAILING, never_issued_since__isnull=True) & _cannot_renew(where, now)
    return where(sort_at__gt=now) & (issued | failing)


def _never_issued(where: Where, now: datetime) -> Q:
    failing = where(standing=Standing.FAILING, never_issued_since__isnull=False) & _cannot_renew(where, now)
    return where(standing__in=[Standing.NONE, Standing.FAILING]) & (where(standing=Standing.NONE) | failing)


_CONDITIONS: dict[CertificateState, Callable[[Where, datetime], Q]] = {
    CertificateState.REVOKED: lambda where, now: where(standing=Standing.REVOKED),
    CertificateState.EXPIRED: lambda where, now: where(sort_at__lte=now) & ~where(standing=Standing.REVOKED),
    CertificateState.FAILING: lambda where, now: (
        where(standing=Standing.FAILING, sort_at__gt=now) & _can_renew(where, now)
    ),
    CertificateState.LATE: lambda where, now: (
        where(standing__in=[Standing.ISSUED, Standing.REPLACED], late_at__lte=now, sort_at__gt=now)
        & _can_renew(where, now)
    ),
    CertificateState.REPLACED: lambda where, now: (
        where(standing=Standing.REPLACED, sort_at__gt=now)
        & (where(late_at__isnull=True) | where(late_at__gt=now) | _cannot_renew(where, now))
    ),
    CertificateState.DUE: lambda where, now: (
        where(standing=Standing.ISSUED, due_at__lte=now, late_at__gt=now, sort_at__gt=now) & _can_renew(where, now)
    ),
    CertificateState.CURRENT: _current,
    CertificateState.NEVER_ISSUED: _never_issued,
}


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates of names."""

    def listed(self) -> Self:
        """Keep those of names that were there at their subscription's last reading: counted by an index alone."""
        return self.filter(gone_at__isnull=True)

    def present(self) -> Self:
        """Keep those of names that are there."""
        return self.filter(gone_at__isnull=True, domain__removed_at__isnull=True)

    def of_state(self, state: str, now: datetime) -> Self:
        """Keep those in a state (a value of CertificateState) at `now`."""
        return self.filter(state_condition(state, now))

    def watched(self, now: datetime) -> Self:
        """Keep those whose state is worth a word to somebody: the one rule of that.

        The name is there and its subscription can renew: it runs, its ACME account is not stopped, its customer is not
        archived. Names of a term that is over are not late: they end with it, and that is said of the subscription.
        What another name's certificate covers is said of that name, once.
        """
        return self.present().filter(
            renewable_condition(now),
            covered_by__isnull=True,
            domain__subscription__account_state=Subscription.AccountState.OPEN,
        )


class Certificate(models.Model):
    """A name's last ACME order and its last certificate; a name without either has a row too, once it was read.

    What follows from both is kept beside them, so that lists and counts find it by an index.
    """

    domain = models.OneToOneField(Domain, on_delete=models.CASCADE, related_name="certificate")
    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="That of the name.")
    name = models.CharField(max_length=255, editable=False, help_text="That of the name: lists are ordered by it.")

    # The last order, whatever came of it. Unknown codes are kept as they are.
    status_code = models.IntegerField(null=True)
    status_description = models.CharField(max_length=200, blank=True)
    acme_order_id = models.CharField(max_length=64, blank=True)
    acme_account_id = models.CharField(max_length=64, blank=True)
    ca_order_number = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When it was listed last.")
    ordered_failed_since = models.DateTimeField(
        null=True, help_text="When it was first seen that an order after the last certificate failed."
    )
    failed_code = models.IntegerField(null=True)
    failed_description = models.CharField(max_length=200, blank=True)

    # The last certificate that was issued.
    serial_number = models.CharField(max_length=100, blank=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    issued_order_number = models.BigIntegerField(null=True)
    issued_account_id = models.CharField(max_length=64, blank=True)
    issued_seen_at = models.DateTimeField(null=True, help_text="When it was first listed; empty: nothing was issued.")
    revoked_at = models.DateTimeField(null=True, help_text="When it was first seen that it is revoked.")
    replaced_at = models.DateTimeField(null=True, help_text="When it was first seen that the CA replaced it.")
    ari_starts_at = models.DateTimeField(
        null=True, help_text="From when on the CA wants it renewed (RFC 9773), where it was read for this one."
    )

    # What follows, of what covers the name: its own certificate, or that of a wildcard of the same subscription.
    standing = models.CharField(max_length=10, default=Standing.NONE.value, help_text="What the CA’s word comes to.")
    covered_by = models.ForeignKey(
        Domain, null=True, on_delete=models.SET_NULL, related_name="+", help_text="The wildcard; empty: its own."
    )
    due_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    sort_at = models.DateTimeField(default=NEVER, help_text="The end, or a day that never comes.")
    never_issued_since = models.DateTimeField(null=True, help_text="Since when the name is there without one.")
    renewable_until = models.DateTimeField(
        null=True, help_text="Until when its subscription can issue another; empty: it cannot."
    )
    gone_at = models.DateTimeField(null=True, help_text="When it was seen that the name was removed.")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["sort_at", "id"], condition=Q(gone_at__isnull=True), name="certificate_by_end"),
            models.Index(fields=["name", "id"], condition=Q(gone_at__isnull=True), name="certificate_by_name"),
            models.Index(
                fields=["standing", "sort_at", "id"], condition=Q(gone_at__isnull=True), name="certificate_by_standing"
            ),
            models.Index(
                fields=["standing", "late_at"],
                condition=Q(renewable_until__isnull=False),
                name="certificate_renewable_late",
            ),
            models.Index(
                fields=["standing", "due_at"],
                condition=Q(renewable_until__isnull=False),
                name="certificate_renewable_due",
            ),
            models.Index(
                fields=["sort_at"], condition=Q(renewable_until__isnull=False), name="certificate_renewable_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain}: {self.status_description}"

    @property
    def course(self) -> Course:
        """From when on it is due and late, and when it ends, as it was last reckoned."""
        return Course(self.due_at, self.late_at, self.ends_at)

    @property
    def is_issued(self) -> bool:
        """Whether a certificate covers the name, its own or another's, however that is now."""
        return self.never_issued_since is None and self.standing != Standing.NONE

    def state_at(self, now: datetime) -> CertificateState:
        """Give its state at `now`."""
        return state_of(
            self.standing, self.course, is_issued=self.is_issued, renewable_until=self.renewable_until, now=now
        )

    def is_current(self, now: datetime) -> bool:
        """Whether a certificate for the name is valid at `now`, due or not."""
        return self.is_issued and self.standing != Standing.REVOKED and self.sort_at > now

    def reckon(self, *, wildcard: "Certificate | None", renewable_until: datetime | None, late_percent: float) -> None:
        """Reckon anew what follows from the order and the certificate.

        `wildcard` is that of the wildcard over the name, reckoned before, where its subscription has one: it covers the
        name where it ends after the name's own, or where the name has none. One that was issued before the name's own
        was revoked is no cure for that.
        """
        self.renewable_until = renewable_until
        own = course_of(self.valid_from, self.valid_until, late_percent=late_percent, ari_starts_at=self.ari_starts_at)
        self.standing, course = self._own_standing, own
        self.covered_by_id = None
        if wildcard is not None and self._is_covered_by(wildcard):
            self.covered_by_id = wildcard.domain_id
            self.standing, course = wildcard.standing, wildcard.course
        self.due_at, self.late_at, self.ends_at = course.due_at, course.late_at, course.ends_at
        self.sort_at = course.ends_at or NEVER
        is_without = self.issued_seen_at is None and self.covered_by_id is None
        self.never_issued_since = self.domain.added_at if is_without else None

    @property
    def _own_standing(self) -> Standing:
        if self.revoked_at is not None:
            return Standing.REVOKED
        if self.ordered_failed_since is not None:
            return Standing.FAILING
        if self.issued_seen_at is None:
            return Standing.NONE
        return Standing.ISSUED if self.replaced_at is None else Standing.REPLACED

    def _is_covered_by(self, wildcard: "Certificate") -> bool:
        if wildcard.issued_seen_at is None or wildcard.revoked_at is not None:
            return False
        if self.revoked_at is not None:
            return wildcard.valid_from is not None and wildcard.valid_from > self.revoked_at
        if self.issued_seen_at is None:
            return True
        ends, own_end = wildcard.valid_until, self.valid_until
        return ends is not None and own_end is not None and ends > own_end


class IssuedCertificate(models.Model):
    """A certificate that was listed for a name, and how it ended. Of each name the newest are kept."""

    MOST_KEPT = 100  # of one name: a client that renews each day would fill the table

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="issued_certificates")
    serial_number = models.CharField(max_length=100)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    ca_order_number = models.BigIntegerField(null=True)
    acme_account_id = models.CharField(max_length=64, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    renewed_at = models.DateTimeField(null=True, help_text="When a newer one was first listed.")
    revoked_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "serial_number"], name="issued_certificate_once_per_name")
        ]
        indexes = [models.Index(fields=["first_seen_at"], name="issued_certificate_seen")]

    def __str__(self) -> str:
        return f"{self.domain}: {self.serial_number}"
