"""What is to be said of an organization pre-validation today."""

from datetime import date

from django.conf import settings

from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import prevalidation_warning


def blocked_by_prevalidation(prevalidation: Prevalidation, today: date) -> str:
    """Give why no name may be added under a pre-validation (its last day passed, manual renewal), or an empty text."""
    mode = settings.CAAS_PREVALIDATION_RENEWAL_MODE
    if mode == "automatic" or not prevalidation.has_passed(today):
        return ""
    return prevalidation_warning(prevalidation.valid_until, today, renewal_mode=mode)
