"""Extensions of subscriptions: what may be extended now, and the price asked for it. The request half."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.kinds import EXTENDING
from subscriptions.models import CustomerRequest, Quote, QuoteLine, Subscription
from subscriptions.rules.terms import TERM_DAYS
from subscriptions.selectors.terms import why_not_extendable
from subscriptions.services.quotes import write_quote


def request_extension(
    *,
    actor: User,
    subscription: Subscription,
    years: int,
    form_token: UUID,
    asked_for: CustomerRequest | None = None,
) -> Quote:
    """Write a quote for extending a subscription with all its names, and have the CA asked.

    The same form sent twice gives the same quote. `asked_for` is the customer's request that it is for. Raises
    ServiceError where it cannot be extended now, or the request is not open any more.
    """
    if earlier := Quote.objects.filter(form_token=form_token, lines__subscription=subscription).first():
        return earlier
    if years not in TERM_DAYS:
        raise ServiceError("A subscription is extended by 1, 2 or 3 years.")
    check_can_extend(subscription, timezone.now())
    line = QuoteLine(subscription=subscription, kind=EXTENDING.name, arguments={"years": years})
    return write_quote([line], actor=actor, form_token=form_token, asked_for=asked_for)


def check_can_extend(subscription: Subscription, now: datetime) -> None:
    """Raise ServiceError where a subscription cannot be extended at `now`."""
    if reason := why_not_extendable(subscription, now):
        raise ServiceError(reason)
