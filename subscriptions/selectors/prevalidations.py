"""What is to be said of organization pre-validations today. The one place that knows today and the renewal mode."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.kept_settings import setting
from accounts.models import AuditEvent, Customer
from subscriptions.explain.happenings import SET_THE_RENEWAL_MODE
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import (
    WARNING_DAYS,
    PrevalidationStatus,
    RenewalMode,
    days_of,
    days_of_step,
    status_of,
    step_words,
    takes_names,
    warning_of,
    why_no_account,
    why_no_names,
)
from subscriptions.rules.terms import utc_day

RENEWAL_MODE = "prevalidation_renewal_mode"  # the name of the setting
Status = PrevalidationStatus
# What lists can be filtered by: the statuses there are, and in which days one ends.
STATUSES = tuple(PrevalidationStatus)
ENDS = {step: step_words(step) for step in WARNING_DAYS}


def today() -> date:
    """Give the day it is in UTC: the CA counts by it."""
    return utc_day(timezone.now())


def renewal_mode() -> RenewalMode:
    """Give how the CA renews pre-validations for this reseller: by itself only where a reseller admin has said so."""
    return chosen_renewal_mode() or RenewalMode.MANUAL


def chosen_renewal_mode() -> RenewalMode | None:
    """Give what a reseller admin has set; None where nobody has."""
    kept = setting(RENEWAL_MODE)
    return next((mode for mode in RenewalMode if mode == kept), None)


def renewal_mode_events() -> "QuerySet[AuditEvent]":
    """Give when the mode was set and by whom, newest first."""
    return AuditEvent.objects.filter(action__in=SET_THE_RENEWAL_MODE)


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What pre-validations are judged by: the day and the renewal mode, read once for all of a page."""

    today: date
    mode: RenewalMode

    @classmethod
    def now(cls) -> "Yardstick":
        """Read it."""
        return cls(today(), renewal_mode())

    def status(self, one: Prevalidation) -> PrevalidationStatus:
        """Give how far one is."""
        return _status(one, self.today)

    def takes_names(self, one: Prevalidation) -> bool:
        """Whether names can be added under it."""
        return takes_names(self.status(one), self.mode)

    def why_no_names(self, one: Prevalidation) -> str:
        """Give why no name can be added under it, or an empty text."""
        return why_no_names(self.status(one), self.mode, valid_from=one.valid_from, valid_until=one.valid_until)

    def why_no_account(self, one: Prevalidation) -> str:
        """Give why a new ACME account cannot be for it, or an empty text."""
        return why_no_account(self.status(one), self.mode, one.valid_until)

    def warning(self, one: Prevalidation) -> str:
        """Give what to say of one under which names can be added all the same, or an empty text."""
        return warning_of(self.status(one), one.valid_until)


def _status(one: Prevalidation, today: date) -> PrevalidationStatus:
    return status_of(one.recorded_status, valid_from=one.valid_from, valid_until=one.valid_until, today=today)


def status_today(prevalidation: Prevalidation) -> PrevalidationStatus:
    """Give how far a pre-validation is today."""
    return _status(prevalidation, today())


def with_status(prevalidations: QuerySet[Prevalidation], status: str, today: date) -> QuerySet[Prevalidation]:
    """Give the pre-validations that have a status (a value of PrevalidationStatus) on `today`."""
    wanted, recorded = Status(status), Q(recorded_status=status)
    valid = Q(recorded_status=Status.VALID)
    if wanted is Status.IN_VALIDATION:
        return prevalidations.filter(recorded | valid & Q(valid_from__gt=today))
    if wanted in (Status.REQUESTED, Status.REPLACED):
        return prevalidations.filter(recorded)
    return prevalidations.filter(
        valid & (Q(valid_from=None) | Q(valid_from__lte=today)), valid_until__range=days_of(wanted, today)
    )


def in_step(prevalidations: QuerySet[Prevalidation], step: int, today: date) -> QuerySet[Prevalidation]:
    """Give the valid pre-validations that end in the days of a step (`ENDS`; 0: whose last day has passed)."""
    return prevalidations.filter(recorded_status=Status.VALID, valid_until__range=days_of_step(step, today))


def blocked_by_prevalidation(prevalidation: Prevalidation) -> str:
    """Give why no name may be added under a pre-validation today, or an empty text. For several take a Yardstick."""
    return Yardstick.now().why_no_names(prevalidation)


@dataclass(frozen=True, slots=True)
class Offer:
    """A pre-validation in a form's choice; `why_not` is why it cannot be chosen now, `note` what to know if it is."""

    prevalidation: Prevalidation
    status: PrevalidationStatus
    why_not: str
    note: str


class OfferFor(StrEnum):
    """What a pre-validation is chosen for."""

    NAMES = "names"
    NEW_ACCOUNT = "new_account"
    ACCOUNT_AT_THE_CA = "account_at_the_ca"  # it may be of long ago: any is possible


def offers_of(customer: Customer, wanted_for: OfferFor) -> list[Offer]:
    """Give a customer's pre-validations as a form offers them: those that can be chosen first."""
    yardstick = Yardstick.now()
    found = [_offer(one, wanted_for, yardstick) for one in customer.prevalidations.all()]
    return sorted(found, key=lambda offer: bool(offer.why_not))


def _offer(one: Prevalidation, wanted_for: OfferFor, yardstick: Yardstick) -> Offer:
    no_names, note = yardstick.why_no_names(one), yardstick.warning(one)
    if wanted_for is OfferFor.NAMES:
        return Offer(one, yardstick.status(one), no_names, note)
    no_account = yardstick.why_no_account(one) if wanted_for is OfferFor.NEW_ACCOUNT else ""
    return Offer(one, yardstick.status(one), no_account, "" if no_account else no_names or note)
