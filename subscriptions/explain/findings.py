"""Findings in words: what differs between the CA and the ledger, what it means, whether money moved. Pure.

A line is JSON that a worker wrote, maybe of another version: whatever it holds, it gives a sentence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from subscriptions.models import Finding, Transaction
from subscriptions.rules.instants import day_text
from subscriptions.rules.prices import decimal_of, shown
from subscriptions.rules.written_names import written_list

Sort = Finding.Sort
Fields = Mapping[str, Any]
NAMES_TOLD = 5
DIGITS = 18  # before or after the point: a number of more is no amount of money
NO_MONEY = "No money moves by this."
UNREADABLE = "This line cannot be read; it stands in Django admin as it was kept."


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line in words: the sentence, since when readings show it, and the operation it is about."""

    sentence: str
    since: datetime | None
    operation: UUID | None


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding in words. `closing` says what it does when a person closes it."""

    title: str
    lines: tuple[ToldLine, ...]
    meaning: str
    money: str
    advice: str
    closing: str


@dataclass(frozen=True, slots=True)
class _Words:
    line: Callable[[Fields], str]
    meaning: str
    money: str  # {} is the sum
    advice: str
    closing: str = "These lines are not raised again. Nothing is sent to the CA."


def told(finding: Finding) -> ToldFinding:
    """Give a finding in words, with the lines that two readings have shown."""
    lines = finding.ripe_lines
    words = _WORDS.get(finding.sort) or _OF_ANOTHER_VERSION
    return ToldFinding(
        title=finding.get_sort_display(),
        lines=tuple(_told_line(line, words) for line in lines),
        meaning=words.meaning,
        money=NO_MONEY if _cost_nothing(lines) else words.money.format(_sum(lines)),
        advice=words.advice,
        closing=words.closing,
    )


def _cost_nothing(lines: Iterable[Any]) -> bool:
    """Whether every line is known to be about something that costs nothing and brings nothing back."""
    kept = list(lines)
    return bool(kept) and all(isinstance(line, dict) and line.get("costs") is False for line in kept)


def _told_line(line: Any, words: _Words) -> ToldLine:
    if not isinstance(line, dict):
        return ToldLine(UNREADABLE, None, None)
    return ToldLine(words.line(line), _instant(line.get("since")), _code(line.get("operation")))


# --- What a line holds ----------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(line: Fields) -> str:
    held = line.get("names")
    names = [name for name in held if isinstance(name, str) and name] if isinstance(held, list) else []
    if not names:
        return "no name"
    more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
    return written_list(names[:NAMES_TOLD]) + more


def _amount(line: Fields, of: str = "amount", currency: str = "currency") -> str:
    return shown(_decimal(line.get(of)), _text(line.get(currency)))


def _decimal(value: object) -> Decimal | None:
    number = decimal_of(value)
    return None if number is None or abs(number.adjusted()) > DIGITS else number


def _order(line: Fields) -> str:
    number = line.get("ca_order_number")
    parts = [f"order {number}"] if isinstance(number, int) and not isinstance(number, bool) else ["no order number"]
    if (at := _instant(line.get("at"))) is not None:
        parts.append(day_text(at))
    return f"({', '.join(parts)})"


def _instant(value: object) -> datetime | None:
    try:
        instant = parse_datetime(_text(value))
    except ValueError:  # well formed, but no such day
        return None
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant


def _code(value: object) -> UUID | None:
    try:
        return UUID(_text(value))
    except ValueError:
        return None


def _sum(lines: Iterable[Any]) -> str:
    """Give the sum of the lines' amounts by currency; an amount that is not known is said, never taken for none."""
    sums: dict[str, Decimal] = {}
    unknown = 0
    for line in lines:
        amount = _decimal(line.get("amount")) if isinstance(line, dict) else None
        if amount is None:
            unknown += 1
        else:
            currency = _text(line.get("currency"))
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    parts = [shown(amount, currency) for currency, amount in sorted(sums.items())]
    if unknown:
        parts.append("an unknown amount" if unknown == 1 else f"{unknown} unknown amounts")
    return " and ".join(parts) or "nothing"


# --- The words of each sort -----------------------------------------------------------------------------------------


def _charge(line: Fields) -> str:
    if _text(line.get("key")).startswith(f"{Transaction.EXTENSION}:"):
        return f"An extension of {_names(line)} for {_amount(line)} {_order(line)}: no operation here ordered it."
    return f"{_amount(line)} for {_names(line)} {_order(line)}: no operation here ordered it."


def _refund(line: Fields) -> str:
    return f"{_amount(line)} given back for {_names(line)} {_order(line)}: no removal here explains it."


def _charged_twice(line: Fields) -> str:
    return f"{_names(line)} was charged again: {_amount(line)} {_order(line)}, without its removal before."


def _other_amount(line: Fields) -> str:
    recorded = _amount(line, "recorded", "recorded_currency")
    return f"{_names(line)} {_order(line)}: the CA lists {_amount(line)}, the ledger holds {recorded}."


def _not_listed(line: Fields) -> str:
    return f"{_amount(line)} for {_names(line)} {_order(line)} is recorded here; the CA has not listed it for a day."


def _unknown_name(line: Fields) -> str:
    return f"{_names(line)} is at the CA; nobody here ordered it, and it came with no other name."


def _open_amount(line: Fields) -> str:
    return f"{_names(line)} was added more than a day ago; the CA’s list still shows no charge for it."


def _late_answer(line: Fields) -> str:
    text = _text(line.get("text")) or "The CA’s answer came late and contradicts what was settled."
    if line.get("amount") is None and line.get("ca_order_number") is None:
        return text
    return f"{text} It names {_names(line)} and {_amount(line)} {_order(line)}."


def _account_state(line: Fields) -> str:
    said = f"The CA lists ACME account {_text(line.get('account'))} as “{_text(line.get('status'))}”"
    done = _text(line.get("done"))
    return f"{said}; the last that was done to it here: {done}." if done else f"{said}; nothing was done to it here."


def _as_kept(line: Fields) -> str:
    return f"{_names(line)}: {_amount(line)} {_order(line)}."


_OUTSIDE = (
    "Another program, or a person at the CA, may use the same CA account; or a call of the portal did more than its "
    "answer said."
)
_EXPLAINED = (
    "These lines count as explained by you, are not raised again, and hold no work up any more. Nothing is sent to "
    "the CA."
)
_OF_ANOTHER_VERSION = _Words(
    line=_as_kept,
    meaning="Another version of the portal raised it.",
    money="Whether money moved is not known.",
    advice="Compare the subscription with the CA’s own list of transactions.",
)
_WORDS: dict[str, _Words] = {
    Sort.UNEXPLAINED_CHARGE: _Words(
        line=_charge,
        meaning=f"The CA lists charges that no operation of this subscription asked for. {_OUTSIDE}",
        money="Money moved: {} by the CA’s own list.",
        advice=("Find out who ordered it. If nobody did, ask the CA for the money back, with the order number."),
        closing=_EXPLAINED,
    ),
    Sort.UNEXPLAINED_REFUND: _Words(
        line=_refund,
        meaning=f"The CA lists refunds for which no name was removed here. {_OUTSIDE}",
        money="Money came back: {} by the CA’s own list.",
        advice="Look whether the names are still there: what was removed at the CA gets no certificate any more.",
        closing=_EXPLAINED,
    ),
    Sort.CHARGED_TWICE: _Words(
        line=_charged_twice,
        meaning="The CA lists two paid additions of one name within a term, and nothing removed it between them.",
        money="Money moved twice: {} beyond the first charge, by the CA’s own list.",
        advice="Ask the CA to give the second charge back, with both order numbers.",
    ),
    Sort.OTHER_AMOUNT: _Words(
        line=_other_amount,
        meaning="The CA’s list of charges gives another amount or currency than its answer to the call did.",
        money="Money moved: {} by the CA’s list, which is not what the ledger holds.",
        advice="Compare with the CA’s invoice: that decides which of the two is right. The ledger keeps the answer.",
    ),
    Sort.CHARGE_NOT_LISTED: _Words(
        line=_not_listed,
        meaning="The CA said that it charged for these names; its list of charges has lacked that for a day.",
        money="Whether money moved is not known: {} was said, but is not listed.",
        advice="Compare with the CA’s invoice or balance, and look whether the names are still in the subscription.",
    ),
    Sort.UNKNOWN_NAME: _Words(
        line=_unknown_name,
        meaning=f"The CA lists names in this subscription that were not added here. {_OUTSIDE}",
        money=(
            "Whether money moved is not known from the names alone: a charge for one that nothing explains is a "
            "finding of its own."
        ),
        advice="Find out who added them, and whether the customer is to have them.",
        closing=(
            "These names count as taken over, and are not raised again. They stay in the subscription. Nothing is sent "
            "to the CA."
        ),
    ),
    Sort.OPEN_AMOUNT: _Words(
        line=_open_amount,
        meaning="The names were added; the CA’s answer held no amount that can be read, and its list shows none.",
        money="Whether money moved is not known yet. The amount is in no total until the CA lists it.",
        advice="Compare with the CA’s invoice. The amount is filled in by itself as soon as the CA lists it.",
        closing="This is not raised again; the amounts stay open until the CA lists them. Nothing is sent to the CA.",
    ),
    Sort.ACCOUNT_STATE: _Words(
        line=_account_state,
        meaning=(
            "An ACME account is in another state than it was left in here. Another program used the reseller’s login, "
            "or a call that was taken for lost did its work late."
        ),
        money=NO_MONEY,
        advice="Find out who did it. On the subscription’s page it can be suspended, or reinstated, once more.",
    ),
    Sort.LATE_ANSWER: _Words(
        line=_late_answer,
        meaning=(
            "A call was taken for lost and settled by reading. Its answer came afterwards, and says something else "
            "than what was recorded."
        ),
        money="The late answer says that money moved: {}. The next reading shows whether the CA lists it.",
        advice="Open the operation and compare it with the CA’s list: the same name may have been charged twice.",
    ),
}
