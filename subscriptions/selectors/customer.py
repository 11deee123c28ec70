"""Reads for the customers' pages. How many queries they take does not depend on how many names there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import AuditEvent
from subscriptions.explain.certificates import CertificateCounts, CertificateState, Health, certificate_state, health
from subscriptions.explain.first_steps import Progress
from subscriptions.explain.happenings import SHOWED_THE_KEY
from subscriptions.models import AcmeAccount, Certificate, Domain, Operation, Prevalidation, Subscription
from subscriptions.models.certificates import FAILED_CODES, ISSUED_CODES, REPLACED_CODE, REVOKED_CODE

NAMES_ON_A_CARD = 3
REVEALS_SHOWN = 10
# A renewal that failed or waits takes nothing of the last certificate away.
_WAS_ISSUED = Q(status_code__in=[*ISSUED_CODES, REVOKED_CODE, REPLACED_CODE]) | ~Q(serial_number="")


def title_of(subscription: Subscription) -> str:
    """Give what a customer knows a subscription by: its label, or its certificate type."""
    return subscription.label or str(subscription.server)


# --- Home -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """A subscription on the home page: its first names, how many more there are, and its health."""

    subscription: Subscription
    names: Sequence[str]
    more: int
    health: Health

    @property
    def title(self) -> str:
        """What the customer knows it by."""
        return title_of(self.subscription)


def subscription_cards(subscriptions: Sequence[Subscription], now: datetime) -> list[SubscriptionCard]:
    """Give a card for each subscription."""
    ids = [subscription.pk for subscription in subscriptions]
    counts, first = _certificate_counts(ids, now), _first_names(ids)
    return [_card(row, counts.get(row.pk, CertificateCounts()), first.get(row.pk, []), now) for row in subscriptions]


def _card(subscription: Subscription, counts: CertificateCounts, names: list[str], now: datetime) -> SubscriptionCard:
    return SubscriptionCard(subscription, names, counts.names - len(names), _health_of(subscription, counts, now))


def _health_of(subscription: Subscription, counts: CertificateCounts, now: datetime) -> Health:
    sentences = {
        Subscription.State.CREATING: Health("Your ACME account is being created.", "info"),
        Subscription.State.FAILED: Health("Your ACME account could not be created. Ask your provider.", "danger"),
        Subscription.State.LAPSED: Health("Lapsed: nothing can be issued or renewed.", "danger"),
    }
    return sentences.get(subscription.state) or health(counts, now)


def _first_names(subscription_ids: list[int]) -> dict[int, list[str]]:
    numbered = (
        Domain.objects.present()
        .filter(subscription__in=subscription_ids)
        .annotate(number=Window(RowNumber(), partition_by="subscription", order_by="name"))
    )
    first: dict[int, list[str]] = {}
    for pk, name in numbered.filter(number__lte=NAMES_ON_A_CARD).order_by("name").values_list("subscription", "name"):
        first.setdefault(pk, []).append(name)
    return first


def _certificate_counts(subscription_ids: list[int], now: datetime) -> dict[int, CertificateCounts]:
    issued = Q(certificate__status_code__in=ISSUED_CODES)
    expired = issued & Q(certificate__valid_until__lte=now)
    counted = (
        Domain.objects.present()
        .filter(subscription__in=subscription_ids)
        .order_by()
        .values("subscription")
        .annotate(
            names=Count("pk"),
            issued=Count("pk", filter=issued),
            expired=Count("pk", filter=expired),
            failed=Count("pk", filter=Q(certificate__status_code__in=FAILED_CODES)),
            expired_name=Min("name", filter=expired),
            expired_at=Min("certificate__valid_until", filter=expired),
        )
    )
    return {
        row["subscription"]: CertificateCounts(
            names=row["names"],
            current=row["issued"] - row["expired"],
            expired=row["expired"],
            failed=row["failed"],
            expired_name=row["expired_name"] or "",
            expired_at=row["expired_at"],
        )
        for row in counted
    }


def health_of(subscription: Subscription, now: datetime) -> Health:
    """Give the health of one subscription."""
    counts = _certificate_counts([subscription.pk], now).get(subscription.pk, CertificateCounts())
    return _health_of(subscription, counts, now)


# --- One subscription -----------------------------------------------------------------------------------------------


def progress_of(subscription: Subscription) -> Progress:
    """Give how far the first certificate of a subscription is."""
    accounts = AcmeAccount.objects.filter(binding__subscription=subscription)
    seen = list(accounts.exclude(status__iexact="pending", user_agent="").values_list("status", flat=True))
    domains = subscription.domains.present()
    return Progress(
        state=subscription.state,
        has_names=domains.exists(),
        being_added=Operation.objects.filter(Operation.BEING_ADDED, subscription=subscription).count(),
        was_seen=bool(seen),
        is_registered=any(AcmeAccount(status=status).is_registered for status in seen),
        has_certificate=Certificate.objects.filter(_WAS_ISSUED, domain__in=domains).exists(),
    )


def account_status_of(subscription: Subscription) -> str:
    """Give the CA's word for the state of the pre-registered ACME account, or an empty text where there is none yet."""
    accounts = AcmeAccount.objects.filter(
        binding__subscription=subscription, acme_account_id=F("binding__acme_account_id")
    )
    return accounts.values_list("status", flat=True).first() or ""


def names_of(subscription: Subscription, search: str = "") -> QuerySet[Domain]:
    """Give the names of a subscription with their certificates, by name; `search` is part of a name."""
    domains = subscription.domains.present().select_related("certificate")
    return domains.filter(name__icontains=search) if search else domains


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name on the customer's page: its certificate, the certificate's state, and the client that ordered it."""

    domain: Domain
    state: CertificateState
    certificate: Certificate | None = field(default=None)
    acme_account: AcmeAccount | None = field(default=None)

    @property
    def valid_until(self) -> datetime | None:
        """When the certificate runs out, where there is one."""
        return self.certificate.valid_until if self.certificate else None

    @property
    def client_name(self) -> str:
        """The name of the client that ordered it: the first word of its user agent."""
        return next(iter(self.user_agent.split()), "")

    @property
    def user_agent(self) -> str:
        """The user agent of the client that ordered it, where it is known."""
        return self.acme_account.user_agent if self.acme_account else ""

    @property
    def note(self) -> str:
        """The CA's own words where a certificate is not simply there."""
        if self.certificate is None or self.state in (CertificateState.CURRENT, CertificateState.EXPIRED):
            return ""
        return self.certificate.status_description


def name_rows(domains: Iterable[Domain], now: datetime) -> list[NameRow]:
    """Give the rows of these names; `domains` come from `names_of`."""
    pairs = [(domain, getattr(domain, "certificate", None)) for domain in domains]
    ids = {certificate.acme_account_id for _, certificate in pairs if certificate}
    accounts = {row.acme_account_id: row for row in AcmeAccount.objects.filter(acme_account_id__in=ids)}
    return [
        NameRow(
            domain=domain,
            state=certificate_state(certificate, now),
            certificate=certificate,
            acme_account=accounts.get(certificate.acme_account_id) if certificate else None,
        )
        for domain, certificate in pairs
    ]


def reveals_of(subscription: Subscription) -> QuerySet[AuditEvent]:
    """Give the latest events of who revealed the EAB HMAC key of a subscription, newest first."""
    events = AuditEvent.objects.filter(action__in=SHOWED_THE_KEY, target_code=subscription.code)
    return events[:REVEALS_SHOWN]


def acme_accounts_of(subscription: Subscription) -> QuerySet[AcmeAccount]:
    """Give the clients registered under a subscription, the last active first."""
    accounts = AcmeAccount.objects.filter(binding__subscription=subscription).exclude(status__iexact="pending")
    return accounts.order_by(F("last_activity_at").desc(nulls_last=True), "pk")[:20]


def prevalidations_by_number(subscription: Subscription) -> dict[str, Prevalidation]:
    """Give the customer's pre-validations by their order number."""
    prevalidations = Prevalidation.objects.filter(customer=subscription.customer_id)
    return {prevalidation.ov_anchor_order_number: prevalidation for prevalidation in prevalidations}
