"""The price guard: right before a charge, is what a person confirmed still what the CA asks?"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from subscriptions.caas.errors import Refused
from subscriptions.ledger import clock
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.objections import Objection
from subscriptions.ledger.reading import Ended
from subscriptions.models import Operation
from subscriptions.rules.prices import ConfirmedPrice, is_old, price_objection
from subscriptions.rules.terms import CLOSING_TIME

LONGEST_AGE = timedelta(seconds=60)  # of a price at the last look, where each is to be asked for again (age 0)


def max_age() -> timedelta:
    """Give how old a price may be when it is charged without asking again."""
    return timedelta(seconds=settings.CAAS_PRICE_MAX_AGE)


def confirmed_price(operation: Operation) -> ConfirmedPrice:
    """Give what a person confirmed for this operation; raise Objection where nobody did."""
    if operation.price is None or operation.quoted_at is None:
        raise Objection("Nobody has confirmed a price for this.")
    return ConfirmedPrice(
        amount=operation.price,
        currency=operation.currency,
        names=frozenset(operation.names),
        quoted_at=operation.quoted_at,
    )


def must_ask_again(operation: Operation, price: ConfirmedPrice, now: datetime, ended: Iterable[Ended]) -> bool:
    """Whether the price is asked for again right before the charge.

    It is where it is old or zero, an earlier call was lost or came back, another term runs than it was asked for, or
    something `ended` since that can have changed it.
    """
    came_back = operation.attempts > 1 or operation.was_unknown
    is_of_other_term = operation.quoted_term_ends_at != operation.subscription.expires_at
    if came_back or is_of_other_term or price.amount == 0:
        return True
    is_outdated = is_old(price.quoted_at, now=now, max_age=max_age())
    return is_outdated or any(other.finished_at > price.quoted_at for other in ended)


def guard_term(operation: Operation, now: datetime) -> None:
    """Object to a charge in the last minutes of its term: it could be for the next one, at another price."""
    ends_at = operation.subscription.expires_at
    if ends_at is not None and ends_at - CLOSING_TIME <= now < ends_at:
        raise Objection("The subscription’s term ends in a few minutes: nothing is added to it any more.")


def guard(
    claim: Claim,
    price: ConfirmedPrice,
    *,
    asked_at: datetime,
    amount: Decimal,
    currency: str,
    names: Sequence[str],
) -> None:
    """Hold what the CA asks now against what was confirmed; raise Objection where it is more, or for other names."""
    if reason := price_objection(price, amount=amount, currency=currency, names=names):
        raise Objection(reason, {"names": list(names), "amount": str(amount), "currency": currency})
    claim.save(quoted_at=asked_at, quoted_term_ends_at=claim.operation.subscription.expires_at)


def objection_to_refusal(refusal: Refused) -> Objection:
    """Give the objection for a price that the CA refuses to tell, with its words and what kind of refusal it is."""
    detail = {**refusal.evidence, "refusal": refusal.reason, "refusal_detail": refusal.detail}
    return Objection(f"The CA gives no price any more: {refusal.detail}", detail)


def is_young() -> Q:
    """Give the condition of the last look that the price was asked for less than a minute, or its setting, ago."""
    return Q(quoted_at__gt=clock.instant(-(max_age() or LONGEST_AGE)), quoted_at__lte=clock.instant())
