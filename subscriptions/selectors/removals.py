"""What goes, and what comes back, where names are taken out of a subscription: told before it is confirmed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from subscriptions.models import Domain, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.rules.prices import NO_CHARGE, Totals, all_shown, totals_of
from subscriptions.rules.terms import last_day, refundable_until, removable_until
from subscriptions.rules.written_names import written
from subscriptions.selectors.companions import may_go_with
from subscriptions.selectors.name_rows import names_listed, with_work
from subscriptions.selectors.rows import version_of


class Refund(StrEnum):
    """What the CA gives back for a name, as far as that can be told before ("Remove a domain" in the guide)."""

    FREE = "free"  # nothing was paid
    COMES = "comes"
    TOO_LATE = "too_late"
    OPEN = "open"  # it was charged, and the amount is not confirmed yet
    NOT_KNOWN = "not_known"  # it was not added here


@dataclass(frozen=True, slots=True)
class Leaving:
    """A name that is to be taken out, with the free ones that the CA takes out with it, and what comes back.

    `may_go` are names that were not added with it and may be its companions all the same: only the CA knows.
    """

    domain: Domain
    goes_with: Sequence[Domain]
    refund: Refund
    amount: Decimal | None = None
    currency: str = ""
    until: date | None = None
    may_go: Sequence[Domain] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal of names does. `left_out` are those about which something is under way already.

    `why_not` tells why none can be removed, where that is so; `stay` is how many names the subscription keeps.
    """

    subscription: Subscription
    leaving: Sequence[Leaving]
    left_out: Sequence[Domain]
    stay: int
    current_certificates: int
    why_not: str = ""

    @property
    def names(self) -> int:
        """How many names go, companions included."""
        return len(self.leaving) + sum(len(one.goes_with) for one in self.leaving)

    @property
    def is_possible(self) -> bool:
        """Whether there is anything to confirm."""
        return bool(self.leaving) and not self.why_not

    @property
    def is_last(self) -> bool:
        """Whether no name stays in the subscription."""
        return self.is_possible and self.stay == 0

    @property
    def comes_back(self) -> Totals:
        """What the CA surely gives back, by currency."""
        return totals_of((one.amount, one.currency) for one in self.leaving if one.refund == Refund.COMES)

    @property
    def is_certain(self) -> bool:
        """Whether it is known of each name what comes back for it."""
        return all(one.refund not in (Refund.OPEN, Refund.NOT_KNOWN) for one in self.leaving)

    @property
    def may_bring_back(self) -> bool:
        """Whether the CA gives back something, or may: what was free or is too late brings nothing."""
        return any(one.refund not in (Refund.FREE, Refund.TOO_LATE) for one in self.leaving)

    @property
    def button(self) -> str:
        """What a confirmation does: "Remove 2 names – USD 190.00 comes back"."""
        what = str(written(self.leaving[0].domain.name)) if self.names == 1 else f"{self.names} names"
        amount = all_shown(self.comes_back)
        if amount != NO_CHARGE:
            return f"Remove {what} – {amount} comes back"
        return f"Remove {what} – nothing comes back" if self.is_certain else f"Remove {what}"

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs: what is confirmed is what the page told."""
        told = [
            (one.domain.pk, [each.pk for each in (*one.goes_with, *one.may_go)], one.refund, one.amount)
            for one in self.leaving
        ]
        return version_of(told, self.stay == 0, self.why_not)


def removal_of(subscription: Subscription, codes: Collection[UUID], now: datetime) -> Removal:
    """Give what a removal of the names with these codes does at `now`; codes of other subscriptions name nothing."""
    chosen = with_work(names_listed(subscription).filter(code__in=codes))
    free = {domain.pk: domain for domain in chosen if not vars(domain)["under_way"]}
    # A companion goes with its name, whether it was chosen too or not.
    asked = [domain for domain in free.values() if domain.companion_of_id not in free]
    companions: dict[int, list[Domain]] = {}
    for domain in names_listed(subscription).filter(companion_of__in=asked):
        companions.setdefault(domain.companion_of_id or 0, []).append(domain)
    may_go = may_go_with(subscription, asked)
    leaving = [
        replace(_leaving(domain, companions.get(domain.pk, []), now), may_go=may_go.get(domain.pk, ()))
        for domain in asked
    ]
    going = [each for one in leaving for each in (one.domain, *one.goes_with)]
    return Removal(
        subscription=subscription,
        leaving=leaving,
        left_out=[domain for domain in chosen if domain.pk not in free],
        stay=subscription.domains.present().count() - len(going),
        current_certificates=sum(_has_current_certificate(domain, now) for domain in going),
        why_not=why_not_removable(subscription, now),
    )


def why_not_removable(subscription: Subscription, now: datetime) -> str:
    """Say why the CA takes no name out of a subscription at `now`; an empty text where it does.

    It does while the term runs and, as an extension is possible then, for a time after it ("Unsuccessful responses").
    """
    if subscription.creation != Subscription.Creation.CREATED:
        return "The ACME account is not ready, so there is no name to remove."
    until = removable_until(subscription.expires_at) if subscription.expires_at else None
    if until is None or now <= until:
        return ""
    return (
        f"The CA removed names until {day_text(last_day(until))}, for a time after the term: none can be removed now."
    )


def _leaving(domain: Domain, goes_with: Sequence[Domain], now: datetime) -> Leaving:
    known = vars(domain)
    until = refundable_until(known["charged_at"]) if known["charged_at"] else None
    day = last_day(until) if until else None
    if domain.is_free:
        return Leaving(domain, goes_with, Refund.FREE)
    if domain.operation is not None and domain.operation.has_open_charge:
        return Leaving(domain, goes_with, Refund.OPEN, until=day)
    if until is None or known["paid"] is None:
        return Leaving(domain, goes_with, Refund.NOT_KNOWN)
    if until < now:
        return Leaving(domain, goes_with, Refund.TOO_LATE, until=day)
    return Leaving(domain, goes_with, Refund.COMES, known["paid"], known["paid_in"], day)


def _has_current_certificate(domain: Domain, now: datetime) -> bool:
    certificate = getattr(domain, "certificate", None)
    return certificate is not None and certificate.is_current(now)
