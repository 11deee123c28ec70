"""How long a quote holds, what the price guard lets through, and what is charged too much."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from subscriptions.rules.terms import utc_day


def quote_valid_until(priced_at: datetime, validity: timedelta) -> datetime:
    """Give the instant a quote stops to hold: after `validity`, or at the end of its UTC day if that is sooner.

    The CA prices by full days left, so a price of yesterday is another price.
    """
    next_day = datetime.combine(utc_day(priced_at) + timedelta(days=1), time.min, UTC)
    return min(priced_at + validity, next_day)


@dataclass(frozen=True, slots=True)
class ConfirmedPrice:
    """What a person confirmed: the price, and exactly which names it adds."""

    amount: Decimal
    currency: str
    names: frozenset[str]
    quoted_at: datetime
    ov_anchor_order_number: str = ""


def must_quote_again(
    price: ConfirmedPrice,
    *,
    now: datetime,
    validity: timedelta,
    neighbour_ended: bool,
    quoted_anchor: str | None = None,
) -> bool:
    """Whether the worker asks for the price again right before the charge.

    `neighbour_ended`: an operation on the same registrable domain, or on the binding's first name, ended since.
    """
    anchor_differs = quoted_anchor is not None and quoted_anchor != price.ov_anchor_order_number
    passed = now >= quote_valid_until(price.quoted_at, validity)
    return passed or price.amount == 0 or anchor_differs or neighbour_ended


def price_objection(price: ConfirmedPrice, *, amount: Decimal, currency: str, names: Iterable[str]) -> str:
    """Give why a new quote may not be charged, or an empty text where it may."""
    if currency != price.currency:
        return f"The CA now asks in {currency}; {price.currency} was confirmed."
    if amount > price.amount:
        return f"The CA now asks {currency} {amount:,.2f}; {price.currency} {price.amount:,.2f} was confirmed."
    if frozenset(names) != price.names:
        return "The CA would now add other names: " + ", ".join(sorted(names)) + "."
    return ""


def is_overcharged(charged: Decimal | None, charged_currency: str, price: Decimal | None, currency: str) -> bool:
    """Whether a charge is more than was confirmed: a higher amount, or any amount above zero in another currency.

    An open amount (`charged` is None) is judged once it is known. Without a confirmed price there is nothing to exceed.
    """
    if charged is None or price is None:
        return False
    return charged > (price if charged_currency == currency else 0)
