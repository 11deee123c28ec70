"""What needs a person: each sort of task, the rows that it counts, and its words.

A task leads to a list that keeps the rows it counts (`lists.task_filter`), so that the two say the same; where it
counts a single row, to that row's own page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.roles import Permission
from subscriptions.explain.prevalidations import ending_label, ending_level, ending_text, ending_title
from subscriptions.explain.states import mark_of
from subscriptions.models import Certificate, Domain, Operation, OperationEvent, Order, Prevalidation, Subscription
from subscriptions.rules.certificates import CertificateState
from subscriptions.rules.prevalidations import days_of_step
from subscriptions.rules.terms import (
    EXTENSION_DAYS_AFTER,
    EXTENSION_DAYS_BEFORE,
    RECENT_DAYS,
    extendable_expiries,
    utc_day,
)
from subscriptions.selectors import mails
from subscriptions.selectors.accounts import accounts_not_made, accounts_to_judge, accounts_with_problem
from subscriptions.selectors.findings import open_findings
from subscriptions.selectors.hand_over import waiting_for_nobody
from subscriptions.selectors.prevalidation_warnings import STEPS, ending_prevalidations
from subscriptions.selectors.prevalidations import renewal_mode
from subscriptions.selectors.quotes import lately_refused
from subscriptions.selectors.refunds import refunds_not_seen
from subscriptions.selectors.requests import open_requests
from subscriptions.selectors.rows import look_alike_customers, with_state
from subscriptions.selectors.schedule import missed_runs
from subscriptions.selectors.unreachable import customers_unreachable

Rows = Callable[[datetime], "QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class TaskSort:
    """A sort of task.

    `of` is what its rows are: the list `<of>-list` shows them, `<of>-detail` one. `label` names it in the filter.
    `title` has one wording for one row and one for several, with `{}` for how many. `stamps` are the fields by which a
    row that was seen differs once something new is so of it; `latest` the one that tells of the newest row.
    `page` is the route that shows all of it, where that is no list.
    `permission` is what one needs to see it, `needs` for its action, which is at `acting` where there is one row.
    """

    name: str
    level: str
    of: str
    label: str
    rows: Rows
    title: tuple[str, str]
    text: Callable[[], str]
    stamps: tuple[str, ...] = ()
    latest: str = ""
    action: str = "Look"
    permission: Permission = Permission.READ_STAFF_PAGES
    needs: Permission = Permission.READ_STAFF_PAGES
    acting: str = ""
    order: str = ""
    page: str = ""


def _said(text: str) -> Callable[[], str]:
    return lambda: text


# --- The rows -------------------------------------------------------------------------------------------------------


def _attention(_now: datetime) -> "QuerySet[Operation]":
    newest = OperationEvent.objects.filter(operation=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    return Operation.objects.filter(state=Operation.State.ATTENTION).annotate(newest_event=Subquery(newest))


def _stopped(now: datetime) -> "QuerySet[Order]":
    """Give the orders that were stopped lately, as long as something of them waits or what was overcharged is there."""
    own = Operation.objects.filter(order=OuterRef("pk"))
    there = Domain.objects.present().filter(subscription=OuterRef("subscription"), name=OuterRef("domain_name"))
    dearer = Q(charged__gt=F("price")) | ~Q(charged_currency=F("currency")) & Q(charged__gt=0)
    overcharged = own.filter(dearer, state=Operation.State.SUCCEEDED)
    kept = Exists(overcharged.filter(Q(domain_name="") | Exists(there)))
    stopped = Order.objects.filter(stopped_at__gte=now - timedelta(days=RECENT_DAYS))
    return stopped.filter(Exists(own.filter(state__in=Operation.UNSETTLED)) | kept)


def _lapsed(now: datetime) -> "QuerySet[Subscription]":
    lapsed = with_state(Subscription.objects.all(), Subscription.State.LAPSED, now)
    return lapsed.filter(expires_at__gte=extendable_expiries(now).opens_at)


def _lapsing(now: datetime) -> "QuerySet[Subscription]":
    running = with_state(Subscription.objects.all(), Subscription.State.RUNNING, now)
    return running.filter(expires_at__lte=extendable_expiries(now).closes_at)


def _ending_in(step: int) -> Callable[[datetime], "QuerySet[Prevalidation]"]:
    return lambda now: ending_prevalidations(now).filter(valid_until__range=days_of_step(step, utc_day(now)))


def _ending(step: int) -> TaskSort:
    return TaskSort(
        name=f"ending-{step}" if step else "ended",
        level=ending_level(step),
        of="prevalidation",
        label=ending_label(step),
        rows=_ending_in(step),
        title=(ending_title(step, 1), ending_title(step, 2).replace("2", "{}", 1)),
        text=lambda: ending_text(step, renewal_mode()),
        stamps=("valid_until",),
    )


# --- The sorts, the most pressing first -----------------------------------------------------------------------------

_ENDING = [_ending(step) for step in STEPS]


def _certificates(
    state: CertificateState, level: str, title: tuple[str, str], text: str, *, stamps: tuple[str, ...]
) -> TaskSort:
    """Give the task of the names in a state of their certificate, of those that can renew."""
    return TaskSort(
        name=f"certificates-{state}",
        level=level,
        of="certificate",
        label=f"{mark_of('certificate', state).word}, and can be renewed",
        rows=lambda now: Certificate.objects.watched(now).of_state(state, now).order_by("sort_at", "pk"),
        title=title,
        text=_said(text),
        stamps=stamps,
        acting="name-detail",
    )


_ENDED_CERTIFICATES = [
    _certificates(
        CertificateState.REVOKED,
        "danger",
        ("The certificate of 1 name is revoked", "The certificates of {} names are revoked"),
        "Browsers may refuse it, and nothing newer was issued.",
        stamps=("revoked_at",),
    ),
    _certificates(
        CertificateState.EXPIRED,
        "danger",
        ("The certificate of 1 name has expired", "The certificates of {} names have expired"),
        "Its subscription runs, and nothing newer was issued.",
        stamps=("ends_at",),
    ),
]
_LATE_CERTIFICATES = [
    _certificates(
        CertificateState.FAILING,
        "warning",
        ("The last order of 1 name failed", "The last orders of {} names failed"),
        "Nothing was issued for it since.",
        stamps=("ordered_failed_since", "failed_code"),
    ),
    _certificates(
        CertificateState.LATE,
        "warning",
        ("The renewal of 1 certificate is late", "The renewals of {} certificates are late"),
        "It is due for longer than it should be, and no order came.",
        stamps=("due_at",),
    ),
]
SORTS: Sequence[TaskSort] = (
    TaskSort(
        name="attention",
        level="danger",
        label="Needs attention",
        of="operation",
        rows=_attention,
        stamps=("newest_event",),
        title=("1 operation needs attention", "{} operations need attention"),
        text=_said("Each waits for a decision; nothing is sent for it until then."),
        action="Decide",
        needs=Permission.SETTLE,
    ),
    TaskSort(
        name="missed-runs",
        level="danger",
        label="Missed",
        of="planned run",
        rows=missed_runs,
        stamps=("missed_at",),
        title=("1 planned task did not run", "{} planned tasks did not run"),
        text=_said("None of its runs has ended well for too long. The schedule says what to look at."),
        page="schedule",
    ),
    TaskSort(
        name="stopped",
        level="danger",
        label=f"Stopped in the last {RECENT_DAYS} days",
        of="order",
        rows=lambda now: _stopped(now).order_by("-stopped_at"),
        stamps=("stopped_at",),
        title=(
            f"1 order was stopped in the last {RECENT_DAYS} days",
            f"{{}} orders were stopped in the last {RECENT_DAYS} days",
        ),
        text=_said("Something of it waits, or a name that was charged too high is still there."),
        latest="stop_reason",
    ),
    TaskSort(
        name="findings",
        level="danger",
        label="Open",
        of="finding",
        rows=lambda _now: open_findings(),
        stamps=("opened_at", "lines"),
        title=("1 finding about what the CA charged or lists", "{} findings about what the CA charged or lists"),
        text=_said("The CA and the ledger differ there, as two readings have shown."),
    ),
    TaskSort(
        name="refunds-not-seen",
        level="warning",
        label="Refund not seen",
        of="operation",
        rows=refunds_not_seen,
        stamps=("finished_at",),
        title=("1 refund is not listed at the CA", "{} refunds are not listed at the CA"),
        text=_said("The name was removed in time for its price to be given back. Ask the CA about it."),
    ),
    TaskSort(
        name="unassigned",
        level="warning",
        label="Belongs to no subscription",
        of="account",
        rows=lambda _now: accounts_to_judge(),
        stamps=("first_seen_at",),
        title=(
            "1 ACME account at the CA belongs to no subscription",
            "{} ACME accounts at the CA belong to no subscription",
        ),
        text=_said("Say whose it is, or that it is not yours. Nothing uses one until then."),
        action="Decide",
        permission=Permission.SETTLE,
    ),
    TaskSort(
        name="unread-keys",
        level="warning",
        label="Key could not be read",
        of="account",
        rows=lambda _now: accounts_with_problem().order_by("-decided_at"),
        stamps=("problem",),
        title=(
            "The key of an assigned ACME account could not be read",
            "The keys of {} assigned ACME accounts could not be read",
        ),
        text=_said(""),
        latest="problem",
        permission=Permission.SETTLE,
    ),
    TaskSort(
        name="lapsed",
        level="danger",
        label=f"Lapsed in the last {EXTENSION_DAYS_AFTER} days",
        of="subscription",
        rows=_lapsed,
        stamps=("expires_at",),
        order="-expires_at",
        title=(
            f"1 subscription has lapsed in the last {EXTENSION_DAYS_AFTER} days",
            f"{{}} subscriptions have lapsed in the last {EXTENSION_DAYS_AFTER} days",
        ),
        text=_said(
            "No certificate can be issued for its names. "
            f"The CA takes an extension until {EXTENSION_DAYS_AFTER} days after the expiry."
        ),
        action="Extend",
        needs=Permission.BUY,
        acting="subscription-extend",
    ),
    *_ENDED_CERTIFICATES,
    *(sort for sort in _ENDING if sort.level == "danger"),
    TaskSort(
        name="not-created",
        level="danger",
        label=f"ACME account not created in the last {RECENT_DAYS} days",
        of="operation",
        rows=accounts_not_made,
        title=("1 ACME account was not created", "{} ACME accounts were not created"),
        text=_said(f"The CA refused in the last {RECENT_DAYS} days. Nothing was charged."),
    ),
    *_LATE_CERTIFICATES,
    TaskSort(
        name="requests",
        level="info",
        label="Waits for an answer",
        of="request",
        rows=lambda _now: open_requests(),
        stamps=("changed_at",),
        title=("1 request of a customer waits for an answer", "{} requests of customers wait for an answer"),
        text=_said("Turn what is asked for into a quote, or decline it with a reason."),
        action="Answer",
        needs=Permission.BUY,
    ),
    TaskSort(
        name="no-price",
        level="warning",
        label="No price since yesterday",
        of="quote",
        rows=lately_refused,
        title=(
            "The CA gave no price for 1 quote since yesterday",
            "The CA gave no price for {} quotes since yesterday",
        ),
        text=_said("Nothing was charged."),
        action="See why",
    ),
    TaskSort(
        name="waits-for-nobody",
        level="warning",
        label="Hand-over waits for nobody",
        of="subscription",
        rows=waiting_for_nobody,
        stamps=("hand_over_pending_since",),
        title=("1 hand-over waits for nobody", "{} hand-overs wait for nobody"),
        text=_said("Each was to be done when an invited person accepts; no invitation is open any more."),
        action="Hand over",
        needs=Permission.WRITE_CUSTOMERS,
        acting="subscription-hand-over",
    ),
    TaskSort(
        name="unreachable",
        level="warning",
        label="No mail reaches them",
        of="customer",
        rows=lambda _now: customers_unreachable(),
        title=("No mail reaches 1 customer", "No mail reaches {} customers"),
        text=_said("Nobody there can be told what happens. Invite a person, or record an address that works."),
    ),
    TaskSort(
        name="late-mails",
        level="warning",
        label="Waits for the mail server",
        of="mail",
        rows=mails.late,
        stamps=("answer",),
        title=("1 mail waits for the mail server", "{} mails wait for the mail server"),
        text=_said("It is tried again by itself."),
        latest="answer",
    ),
    TaskSort(
        name="unsent-mails",
        level="warning",
        label=f"Not sent, or perhaps not, in the last {RECENT_DAYS} days",
        of="mail",
        rows=mails.lately_unsent,
        stamps=("ended_at",),
        title=(
            f"1 mail was not sent, or perhaps not, in the last {RECENT_DAYS} days",
            f"{{}} mails were not sent, or perhaps not, in the last {RECENT_DAYS} days",
        ),
        text=_said("The mail server refused it or did not answer. Nothing is sent twice by itself."),
    ),
    TaskSort(
        name="lapsing",
        level="warning",
        label=f"Ends within {EXTENSION_DAYS_BEFORE} days",
        of="subscription",
        rows=_lapsing,
        stamps=("expires_at",),
        order="expires_at",
        title=(
            f"1 subscription ends within {EXTENSION_DAYS_BEFORE} days",
            f"{{}} subscriptions end within {EXTENSION_DAYS_BEFORE} days",
        ),
        text=_said("After its end no certificate can be issued or renewed."),
        action="Extend",
        needs=Permission.BUY,
        acting="subscription-extend",
    ),
    *(sort for sort in _ENDING if sort.level != "danger"),
    TaskSort(
        name="alike",
        level="warning",
        of="customer",
        label="Named like an older one",
        rows=lambda _now: look_alike_customers(),
        title=("1 customer is named like an older one", "{} customers are named like older ones"),
        text=_said("People cannot tell the two apart. Rename one of them."),
        stamps=("name",),
    ),
)


def sort_named(name: str) -> TaskSort:
    """Give a sort of task; raise KeyError for a name that none has."""
    return {sort.name: sort for sort in SORTS}[name]
