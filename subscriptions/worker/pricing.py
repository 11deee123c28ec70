"""The worker half of quotes: ask the CA for each name's price, and merge only the names its answers return."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.changeable import QUOTE_VALIDITY
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, LoginRefused, RateLimited, Refused
from subscriptions.kinds import priced_kind_of
from subscriptions.kinds.base import Asked
from subscriptions.ledger import clock
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.models import Quote, QuoteLine
from subscriptions.rules.prices import kept_totals, quote_valid_until, totals_of

RETRY_AFTER = 10  # seconds


def price(quote_id: int, *, client: CaasClient) -> None:
    """Ask for the prices of a quote that waits for them; lines priced before an interruption are kept."""
    token = uuid4()
    if not _claim(quote_id, token):
        return
    quote = Quote.objects.get(pk=quote_id)
    waiting = quote.lines.filter(state=QuoteLine.State.PENDING)
    try:
        for line in waiting.select_related("quote", "subscription__binding", "prevalidation"):
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
    if not QuoteLine.objects.filter(pk=line.pk, state=QuoteLine.State.PENDING).exists():
        return
    # A price counts from the asking: what ends, and the day that turns, while the answer is on its way is not in it.
    asked_at = clock.now()
    try:
        answer = priced_kind_of(line).price(line, client)
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
    line.names = [name for name in dict.fromkeys([line.name, *answer.names]) if name]
    if not _save_once(line, "state", "quoted_at", "term_ends_at", "cost", "currency", "names", "add_companion"):
        return
    beside = quote.lines.filter(state=QuoteLine.State.PENDING, subscription=line.subscription_id, kind=line.kind)
    beside.filter(name__in=line.names).exclude(pk=line.pk).update(state=QuoteLine.State.COVERED, covered_by=line)


def _give_back(quote: Quote, token: UUID, problem: str, seconds: float) -> None:
    Quote.objects.filter(pk=quote.pk, claim_token=token).update(
        state=Quote.State.QUEUED,
        claim_token=None,
        problem=problem[:500],
        not_before=clock.now() + timedelta(seconds=seconds),
    )


def _finish(quote: Quote, token: UUID) -> None:
    lines = list(quote.lines.filter(state=QuoteLine.State.PRICED))
    changes: dict[str, object] = {"claim_token": None, "problem": "", "priced_at": clock.now()}
    if not lines:
        changes |= {"state": Quote.State.REFUSED, "problem": "The CA gave no price for anything of this."}
    else:
        oldest = min(line.quoted_at for line in lines if line.quoted_at is not None)
        validity = QUOTE_VALIDITY.duration()
        changes |= {
            "state": Quote.State.READY,
            "totals": kept_totals(totals_of((line.cost, line.currency) for line in lines)),
            "valid_until": quote_valid_until(oldest, validity),
        }
    Quote.objects.filter(pk=quote.pk, claim_token=token).update(**changes)
