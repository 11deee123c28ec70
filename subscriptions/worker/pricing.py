"""The worker half of quotes: ask the CA for each name's price, and merge only the names its answers return."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, LoginRefused, RateLimited, Refused
from subscriptions.kinds import ADDING, Wanted
from subscriptions.kinds.base import Asked
from subscriptions.ledger import clock
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.models import Quote, QuoteLine
from subscriptions.rules.prices import quote_valid_until

RETRY_AFTER = 10  # seconds


def price(quote_id: int, *, client: CaasClient) -> None:
    """Ask for the prices of a quote that waits for them; lines priced before an interruption are kept."""
    token = uuid4()
    if not _claim(quote_id, token):
        return
    quote = Quote.objects.select_related("subscription__binding", "prevalidation").get(pk=quote_id)
    try:
        for line in quote.lines.filter(state=QuoteLine.State.PENDING):
            _price_line(quote, line, client)
    except HeldBack as held:
        _give_back(quote, token, held.reason, held.retry_after)
    except CaasError as error:
        react_to_reading(error)
        _give_back(quote, token, _no_answer(error), error.retry_after or RETRY_AFTER)
    else:
        _finish(quote, token)


def _no_answer(error: CaasError) -> str:
    if isinstance(error, LoginRefused):
        return f"{error} A reseller admin has to reopen the connection first."
    return str(error)


def _waiting(now: datetime) -> Q:
    return Q(state=Quote.State.QUEUED, not_before__lte=now) | Q(state=Quote.State.PRICING, lease_expires_at__lt=now)


def take_due(now: datetime) -> list[int]:
    """Give the quotes that wait for prices and that no worker holds."""
    return list(Quote.objects.filter(_waiting(now)).order_by("pk").values_list("pk", flat=True)[:20])


def _claim(quote_id: int, token: UUID) -> bool:
    now = clock.now()
    lease = now + timedelta(seconds=settings.CAAS_LEASE)
    rows = Quote.objects.filter(_waiting(now), pk=quote_id)
    return rows.update(state=Quote.State.PRICING, claim_token=token, lease_expires_at=lease) == 1


def _price_line(quote: Quote, line: QuoteLine, client: CaasClient) -> None:
    line.refresh_from_db()
    if line.state != QuoteLine.State.PENDING:
        return
    # A price counts from the asking: what ends, and the day that turns, while the answer is on its way is not in it.
    asked_at = clock.now()
    try:
        answer = _ask(quote, line, client)
    except (LoginRefused, RateLimited):
        raise
    except Refused as refusal:
        # It says nothing of anybody else's charges: a quote may be refused for a name, a type or its price alone.
        _refuse_line(line, refusal)
    else:
        _keep_price(quote, line, answer, asked_at)
    # Each answer shows that the worker is alive, so a long list does not outlive its claim.
    lease = clock.now() + timedelta(seconds=settings.CAAS_LEASE)
    Quote.objects.filter(pk=quote.pk, state=Quote.State.PRICING).update(lease_expires_at=lease)


def _ask(quote: Quote, line: QuoteLine, client: CaasClient) -> Asked:
    """Ask with the companion where that was chosen, or where the companion was typed too.

    In the second case its answer is taken only if it adds nothing that was not typed: two names of which one comes
    free with the other are then one line at the CA's price for both, instead of two lines of which one is too dear.
    A companion that another line brings already is asked for no second time: the CA would not add it again.
    """
    line.add_companion = quote.add_companions or _has_relative(quote, line)
    answer = _ask_once(quote, line, client)
    if not line.add_companion or _is_wanted(quote, answer):
        return answer
    line.add_companion = False
    return _ask_once(quote, line, client)


def _is_wanted(quote: Quote, answer: Asked) -> bool:
    priced = quote.lines.filter(state=QuoteLine.State.PRICED).values_list("names", flat=True)
    if any(set(names).intersection(answer.names) for names in priced):
        return False
    waiting = set(quote.lines.filter(state=QuoteLine.State.PENDING).values_list("name", flat=True))
    return quote.add_companions or (len(answer.names) > 1 and waiting.issuperset(answer.names))


def _has_relative(quote: Quote, line: QuoteLine) -> bool:
    """Whether a name is typed too that this one may bring; which it does bring, only the CA's answer tells.

    Every name costs a question, so the second one is spared where no pair of the kinds that were ever seen is typed.
    """
    others = quote.lines.filter(state=QuoteLine.State.PENDING).exclude(pk=line.pk)
    return any(_stem(name) == _stem(line.name) for name in others.values_list("name", flat=True))


def _stem(name: str) -> str:
    return name.removeprefix("*.").removeprefix("www.")


def _ask_once(quote: Quote, line: QuoteLine, client: CaasClient) -> Asked:
    anchor = quote.prevalidation.ov_anchor_order_number if quote.prevalidation else None
    account = quote.subscription.binding.acme_account_id
    return ADDING.ask(Wanted(account, line.name, anchor, line.add_companion), client)


def _refuse_line(line: QuoteLine, refusal: Refused) -> None:
    line.state, line.quoted_at = QuoteLine.State.REFUSED, clock.now()
    line.error_type, line.error_detail = refusal.error_type[:120], refusal.detail
    line.error_reason = refusal.reason
    _save_once(line, "state", "quoted_at", "error_type", "error_detail", "error_reason")


def _save_once(line: QuoteLine, *fields: str) -> bool:
    """Write what the CA said, unless another worker was faster: its answer may be shown, or confirmed, by now."""
    pending = QuoteLine.objects.filter(pk=line.pk, state=QuoteLine.State.PENDING)
    return pending.update(**{field: getattr(line, field) for field in fields}) == 1


@transaction.atomic
def _keep_price(quote: Quote, line: QuoteLine, answer: Asked, asked_at: datetime) -> None:
    line.state, line.quoted_at = QuoteLine.State.PRICED, asked_at
    line.cost, line.currency = answer.amount, answer.currency
    line.names = [line.name, *(name for name in answer.names if name != line.name)]
    if not _save_once(line, "state", "quoted_at", "cost", "currency", "names", "add_companion"):
        return
    companions = quote.lines.filter(state=QuoteLine.State.PENDING, name__in=line.names[1:])
    companions.update(state=QuoteLine.State.COVERED, covered_by=line)


def _give_back(quote: Quote, token: UUID, problem: str, seconds: float) -> None:
    Quote.objects.filter(pk=quote.pk, claim_token=token).update(
        state=Quote.State.QUEUED,
        claim_token=None,
        problem=problem[:500],
        not_before=clock.now() + timedelta(seconds=seconds),
    )


def _finish(quote: Quote, token: UUID) -> None:
    lines = list(quote.lines.filter(state=QuoteLine.State.PRICED))
    currencies = {line.currency for line in lines}
    now = clock.now()
    changes: dict[str, object] = {
        "claim_token": None,
        "problem": "",
        "priced_at": now,
        "term_ends_at": quote.subscription.expires_at,
    }
    if not lines:
        changes |= {"state": Quote.State.REFUSED, "problem": "The CA gave no price for any of the names."}
    elif len(currencies) > 1:
        shown = ", ".join(sorted(currencies))
        changes |= {"state": Quote.State.REFUSED, "problem": f"The CA answered in several currencies: {shown}."}
    else:
        oldest = min(line.quoted_at for line in lines if line.quoted_at is not None)
        validity = timedelta(seconds=settings.CAAS_QUOTE_VALIDITY)
        changes |= {
            "state": Quote.State.READY,
            "total": sum((line.cost or Decimal(0) for line in lines), Decimal(0)),
            "currency": currencies.pop(),
            "valid_until": quote_valid_until(oldest, validity),
        }
    Quote.objects.filter(pk=quote.pk, claim_token=token).update(**changes)
