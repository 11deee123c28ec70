"""A quote as a document: the words and amounts of its page, from the same reads, for paper.

It is written for the reseller's staff and may be handed on: nothing of other customers and no note of staff is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from subscriptions.explain.states import QuoteAge, mark_of
from subscriptions.models import QuoteLine
from subscriptions.rules.instants import instant_text
from subscriptions.rules.prices import all_shown, shown
from subscriptions.rules.terms import years_text
from subscriptions.rules.written_names import written, written_list
from subscriptions.selectors.buying import QuotePage, QuotePart, ShownLine


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line: what it is, what is to be known of it, and what it costs."""

    words: str
    notes: Sequence[str]
    price: str


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """What a quote does to one subscription."""

    title: str
    about: str
    lines: Sequence[DocumentLine]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class QuoteDocument:
    """What stands on paper, from the top to the bottom."""

    number: str
    title: str
    facts: Sequence[tuple[str, str]]
    parts: Sequence[DocumentPart]
    total: str
    notes: Sequence[str]
    priced_at: datetime | None


def quote_document(page: QuotePage) -> QuoteDocument | None:
    """Give a quote for paper; None where it has no price, or the CA is being asked."""
    if page.is_waiting or not page.parts:
        return None
    return QuoteDocument(
        number=page.quote.number,
        title=str(page.quote),
        facts=_facts(page),
        parts=[_part(part) for part in page.parts],
        total=all_shown(page.quote.amounts),
        notes=_notes(page),
        priced_at=page.quote.priced_at,
    )


def _facts(page: QuotePage) -> list[tuple[str, str]]:
    customers = dict.fromkeys(subscription.customer.name for subscription in page.subscriptions)
    facts = [("Customer", ", ".join(customers)), ("State", mark_of("quote_age", page.age).word)]
    if page.order is not None:
        facts.append(("Order", page.order.number))
    if page.quote.priced_at:
        facts.append(("Priced by the CA", _at(page.quote.priced_at)))
    if page.quote.valid_until and page.age != QuoteAge.CONFIRMED:
        facts.append(("Valid until", _at(page.quote.valid_until)))
    return facts


def _part(part: QuotePart) -> DocumentPart:
    covered = [f"{written(line.name)} comes with {_covering(line)}" for line in part.covered]
    anchors = [f"Pre-validation: {prevalidation}" for prevalidation in part.prevalidations]
    typed = [f"Typed, but not charged on its own: {', '.join(covered)}."] if covered else []
    # Below the table: a row is on one page, and a subscription has as many names as it has.
    whole = [f"All its names: {written_list(one.line.names)}." for one in part.priced if not one.line.name]
    notes = [*whole, *typed, *anchors]
    return DocumentPart(part.words, part.subscription.title, [_line(one) for one in part.priced], notes)


def _covering(line: QuoteLine) -> str:
    return str(written(line.covered_by.name)) if line.covered_by else ""


def _line(one: ShownLine) -> DocumentLine:
    line = one.line
    notes = [f"free with it: {written(name)}" for name in one.brings] if line.name else []
    if line.replaces:
        notes.insert(0, f"in place of {written(line.replaces.name)}, which goes after it")
    price = "Free" if line.is_free else shown(line.cost, line.currency)
    return DocumentLine(str(written(line.name)) if line.name else "All its names", notes, price)


def _notes(page: QuotePage) -> list[str]:
    notes = []
    if page.left_out:
        notes.append(f"Left out: {_names(page.left_out)}.")
    if page.refused:
        notes.append(f"Refused by the CA, and not part of the total: {_names(page.refused)}.")
    new = [part.subscription.term_years for part in page.parts if not part.subscription.expires_at]
    notes += [f"The first name starts the term of {years_text(years)}." for years in new]
    return list(dict.fromkeys(notes))


def _names(lines: Sequence[QuoteLine]) -> str:
    return ", ".join(str(written(line.name)) if line.name else line.subscription.title for line in lines)


def _at(instant: datetime) -> str:
    return instant_text(instant, timezone.get_current_timezone())
