"""What is to be said of organization pre-validations today. The one place that knows today and the renewal mode."""

from datetime import date

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.models import Prevalidation, Subscription
from subscriptions.rules.prevalidations import Validity, blocks_names, days_of, prevalidation_warning, validity_of
from subscriptions.rules.terms import utc_day


def today() -> date:
    """Give the day it is in UTC: the CA counts by it."""
    return utc_day(timezone.now())


def renewal_mode() -> str:
    """Give how the CA renews pre-validations for this reseller: `automatic` (by itself) or `manual`."""
    return str(settings.CAAS_PREVALIDATION_RENEWAL_MODE)


def with_validity(prevalidations: QuerySet[Prevalidation], validity: str, today: date) -> QuerySet[Prevalidation]:
    """Give the pre-validations that have a validity (a value of Validity) on `today`."""
    return prevalidations.filter(valid_until__range=days_of(Validity(validity), today))


def prevalidation_state(prevalidation: Prevalidation) -> Validity:
    """Give how long a pre-validation still holds today."""
    return validity_of(prevalidation.valid_until, today())


def blocked_by_prevalidation(prevalidation: Prevalidation, today: date) -> str:
    """Give why no name may be added under a pre-validation (its last day passed, manual renewal), or an empty text."""
    mode = renewal_mode()
    if not blocks_names(prevalidation.valid_until, today, renewal_mode=mode):
        return ""
    return prevalidation_warning(prevalidation.valid_until, today, renewal_mode=mode)


def prevalidation_warnings(subscription: Subscription) -> list[tuple[Prevalidation, str]]:
    """Give the customer's pre-validations whose last day has passed, with what to say about each."""
    if not subscription.server.needs_prevalidation:
        return []
    day, mode = today(), renewal_mode()
    passed = with_validity(subscription.customer.prevalidations.all(), Validity.PASSED, day)
    return [(each, prevalidation_warning(each.valid_until, day, renewal_mode=mode)) for each in passed]
