"""The rows of the staff's lists as lines of files, one by one, however many there are."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Mail
from subscriptions.explain.findings import told
from subscriptions.explain.states import mark_of
from subscriptions.models import Finding, Operation, Order, Quote, Subscription, UnassignedAccount
from subscriptions.rules.prices import Totals, plain
from subscriptions.rules.terms import last_day
from subscriptions.rules.written_names import unicode_form
from subscriptions.selectors.buying import age_of, order_state
from subscriptions.selectors.mails import label_of
from subscriptions.selectors.quotes import with_lines
from subscriptions.selectors.rows import with_counts

Row = tuple[str | int | datetime | None, ...]
AT_ONCE = 2000  # what stands beside the rows is read for so many at once

SUBSCRIPTION_HEADING = (
    "Customer", "Label", "Type", "State", "Names", "Term in years", "Expires (UTC)", "EAB key ID", "ACME server URL",
    "Created ({zone})",
)  # fmt: skip
ORDER_HEADING = (
    "Order", "Customer", "Subscription", "State", "Lines", "Done", "Refused", "Canceled", "Need attention", "Confirmed",
    "Charged", "Confirmed by", "When ({zone})",
)  # fmt: skip
QUOTE_HEADING = (
    "Quote", "Customer", "Subscription", "State", "Lines", "Total", "Order", "Asked for by", "When ({zone})",
    "Valid until ({zone})",
)  # fmt: skip
OPERATION_HEADING = (
    "Kind", "Name", "In A-labels", "State", "Customer", "Subscription", "Confirmed price", "Currency", "Charged",
    "Charged currency", "Order number at the CA", "The CA’s words", "Confirmed by", "When ({zone})", "Ended ({zone})",
)  # fmt: skip
FINDING_HEADING = (
    "Finding", "State", "Customer", "Subscription", "EAB key ID", "What differs", "Since ({zone})", "Closed ({zone})",
    "Closed by", "Reason",
)  # fmt: skip
MAIL_HEADING = (
    "E-mail address", "Person", "Kind", "About", "State", "Tries", "The mail server’s words", "Written ({zone})",
    "Ended ({zone})",
)  # fmt: skip
ACCOUNT_HEADING = (
    "EAB key ID", "State", "ACME account ID", "Names", "Customer", "Said by", "Reason", "First seen ({zone})",
    "Last activity ({zone})",
)  # fmt: skip


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else plain(amount, currency)


def _amounts(totals: Totals) -> str:
    return " + ".join(f"{currency} {plain(amount, currency)}" for currency, amount in totals.items())


def _one_by_one(rows: "QuerySet[Any]") -> Iterator[Any]:
    return rows.iterator(chunk_size=AT_ONCE)


def subscription_lines(subscriptions: "QuerySet[Subscription]") -> Iterator[Row]:
    """Give subscriptions (from `rows.subscriptions`) under SUBSCRIPTION_HEADING."""
    for row in _one_by_one(subscriptions.select_related("binding")):
        binding = getattr(row, "binding", None)
        yield (
            row.customer.name,
            row.label,
            str(row.server),
            mark_of("subscription", row.state).word,
            row.domain_count,
            row.term_years,
            last_day(row.expires_at).isoformat() if row.expires_at else "",
            binding.eab_key_id if binding else "",
            binding.directory_url if binding else row.server.directory_url,
            row.created_at,
        )


def order_lines(orders: "QuerySet[Order]") -> Iterator[Row]:
    """Give orders under ORDER_HEADING; what their operations are is read for many at once."""
    all_orders = _one_by_one(orders)
    while some := list(islice(all_orders, AT_ONCE)):
        for order in with_counts(some):
            yield _order_line(order)


def _order_line(order: Any) -> Row:
    counts = {name: getattr(order, name) for name in ("done", "refused", "canceled", "attention", "working")}
    state = order_state(**counts, is_stopped=order.stopped_at is not None)
    return (
        order.number,
        ", ".join(dict.fromkeys(one.customer.name for one in order.subscriptions)),
        ", ".join(one.title for one in order.subscriptions),
        mark_of("order", state).word,
        order.line_count,
        counts["done"],
        counts["refused"],
        counts["canceled"],
        counts["attention"],
        _amounts(order.amounts),
        _amounts(order.charges),
        str(order.confirmed_by or ""),
        order.confirmed_at,
    )


def quote_lines(quotes: "QuerySet[Quote]") -> Iterator[Row]:
    """Give quotes (from `quotes.quotes`) under QUOTE_HEADING."""
    all_quotes, now = _one_by_one(quotes), timezone.now()
    while some := list(islice(all_quotes, AT_ONCE)):
        for quote in with_lines(some):
            yield _quote_line(quote, now)


def _quote_line(quote: Any, now: datetime) -> Row:
    order = getattr(quote, "order", None)
    state = mark_of("quote", quote.state)
    if quote.state == Quote.State.READY:
        state = mark_of("quote_age", age_of(quote, now, is_confirmed=order is not None))
    return (
        quote.number,
        ", ".join(dict.fromkeys(one.customer.name for one in quote.subscriptions)),
        ", ".join(one.title for one in quote.subscriptions),
        state.word,
        quote.line_count,
        _amounts(quote.amounts),
        order.number if order else "",
        str(quote.created_by or ""),
        quote.created_at,
        quote.valid_until,
    )


def operation_lines(operations: "QuerySet[Operation]") -> Iterator[Row]:
    """Give operations (from `rows.operations`) under OPERATION_HEADING."""
    for row in _one_by_one(operations):
        yield (
            row.get_kind_display(),
            unicode_form(row.domain_name),
            row.domain_name,
            mark_of("operation", row.state).word,
            row.subscription.customer.name,
            row.subscription.title,
            _amount(row.price, row.currency),
            row.currency,
            _amount(row.charged, row.charged_currency),
            row.charged_currency,
            row.ca_order_number,
            row.error_detail,
            str(row.created_by or ""),
            row.created_at,
            row.finished_at,
        )


def finding_lines(findings: "QuerySet[Finding]") -> Iterator[Row]:
    """Give findings (from `findings.findings`) under FINDING_HEADING."""
    for row in _one_by_one(findings):
        subscription = row.binding.subscription
        yield (
            row.get_sort_display(),
            mark_of("finding", row.state).word,
            subscription.customer.name,
            subscription.title,
            row.binding.eab_key_id,
            " ".join(line.sentence for line in told(row).lines),
            row.opened_at,
            row.closed_at,
            str(row.closed_by or ""),
            row.reason,
        )


def mail_lines(mails: "QuerySet[Mail]") -> Iterator[Row]:
    """Give mails (from `mails.mails`) under MAIL_HEADING: what is written in one is kept nowhere."""
    for row in _one_by_one(mails):
        yield (
            row.address,
            row.person.name if row.person else "",
            label_of(row.notice),
            row.about_name,
            mark_of("mail", row.state).word,
            row.tries,
            row.answer,
            row.created_at,
            row.ended_at,
        )


def account_lines(accounts: "QuerySet[UnassignedAccount]") -> Iterator[Row]:
    """Give ACME accounts (from `accounts.unassigned_accounts`) under ACCOUNT_HEADING."""
    for row in _one_by_one(accounts):
        yield (
            row.eab_key_id,
            row.get_state_display(),
            row.acme_account_id,
            " ".join(row.listed_names),
            row.customer.name if row.customer else "",
            str(row.decided_by or ""),
            row.reason,
            row.first_seen_at,
            row.last_activity_at,
        )
