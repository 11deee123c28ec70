"""The price guard: right before a charge, is what a person confirmed still what the CA asks?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from subscriptions.caas.errors import Refused
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.kept import instant
from subscriptions.ledger.objections import Objection
from subscriptions.ledger.reading import Ended
from subscriptions.models import Operation
from subscriptions.rules.prevalidations import was_left_since
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


def must_ask_again(claim: Claim, price: ConfirmedPrice, now: datetime, ended: Iterable[Ended]) -> bool:
    """Whether the price is asked for again right before the charge.

    It is where it is old or zero, an earlier call was lost or came back, another term runs than it was asked for, or
    something `ended` since that can have changed it.
    """
    operation = claim.operation
    came_back = operation.attempts > 1 or operation.was_unknown
    is_of_other_term = operation.quoted_term_ends_at != term_ends_at(claim)
    if came_back or is_of_other_term or price.amount == 0:
        return True
    is_outdated = is_old(price.quoted_at, now=now, max_age=max_age())
    return is_outdated or any(other.finished_at > price.quoted_at for other in ended)


def term_ends_at(claim: Claim) -> datetime | None:
    """Give the end of the running term: somebody else may have extended it, which the baseline shows first."""
    listed = claim.baseline.expires_at if claim.baseline is not None else None
    return max((end for end in (listed, claim.operation.subscription.expires_at) if end is not None), default=None)


def guard_term(claim: Claim, now: datetime) -> None:
    """Object to a charge in the last minutes of its term: it could be for the next one, at another price.

    And to one confirmed in a term that is over, unless a person has had it sent since: it could begin the next one.
    """
    ends_at, operation = term_ends_at(claim), claim.operation
    if ends_at is None or now < ends_at - CLOSING_TIME:
        return
    if now < ends_at:
        raise Objection("The subscription’s term ends in a few minutes: nothing is added to it any more.")
    if (operation.decided_at or operation.created_at) < ends_at:
        raise Objection("The subscription’s term has ended since this was confirmed.")


def guard_anchor(operation: Operation) -> None:
    """Object to an addition under a pre-validation that the binding's names were moved away from since it was priced.

    A person who has had it sent after that has looked at it.
    """
    binding, number = operation.binding, operation.ov_anchor_order_number
    if binding is None or number not in binding.anchors_left:
        return
    line = operation.quote_line
    since = operation.decided_at or (line.quoted_at if line else None) or operation.created_at
    if was_left_since(binding.anchors_left, number, since):
        raise Objection(
            f"Names of this subscription were moved from pre-validation {number} to another since this was priced."
        )


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
    claim.save(quoted_at=asked_at, quoted_term_ends_at=term_ends_at(claim))


def objection_to_refusal(refusal: Refused) -> Objection:
    """Give the objection for a price that the CA refuses to tell, with its words and what kind of refusal it is."""
    detail = {**refusal.evidence, "refusal": refusal.reason, "refusal_detail": refusal.detail}
    return Objection(f"The CA gives no price any more: {refusal.detail}", detail)


@dataclass(frozen=True, slots=True)
class IsYoung:
    """The condition of the last look that the price was asked for less than so long ago."""

    age: timedelta

    def expression(self) -> Q:
        """Give it as a part of a kept statement."""
        return Q(quoted_at__gt=instant(-self.age), quoted_at__lte=instant())


def is_young() -> IsYoung:
    """Give the condition that the price was asked for less than a minute, or its setting, ago."""
    return IsYoung(max_age() or LONGEST_AGE)
