"""Reads for the dashboard: first what needs a person, then the figures, then the latest orders.

What was charged is read in `costs`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import Permission
from subscriptions.kinds import MAKING
from subscriptions.models import Certificate, Domain, Operation, Order, Quote, Subscription
from subscriptions.models.certificates import ISSUED_CODES
from subscriptions.rules.terms import (
    EXTENSION_DAYS_AFTER,
    EXTENSION_DAYS_BEFORE,
    RECENT_DAYS,
    extendable_expiries,
)
from subscriptions.selectors import mails
from subscriptions.selectors.accounts import accounts_to_judge, accounts_with_problem
from subscriptions.selectors.findings import open_findings
from subscriptions.selectors.prevalidation_warnings import Ending, endings
from subscriptions.selectors.rows import orders, with_counts, with_state

ORDERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs a person, with its one action."""

    level: str
    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is, and how well it is."""

    running: int
    names: int
    current: int
    late: int

    @property
    def late_words(self) -> str:
        """How many are not current."""
        return f"{self.late} late"


def tasks_for(user: User, now: datetime) -> list[Task]:
    """Give what needs a person now, the most pressing first; nothing when all is well."""
    prevalidations = [_prevalidations(ending) for ending in endings(now)]
    tasks = [_attention(user), _stopped(now), _findings(), *_accounts(user), _lapsed(user, now)]
    tasks += [task for task in prevalidations if task.level == "danger"]
    tasks += [_refused_accounts(now)]
    tasks += [_refused_quotes(now), *_mails(now), _lapsing(user, now)]
    tasks += [task for task in prevalidations if task.level != "danger"]
    return [task for task in tasks if task is not None]


def _many(number: int, one: str, several: str) -> str:
    return f"1 {one}" if number == 1 else f"{number} {several}"


def _attention(user: User) -> Task | None:
    number = Operation.objects.filter(state=Operation.State.ATTENTION).count()
    if not number:
        return None
    return Task(
        "danger",
        f"{_many(number, 'operation needs', 'operations need')} attention",
        "Each waits for a decision; nothing is sent for it until then.",
        reverse("subscriptions:operation-list") + "?state=attention",
        "Decide" if user.may(Permission.SETTLE) else "Look",
    )


def _stopped(now: datetime) -> Task | None:
    since = now - timedelta(days=RECENT_DAYS)
    stopped = Order.objects.filter(stopped_at__gte=since).order_by("-stopped_at")
    number = stopped.count()
    if not number:
        return None
    newest = stopped[0]
    return Task(
        "danger",
        f"{_many(number, 'order was', 'orders were')} stopped in the last {RECENT_DAYS} days",
        newest.stop_reason,
        reverse("subscriptions:order-detail", args=[newest.code]),
        "Look",
    )


def _findings() -> Task | None:
    number = open_findings().count()
    if not number:
        return None
    return Task(
        "danger",
        f"{_many(number, 'finding', 'findings')} about what the CA charged or lists",
        "The CA and the ledger differ there, as two readings have shown.",
        reverse("subscriptions:finding-list") + "?state=open",
        "Look",
    )


def _accounts(user: User) -> list[Task | None]:
    """Give the tasks about ACME accounts that no subscription holds: only who may assign one sees them."""
    if not user.may(Permission.SETTLE):
        return []
    return [_unassigned(), _unread_key()]


def _unassigned() -> Task | None:
    number = accounts_to_judge().count()
    if not number:
        return None
    belong = "1 ACME account at the CA belongs" if number == 1 else f"{number} ACME accounts at the CA belong"
    return Task(
        "warning",
        f"{belong} to no subscription",
        "Say whose it is, or that it is not yours. Nothing uses one until then.",
        reverse("subscriptions:account-list"),
        "Decide",
    )


def _unread_key() -> Task | None:
    newest = accounts_with_problem().order_by("-decided_at").first()
    if newest is None:
        return None
    return Task(
        "warning",
        "The key of an assigned ACME account could not be read",
        newest.problem,
        reverse("subscriptions:account-detail", args=[newest.code]),
        "Look",
    )


def _lapsed(user: User, now: datetime) -> Task | None:
    since = extendable_expiries(now).opens_at
    lapsed = with_state(Subscription.objects.all(), Subscription.State.LAPSED, now).filter(expires_at__gte=since)
    number = lapsed.count()
    if not number:
        return None
    return Task(
        "danger",
        f"{_many(number, 'subscription has', 'subscriptions have')} lapsed in the last {EXTENSION_DAYS_AFTER} days",
        "No certificate can be issued for its names. "
        f"The CA takes an extension until {EXTENSION_DAYS_AFTER} days after the expiry.",
        *_way_to_extend(lapsed, user, "?state=lapsed&sort=-expires_at"),
    )


def _way_to_extend(ending: QuerySet[Subscription], user: User, query: str) -> tuple[str, str]:
    """Give where subscriptions that end are extended, and what the link says; `query` lists several of them."""
    codes = list(ending.values_list("code", flat=True)[:2])
    if len(codes) != 1:
        return reverse("subscriptions:subscription-list") + query, "Look"
    if user.may(Permission.BUY):
        return reverse("subscriptions:subscription-extend", args=codes), "Extend"
    return reverse("subscriptions:subscription-detail", args=codes), "Look"


def _refused_accounts(now: datetime) -> Task | None:
    since = now - timedelta(days=RECENT_DAYS)
    number = Operation.objects.filter(kind=MAKING.name, state=Operation.State.REFUSED, finished_at__gte=since).count()
    if not number:
        return None
    return Task(
        "danger",
        f"{_many(number, 'ACME account was', 'ACME accounts were')} not created",
        f"The CA refused in the last {RECENT_DAYS} days. Nothing was charged.",
        reverse("subscriptions:operation-list") + f"?kind={MAKING.name}&state=refused",
        "Look",
    )


def _refused_quotes(now: datetime) -> Task | None:
    since = now - timedelta(days=1)
    refused = Quote.objects.filter(state=Quote.State.REFUSED, created_at__gte=since, created_by__isnull=False)
    newest = refused.first()
    if newest is None:
        return None
    line = newest.lines.select_related("subscription__customer").first()
    return Task(
        "warning",
        f"The CA gave no price for {_many(refused.count(), 'quote', 'quotes')} since yesterday",
        f"The latest is for {line.subscription.customer if line else '–'}. Nothing was charged.",
        reverse("subscriptions:quote-detail", args=[newest.code]),
        "See why",
    )


def _mails(now: datetime) -> list[Task | None]:
    """Give the tasks about mails that do not go out."""
    return [_late_mails(now), _unsent_mails(now)]


def _late_mails(now: datetime) -> Task | None:
    late = mails.late(now)
    newest = late.first()
    if newest is None:
        return None
    return Task(
        "warning",
        f"{_many(late.count(), 'mail waits', 'mails wait')} for the mail server",
        newest.answer,
        reverse("subscriptions:mail-list") + "?state=queued",
        "Look",
    )


def _unsent_mails(now: datetime) -> Task | None:
    number = mails.lately_unsent(now).count()
    if not number:
        return None
    return Task(
        "warning",
        f"{_many(number, 'mail was', 'mails were')} not sent, or perhaps not, in the last {RECENT_DAYS} days",
        "The mail server refused it or did not answer. Nothing is sent twice by itself.",
        reverse("subscriptions:mail-list") + "?state=unsent",
        "Look",
    )


def _lapsing(user: User, now: datetime) -> Task | None:
    soon = extendable_expiries(now).closes_at
    ending = with_state(Subscription.objects.all(), Subscription.State.RUNNING, now).filter(expires_at__lte=soon)
    number = ending.count()
    if not number:
        return None
    return Task(
        "warning",
        f"{_many(number, 'subscription ends', 'subscriptions end')} within {EXTENSION_DAYS_BEFORE} days",
        "After its end no certificate can be issued or renewed.",
        *_way_to_extend(ending, user, "?state=running&sort=expires_at"),
    )


def _prevalidations(ending: Ending) -> Task:
    one = reverse("subscriptions:prevalidation-detail", args=[ending.code]) if ending.code else ""
    listed = reverse("subscriptions:prevalidation-list") + f"?names=some&{ending.query}"
    return Task(ending.level, ending.title, ending.text, one or listed, ending.action)


def figures(now: datetime) -> Figures:
    """Give the figures at `now`."""
    issued = Q(status_code__in=ISSUED_CODES)
    current = issued & (Q(valid_until=None) | Q(valid_until__gt=now))
    certificates = Certificate.objects.filter(domain__in=Domain.objects.present()).aggregate(
        current=Count("pk", filter=current), late=Count("pk", filter=~current)
    )
    return Figures(
        running=with_state(Subscription.objects.all(), Subscription.State.RUNNING, now).count(),
        names=Domain.objects.present().count(),
        **certificates,
    )


def latest_orders() -> list[Order]:
    """Give the latest orders, with their counts."""
    return with_counts(orders()[:ORDERS_SHOWN])
