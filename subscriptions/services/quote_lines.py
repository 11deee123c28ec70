"""Lines of a quote that a person leaves out before it is confirmed, and puts back. The request half."""

from collections.abc import Callable, Collection, Sequence
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.ledger import clock
from subscriptions.models import Order, Quote, QuoteLine
from subscriptions.rules.names import registrable_domain
from subscriptions.rules.prices import all_shown, kept_totals, totals_of
from subscriptions.rules.written_names import written_list
from subscriptions.selectors.buying import by_customer, can_be_left_out

State = QuoteLine.State


def leave_out(*, actor: User, quote: Quote, positions: Collection[int], revision: int) -> int:
    """Leave lines out of a quote, and give how many prices the CA is asked for anew.

    What is free is the CA's business: what came with a line that goes, what a line was priced with that goes, and what
    is free beside it on its registrable domain, is asked for again. `revision` is that of the quote as the person saw
    it. Raises ServiceError, with nothing changed, where the quote is another by now, can no longer be confirmed, or
    would have no line left.
    """
    with transaction.atomic():
        _lock(quote, revision)
        lines = list(quote.lines.select_related("subscription__customer"))
        chosen = [line for line in lines if line.position in positions and can_be_left_out(line, quote)]
        if not chosen:
            raise ServiceError("Choose what to leave out.")
        asked = _to_ask_again(lines, chosen)
        if all(line.state != State.PRICED or line in chosen for line in lines) and not asked:
            raise ServiceError("One line at least stays. Where nothing is wanted, leave the quote unconfirmed.")
        _set(chosen, State.LEFT_OUT)
        _ask_again(quote, asked)
        _record(Happening.QUOTE_LINES_LEFT_OUT, quote, chosen, actor)
    return len(asked)


def put_back(*, actor: User, quote: Quote, positions: Collection[int], revision: int) -> int:
    """Put lines back that were left out, and give how many prices the CA is asked for: theirs, and those beside them.

    Raises ServiceError, with nothing changed, where the quote is another by now or can no longer be confirmed.
    """
    with transaction.atomic():
        _lock(quote, revision)
        lines = list(quote.lines.select_related("subscription__customer"))
        chosen = [line for line in lines if line.position in positions and line.state == State.LEFT_OUT]
        if not chosen:
            raise ServiceError("Choose what to put back.")
        beside = _beside(lines, chosen, lambda line: line.state == State.PRICED)
        asked = _with_covered(lines, [*chosen, *beside])
        _ask_again(quote, asked)
        _record(Happening.QUOTE_LINES_PUT_BACK, quote, chosen, actor)
    return len(asked)


def _lock(quote: Quote, revision: int) -> None:
    """Serialize changes and confirmations of one quote, on SQLite and PostgreSQL alike, and see that it may change."""
    Quote.objects.filter(pk=quote.pk).update(revision=F("revision"))
    quote.refresh_from_db()
    if Order.objects.filter(quote=quote).exists():
        raise ServiceError("This quote was confirmed meanwhile. Nothing was changed.")
    if quote.revision != revision:
        raise ServiceError("This quote was changed meanwhile. Nothing was changed: look at it as it is now.")
    if not quote.is_valid(clock.now()):
        raise ServiceError("This quote is no longer valid. Nothing was changed. Get a new quote to see today’s prices.")


def _to_ask_again(lines: Sequence[QuoteLine], gone: Collection[QuoteLine]) -> list[QuoteLine]:
    brought_one = {line.covered_by_id for line in gone}
    bringing = [line for line in lines if line.pk in brought_one and line not in gone]
    free = _beside(lines, [*gone, *bringing], lambda line: line.state == State.PRICED and line.is_free)
    return _with_covered(lines, [*bringing, *free], gone)


def _with_covered(
    lines: Sequence[QuoteLine], asked: Sequence[QuoteLine], gone: Collection[QuoteLine] = ()
) -> list[QuoteLine]:
    """Give lines to be asked for, and those that came with one of them, or with one that is gone."""
    bringing = {line.pk for line in (*asked, *gone)}
    return [*asked, *(line for line in lines if line.covered_by_id in bringing and line not in gone)]


def _beside(
    lines: Sequence[QuoteLine], chosen: Collection[QuoteLine], wanted: Callable[[QuoteLine], bool]
) -> list[QuoteLine]:
    """Give the other wanted lines that are about the same registrable domains of the same subscriptions."""
    places = {_place(line) for line in chosen}
    return [line for line in lines if line not in chosen and line.name and _place(line) in places and wanted(line)]


def _place(line: QuoteLine) -> tuple[int, str]:
    return line.subscription_id, registrable_domain(line.name) if line.name else ""


def _set(lines: Collection[QuoteLine], state: State) -> None:
    QuoteLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=state, covered_by=None)


def _ask_again(quote: Quote, asked: Sequence[QuoteLine]) -> None:
    """Write the quote's total as it is now, and have the CA asked for what has no price any more."""
    QuoteLine.objects.filter(pk__in=[line.pk for line in asked]).update(
        state=State.PENDING, covered_by=None, cost=None, currency="", names=[], quoted_at=None, add_companion=False
    )
    priced = quote.lines.filter(state=State.PRICED).values_list("cost", "currency")
    quote.totals, quote.revision = kept_totals(totals_of(priced)), quote.revision + 1
    if asked:
        quote.state, quote.not_before, quote.problem = Quote.State.QUEUED, clock.now(), ""
        transaction.on_commit(lambda: tasks.price_quote.delay(quote.pk), robust=True)
    quote.save(update_fields=["totals", "revision", "state", "not_before", "problem"])


def _record(happening: StrEnum, quote: Quote, lines: Sequence[QuoteLine], actor: User) -> None:
    for customer, of_customer in by_customer(lines):
        told = written_list(str(line) for line in of_customer)
        total = all_shown(quote.amounts)
        record_event(happening, actor=actor, target=quote, customer=customer, lines=told, total=total)
