"""What can be done about the term of a subscription now, and what cannot: one rule for pages and services."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from subscriptions.kinds import EXTENDING
from subscriptions.models import Operation, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.rules.terms import Window, extension_window, last_day, new_term_from, whole_day
from subscriptions.selectors.account_states import why_stopped


@dataclass(frozen=True, slots=True)
class Term:
    """A subscription's term as pages tell of it: what can be done about it until when.

    `extension` is when the CA takes one, None where the term has not begun or that is over; `new_term_from` is from
    when on the next name starts another term, None while it runs.
    """

    names: int
    extension: Window | None
    is_extendable: bool
    under_way: Operation | None
    new_term_from: datetime | None
    starts_new: bool


def term_of(subscription: Subscription) -> Term:
    """Give what can be done about a subscription's term now."""
    now, ends_at = timezone.now(), subscription.expires_at
    window = extension_window(ends_at) if ends_at else None
    under_way = extension_under_way(subscription)
    return Term(
        names=subscription.domains.present().count(),
        extension=None if window is None or window.is_over(now) else window,
        is_extendable=window is not None and window.holds(now) and under_way is None,
        under_way=under_way,
        new_term_from=new_term_from(ends_at) if ends_at is not None and ends_at <= now else None,
        starts_new=starts_new_term(subscription, now),
    )


def extension_under_way(subscription: Subscription) -> Operation | None:
    """Give the extension of a subscription that has no final outcome yet, if there is one."""
    unsettled = Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED)
    return unsettled.filter(kind=EXTENDING.name).first()


def why_not_extendable(subscription: Subscription, now: datetime) -> str:
    """Give why a subscription cannot be extended at `now`, or an empty text where it can."""
    if reason := why_stopped(subscription):
        return reason
    ends_at = subscription.expires_at
    if ends_at is None:
        return "Its term starts with the first name: there is nothing to extend yet."
    window = extension_window(ends_at)
    if now < window.opens_at:
        return f"The CA takes its extension from {day_text(last_day(window.opens_at))} on."
    if window.is_over(now):
        return f"The CA took its extension until {day_text(last_day(window.closes_at))}. {_next_term(ends_at, now)}"
    if extension_under_way(subscription) is not None:
        return "An extension of it is under way already."
    if not subscription.domains.present().exists():
        return "It has no name: an extension is for its names."
    return ""


def _next_term(ends_at: datetime, now: datetime) -> str:
    from_when = new_term_from(ends_at)
    when = "now" if from_when <= now else f"from {day_text(last_day(from_when))} on"
    return f"Names that are added {when} start a new term."


def why_no_name_can_be_added(subscription: Subscription, now: datetime) -> str:
    """Give why no name can be added at `now` because of the ACME account or the term, or an empty text.

    Between its end and the end of the time in which the CA takes an extension nothing can be added; after that the
    next name starts a new term.
    """
    if reason := why_stopped(subscription):
        return reason
    ends_at = subscription.expires_at
    if ends_at is None or ends_at > now or starts_new_term(subscription, now):
        return ""
    if extension_window(ends_at).is_over(now):
        from_day = day_text(last_day(new_term_from(ends_at)))
        return f"The term has ended and can no longer be extended: from {from_day} on a name starts a new term."
    return "The subscription's term has ended: extend it before adding names."


def starts_new_term(subscription: Subscription, now: datetime) -> bool:
    """Whether the next name starts a new term, because the one before is over for good."""
    return subscription.expires_at is not None and new_term_from(subscription.expires_at) <= now


def with_last_day(rows: QuerySet[Subscription], day: date) -> QuerySet[Subscription]:
    """Keep the subscriptions whose term has this last day, which is the same for everyone."""
    return rows.filter(expires_at__range=whole_day(day))
