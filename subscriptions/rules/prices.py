"""Amounts as they are compared and shown, how long a quote holds, and what the price guard lets through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from subscriptions.rules.terms import utc_day
from subscriptions.rules.written_names import written_list

Totals = Mapping[str, Decimal]  # amounts by currency, each currency once

NO_CHARGE = "no charge"
DECIMALS = Decimal("0.000001")  # what a column of an amount keeps
WHOLE_DIGITS = 12


def figures(amount: Decimal, currency: str) -> str:
    """Give an amount with as many digits as its currency has (ISO 4217), and never fewer than there are: 50.005."""
    there = len(f"{amount:f}".partition(".")[2].rstrip("0"))
    return f"{amount:,.{max(get_currency_precision(currency.upper()), there)}f}"


def plain(amount: Decimal, currency: str) -> str:
    """Give the same digits without grouping, for a file or a record."""
    return figures(amount, currency).replace(",", "")


def shown(amount: Decimal | None, currency: str) -> str:
    """Give an amount with its currency for a sentence: "USD 1,140.00"; what is not known is said."""
    return "an unknown amount" if amount is None else f"{currency} {figures(amount, currency)}".strip()


def summed(amount: Decimal | None) -> Decimal:
    """Give a sum that a database made, to six decimals: SQLite adds in binary, where 0.1 + 0.2 is not 0.3."""
    return (amount or Decimal(0)).quantize(DECIMALS)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):  # the second: an integer of thousands of digits
        return None
    return number if number.is_finite() else None


def decimal_of(value: object) -> Decimal | None:
    """Give the amount that a kept text or number is, or none where a column could not keep it exactly."""
    number = _number(value)
    if number is None or number.adjusted() >= WHOLE_DIGITS:
        return None
    kept = number.quantize(DECIMALS)
    return kept if kept == number else None


def totals_of(amounts: Iterable[tuple[Decimal | None, str]]) -> Totals:
    """Add amounts up by their currency, in the order of the currencies; what is not known is in no total."""
    totals: dict[str, Decimal] = {}
    for amount, currency in amounts:
        if amount is not None:
            totals[currency] = totals.get(currency, Decimal(0)) + amount
    return dict(sorted(totals.items()))


def kept_totals(totals: Totals) -> dict[str, str]:
    """Give totals as a JSON column keeps them exactly: digits as text, by currency."""
    return {currency: f"{amount:f}" for currency, amount in totals.items()}


def read_totals(kept: object) -> Totals:
    """Give the totals that a JSON column keeps (`kept_totals`)."""
    pairs = kept.items() if isinstance(kept, Mapping) else ()
    return totals_of((_number(amount), str(currency)) for currency, amount in pairs)


def all_shown(totals: Totals) -> str:
    """Give totals in a sentence: "USD 200.00 and EUR 95.00"; "no charge" where there is nothing to pay."""
    charged = [shown(amount, currency) for currency, amount in totals.items() if amount]
    return " and ".join(charged) or NO_CHARGE


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


def is_old(quoted_at: datetime, *, now: datetime, max_age: timedelta) -> bool:
    """Whether a price was asked for too long ago to be charged: longer than `max_age`, or on another UTC day.

    One from the future was asked for before a clock was set back, so nothing tells its age.
    """
    return quoted_at > now or now >= quote_valid_until(quoted_at, max_age)


def price_objection(price: ConfirmedPrice, *, amount: Decimal, currency: str, names: Iterable[str]) -> str:
    """Give why a new quote may not be charged, or an empty text where it may."""
    if currency != price.currency:
        return f"The CA now asks in {currency}; {price.currency} was confirmed."
    if amount > price.amount:
        return f"The CA now asks {shown(amount, currency)}; {shown(price.amount, price.currency)} was confirmed."
    if frozenset(names) != price.names:
        return "The CA would now add other names: " + written_list(sorted(names)) + "."
    return ""


def is_overcharged(charged: Decimal | None, charged_currency: str, price: Decimal | None, currency: str) -> bool:
    """Whether a charge is more than was confirmed: a higher amount, or any amount above zero in another currency.

    An open amount (`charged` is None) is judged once it is known. Without a confirmed price there is nothing to exceed.
    """
    if charged is None or price is None:
        return False
    return charged > (price if charged_currency == currency else 0)
