"""The names of a subscription as staff see them: those that are there, and those that were removed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Cast
from django.utils import timezone

from subscriptions.explain.certificates import certificate_state
from subscriptions.explain.states import mark_of
from subscriptions.models import Domain, Operation, Replacement, Subscription, Transaction
from subscriptions.models.certificates import state_condition
from subscriptions.rules.certificates import CertificateState
from subscriptions.rules.prices import plain
from subscriptions.rules.terms import last_day, refundable_since, refundable_until
from subscriptions.rules.written_names import unicode_form
from subscriptions.selectors.rows import CHARGED_AT, domains_of, version_of

Row = tuple[str | int | datetime | None, ...]
# What was paid for a name itself: an operation may have brought others with it, at no cost.
ASKED_FOR = Q(operation__domain_name=F("name"), operation__is_charge_open=False)
HEADING = (
    "Name", "In A-labels", "Type", "Price", "Comes with", "Brings", "Price paid", "Currency", "Added ({zone})",
    "Refundable until", "Certificate", "Certificate valid until ({zone})", "Pre-validation", "Organization",
)  # fmt: skip
HISTORY_HEADING = (
    "Name", "In A-labels", "Type", "Price paid", "Currency", "Added ({zone})", "Removed ({zone})", "Removed by",
    "Given back", "Currency given back", "Replaced by",
)  # fmt: skip


def names_listed(subscription: Subscription) -> "QuerySet[Domain]":
    """Give the names that a subscription has, with what was paid, what each brings, and its certificate."""
    companion = Domain.objects.present().filter(companion_of=OuterRef("pk")).order_by("name")
    return _with_price(domains_of(subscription)).annotate(brings=Subquery(companion.values("name")[:1]))


def names_removed(subscription: Subscription) -> "QuerySet[Domain]":
    """Give the names that a subscription had, with who removed each and what the CA's transactions gave back."""
    refund = Transaction.objects.filter(operation=OuterRef("removal"), kind=Transaction.REFUND).order_by("pk")
    replacement = Replacement.objects.filter(old=OuterRef("pk"), called_off_at=None).exclude(removal=None)
    is_asked = When(removal__domain_name=F("name"), then=Subquery(refund.values("cost")[:1]))
    removed = subscription.domains.exclude(removed_at=None).annotate(
        charged_at=CHARGED_AT,
        given_back=Case(is_asked),
        given_back_in=Subquery(refund.values("currency")[:1]),
        replaced_by=Subquery(replacement.values("addition__domain_name")[:1]),
    )
    return _with_price(removed).select_related("companion_of", "operation", "removal__created_by")


def _with_price(domains: "QuerySet[Domain]") -> "QuerySet[Domain]":
    return domains.annotate(
        paid=Case(When(ASKED_FOR, then=F("operation__charged"))),
        paid_in=Case(When(ASKED_FOR, then=F("operation__charged_currency"))),
        # To be ordered by only: SQLite compares what is computed with a decimal as texts.
        paid_about=Case(When(ASKED_FOR, then=Cast("operation__charged", FloatField()))),
    )


def with_work(domains: Iterable[Domain]) -> list[Domain]:
    """Give the names of one page, each now with what is under way to it, or None.

    `under_way` is the unsettled operation about it, `replacement` what is to take its place (`Replacement`).
    """
    shown = list(domains)
    unsettled = Operation.objects.filter(
        subscription__in={domain.subscription_id for domain in shown},
        domain_name__in=[domain.name for domain in shown],
        state__in=Operation.UNSETTLED,
    )
    under_way = {(operation.subscription_id, operation.domain_name): operation for operation in unsettled}
    rows = Replacement.objects.open().filter(old__in=shown).select_related("old", "addition", "removal")
    replacements = {replacement.old_id: replacement for replacement in rows}
    for domain in shown:
        vars(domain)["replacement"] = replacements.get(domain.pk)
        vars(domain)["under_way"] = under_way.get((domain.subscription_id, domain.name))
    return shown


@dataclass(frozen=True, slots=True)
class NameWork:
    """What is under way to take names out of a subscription; `version` differs once something of it has changed."""

    being_removed: int
    being_replaced: int
    version: str

    @property
    def is_waiting(self) -> bool:
        """Whether something will change by itself soon."""
        return self.being_removed + self.being_replaced > 0

    @property
    def title(self) -> str:
        """What is going on."""
        number, what = self.being_removed, "removed" if self.being_removed else "replaced"
        number = number or self.being_replaced
        return f"A name is being {what}" if number == 1 else f"{number} names are being {what}"


def name_work(subscription: Subscription) -> NameWork:
    """Give what is under way to take names out of a subscription."""
    unsettled = Operation.objects.filter(subscription=subscription, takes_away=True, state__in=Operation.UNSETTLED)
    working = Q(state__in=Operation.WORKING)
    counts = unsettled.order_by().aggregate(
        being_removed=Count("pk", filter=working),
        in_attention=Count("pk", filter=~working),
        lost=Count("pk", filter=Q(state=Operation.State.UNKNOWN)),
    )
    additions = Replacement.objects.open().filter(old__subscription=subscription, removal=None)
    states = additions.order_by().values_list("addition__state").annotate(number=Count("pk"))
    by_state = dict(sorted(states))
    going_on = (*Operation.WORKING, Operation.State.SUCCEEDED)
    being_replaced = sum(number for state, number in by_state.items() if state in going_on)
    return NameWork(counts["being_removed"], being_replaced, version_of(*counts.values(), by_state))


# --- What a list is filtered by -------------------------------------------------------------------------------------


def of_price(domains: "QuerySet[Domain]", price: str, now: datetime) -> "QuerySet[Domain]":
    """Keep the names that cost something, nothing, or what the CA surely gives back at `now` (from `names_listed`)."""
    conditions = {
        "paid": Q(is_free=False),
        "free": Q(is_free=True),
        "refundable": Q(charged_at__gte=refundable_since(now)),
    }
    return domains.filter(conditions[price])


def of_certificate(domains: "QuerySet[Domain]", state: str, now: datetime) -> "QuerySet[Domain]":
    """Keep the names whose certificate is in a state (a value of CertificateState) at `now`."""
    condition = state_condition(state, now, prefix="certificate__")
    return domains.filter(condition | Q(certificate=None) if state == CertificateState.NEVER_ISSUED else condition)


# --- As files -------------------------------------------------------------------------------------------------------


def listed_lines(domains: "QuerySet[Domain]") -> Iterator[Row]:
    """Give names (from `names_listed`) one by one as lines of a file under HEADING, however many there are."""
    now = timezone.now()
    rows: Iterator[Any] = domains.iterator(chunk_size=1000)
    for domain in rows:
        certificate = getattr(domain, "certificate", None)
        valid_until = certificate.ends_at if certificate else None
        yield (
            *_name_cells(domain),
            {True: "free", False: "paid", None: "not known"}[domain.is_free],
            domain.companion_of.name if domain.companion_of else "",
            domain.brings or "",
            *_paid_cells(domain),
            domain.added_at,
            _refundable(domain, now),
            mark_of("certificate", certificate_state(certificate, now)).word,
            valid_until,
            domain.ov_anchor_order_number,
            domain.organization_name or "",
        )


def removed_lines(domains: "QuerySet[Domain]") -> Iterator[Row]:
    """Give removed names (from `names_removed`) one by one as lines of a file under HISTORY_HEADING."""
    rows: Iterator[Any] = domains.iterator(chunk_size=1000)
    for domain in rows:
        back = domain.given_back
        yield (
            *_name_cells(domain),
            *_paid_cells(domain),
            domain.added_at,
            domain.removed_at,
            str(domain.removal.created_by or "") if domain.removal else "",
            "" if back is None else plain(abs(back), domain.given_back_in),
            "" if back is None else domain.given_back_in,
            domain.replaced_by or "",
        )


def _name_cells(domain: Domain) -> tuple[str, str, str]:
    return unicode_form(domain.name), domain.name, "wildcard" if domain.is_wildcard else "FQDN"


def _paid_cells(domain: Any) -> tuple[str, str]:
    return ("", "") if domain.paid is None else (plain(domain.paid, domain.paid_in), domain.paid_in)


def _refundable(domain: Any, now: datetime) -> str:
    until = refundable_until(domain.charged_at) if domain.charged_at else None
    return last_day(until).isoformat() if until is not None and until >= now else ""
