"""Reads for the customers' pages. How many queries they take does not depend on how many names there are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.models import AuditEvent
from subscriptions.explain.account_states import OF_STATES, StoppedClients
from subscriptions.explain.certificates import CertificateCounts, Health, certificate_state, health, note_of
from subscriptions.explain.first_steps import Progress
from subscriptions.explain.happenings import SHOWED_THE_KEY
from subscriptions.explain.states import mark_of
from subscriptions.models import AcmeAccount, Certificate, Domain, Operation, Prevalidation, Subscription
from subscriptions.rules.certificates import CertificateState
from subscriptions.rules.written_names import unicode_form
from subscriptions.selectors.account_states import stopped_clients
from subscriptions.selectors.certificates import certificate_counts, counts_of_states
from subscriptions.selectors.name_rows import with_work
from subscriptions.selectors.names import holds
from subscriptions.selectors.rows import with_state

NAMES_ON_A_CARD = 3
REVEALS_SHOWN = 10
NAME_HEADING = (
    "Name", "In A-labels", "Type", "Comes with", "Added ({zone})", "Certificate", "Certificate valid until ({zone})",
    "Last order", "Client",
)  # fmt: skip


# --- Home -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """A subscription on the home page: its first names, how many more there are, and its health."""

    subscription: Subscription
    names: Sequence[str]
    more: int
    health: Health
    stopped: StoppedClients

    @property
    def is_stopped(self) -> bool:
        """Whether its health says already that no client can do anything."""
        return self.subscription.state in OF_STATES


def subscription_cards(subscriptions: Sequence[Subscription], now: datetime) -> list[SubscriptionCard]:
    """Give a card for each subscription."""
    ids = [subscription.pk for subscription in subscriptions]
    counts, first, stopped = _certificate_counts(ids, now), _first_names(ids), stopped_clients(ids)
    return [
        SubscriptionCard(
            subscription=row,
            names=first.get(row.pk, []),
            more=counts.get(row.pk, CertificateCounts()).names - len(first.get(row.pk, [])),
            health=_health_of(row, counts.get(row.pk, CertificateCounts()), now),
            stopped=stopped.get(row.pk, StoppedClients()),
        )
        for row in subscriptions
    ]


def _health_of(subscription: Subscription, counts: CertificateCounts, now: datetime) -> Health:
    sentences = {
        Subscription.State.CREATING: Health("Your ACME account is being created.", "info"),
        Subscription.State.FAILED: Health("Your ACME account could not be created. Ask your provider.", "danger"),
        Subscription.State.LAPSED: Health("Lapsed: nothing can be issued or renewed.", "danger"),
        **{state: Health(words.short, "danger") for state, words in OF_STATES.items()},
    }
    return sentences.get(subscription.state) or health(counts, now, had_names=subscription.expires_at is not None)


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
    counted = Domain.objects.present().filter(subscription__in=subscription_ids).order_by().values("subscription")
    return {row["subscription"]: certificate_counts(row) for row in counted.annotate(**counts_of_states(now))}


def health_of(subscription: Subscription, now: datetime) -> Health:
    """Give the health of one subscription."""
    counts = _certificate_counts([subscription.pk], now).get(subscription.pk, CertificateCounts())
    return _health_of(subscription, counts, now)


def health_of_all(subscriptions: QuerySet[Subscription], now: datetime) -> Health | None:
    """Give one sentence over all names of a person's running subscriptions; None where they have no name.

    Those that have lapsed or are stopped say so on their own cards.
    """
    running = with_state(subscriptions, Subscription.State.RUNNING, now).order_by().values("pk")
    names = Domain.objects.present().filter(subscription__in=running).order_by()
    counts = certificate_counts(names.aggregate(**counts_of_states(now)))
    return health(counts, now) if counts.names else None


# --- One subscription -----------------------------------------------------------------------------------------------


def progress_of(subscription: Subscription) -> Progress:
    """Give how far the first certificate of a subscription is."""
    clients = AcmeAccount.objects.of_clients().filter(binding__subscription=subscription)
    seen = list(clients.values_list("status", flat=True))
    domains = subscription.domains.present()
    return Progress(
        state=subscription.state,
        has_names=domains.exists(),
        being_added=Operation.objects.filter(Operation.BEING_ADDED, subscription=subscription).count(),
        was_seen=bool(seen),
        is_registered=any(AcmeAccount(status=status).is_registered for status in seen),
        has_certificate=_was_issued(subscription),
    )


def _was_issued(subscription: Subscription) -> bool:
    return Certificate.objects.filter(domain__subscription=subscription, issued_seen_at__isnull=False).exists()


def account_status_of(subscription: Subscription) -> str:
    """Give the CA's word for the state of the ACME account that stands for a subscription's key.

    An empty text where there is none yet, and where it was stopped by itself: the key can be used.
    """
    accounts = AcmeAccount.objects.filter(
        binding__subscription=subscription, acme_account_id=F("binding__acme_account_id"), stopped_alone_at=None
    )
    return accounts.values_list("status", flat=True).first() or ""


def lifetime_days_of(subscription: Subscription) -> int | None:
    """Give for how many days the CA issued the subscription's last certificate, None where it reported none."""
    dated = Certificate.objects.filter(domain__subscription=subscription, valid_from__lt=F("valid_until"))
    last = dated.order_by("-valid_from").only("valid_from", "valid_until").first()
    if last is None or last.valid_from is None or last.valid_until is None:
        return None
    return max(round((last.valid_until - last.valid_from) / timedelta(days=1)), 1)


def names_of(subscription: Subscription, search: str = "") -> QuerySet[Domain]:
    """Give the names of a subscription with their certificates, by name; `search` is part of a name."""
    domains = subscription.domains.present().select_related("certificate__covered_by", "companion_of")
    return domains.filter(holds(search)) if search else domains


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name on the customer's page: its certificate, the certificate's state, and the client that ordered it."""

    domain: Domain
    state: CertificateState
    certificate: Certificate | None = field(default=None)
    acme_account: AcmeAccount | None = field(default=None)
    replaced_by: str = ""  # the name that takes its place, once that is there
    is_being_removed: bool = False

    @property
    def valid_until(self) -> datetime | None:
        """When the certificate runs out, where there is one."""
        return self.certificate.ends_at if self.certificate else None

    @property
    def covered_by(self) -> Domain | None:
        """The wildcard whose certificate covers the name."""
        return self.certificate.covered_by if self.certificate else None

    @property
    def client_name(self) -> str:
        """The client that ordered it, with its version."""
        return self.acme_account.client_name if self.acme_account else ""

    @property
    def user_agent(self) -> str:
        """The user agent of the client that ordered it, where it is known."""
        return self.acme_account.user_agent if self.acme_account else ""

    @property
    def note(self) -> str:
        """The CA's own words where a certificate is not simply there."""
        return note_of(self.certificate, self.state)


def name_rows(domains: Iterable[Domain], now: datetime) -> list[NameRow]:
    """Give the rows of these names; `domains` come from `names_of`."""
    pairs = [(domain, getattr(domain, "certificate", None)) for domain in with_work(domains)]
    replacing = {
        domain.pk: replacement.new_name
        for domain, _ in pairs
        if (replacement := vars(domain)["replacement"]) is not None and replacement.is_working
    }
    ids = {certificate.acme_account_id for _, certificate in pairs if certificate}
    accounts = {row.acme_account_id: row for row in AcmeAccount.objects.filter(acme_account_id__in=ids)}
    return [
        NameRow(
            domain=domain,
            state=certificate_state(certificate, now),
            certificate=certificate,
            acme_account=accounts.get(certificate.acme_account_id) if certificate else None,
            replaced_by=replacing.get(domain.pk, ""),
            is_being_removed=_is_being_removed(domain),
        )
        for domain, certificate in pairs
    ]


def with_rows(domains: Iterable[Domain], now: datetime) -> None:
    """Have each of these names (from `names_of`) bear its `row`, as a list shows it."""
    for row in name_rows(domains, now):
        vars(row.domain)["row"] = row


def name_lines(domains: QuerySet[Domain]) -> Iterator[Sequence[str | datetime | None]]:
    """Give names (from `names_of`) one by one as lines of a file under NAME_HEADING, however many there are."""
    now = timezone.now()
    ordered_by = AcmeAccount.objects.filter(acme_account_id=OuterRef("certificate__acme_account_id"))
    known = domains.annotate(user_agent=Subquery(ordered_by.values("user_agent")[:1]))
    for domain in known.iterator(chunk_size=1000):
        certificate = getattr(domain, "certificate", None)
        yield (
            unicode_form(domain.name),
            domain.name,
            "wildcard" if domain.is_wildcard else "FQDN",
            domain.companion_of.name if domain.companion_of else "",
            domain.added_at,
            mark_of("certificate", certificate_state(certificate, now)).word,
            certificate.ends_at if certificate else None,
            str((certificate and certificate.ca_order_number) or ""),
            AcmeAccount(user_agent=vars(domain)["user_agent"] or "").client_name,
        )


def _is_being_removed(domain: Domain) -> bool:
    operation: Operation | None = vars(domain)["under_way"]
    return operation is not None and operation.takes_away and operation.state in Operation.WORKING


def reveals_of(subscription: Subscription) -> QuerySet[AuditEvent]:
    """Give the latest events of who revealed the EAB HMAC key of a subscription, newest first.

    Of those while it was another customer's nothing is told: their people are nobody's here.
    """
    events = AuditEvent.objects.filter(
        action__in=SHOWED_THE_KEY, target_code=subscription.code, customer_code=subscription.customer.code
    )
    return events[:REVEALS_SHOWN]


def prevalidations_by_number(subscription: Subscription) -> dict[str, Prevalidation]:
    """Give the customer's pre-validations by their order number."""
    prevalidations = Prevalidation.objects.filter(customer=subscription.customer_id)
    return {prevalidation.ov_anchor_order_number: prevalidation for prevalidation in prevalidations}
