"""Quotes: prices asked of the CA before anything is charged. The request half."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.models import Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, MOST_WRITINGS, quoting_order
from subscriptions.selectors.names import NamesThere
from subscriptions.selectors.prevalidations import blocked_by_prevalidation
from subscriptions.services.subscriptions import check_prevalidation

MAX_TOLD = 10  # of the names that cannot be added


def request_quote(
    *,
    actor: User,
    subscription: Subscription,
    names: Sequence[str],
    add_companions: bool,
    prevalidation: Prevalidation | None,
    form_token: UUID,
    typed_text: str = "",
) -> Quote:
    """Write a quote for names as they were typed and have the CA asked; the same form sent twice gives the same quote.

    A name that is there twice is asked for once. Raises ServiceError, which tells the names, where one cannot be added
    or is in the subscription or under way already, and where no name can be added to the subscription now.
    """
    if earlier := Quote.objects.filter(form_token=form_token, subscription=subscription).first():
        return earlier
    _check_can_add(subscription, prevalidation)
    wanted = _checked(subscription, names)
    with transaction.atomic():
        quote, is_new = Quote.objects.get_or_create(
            form_token=form_token,
            defaults={
                "subscription": subscription,
                "prevalidation": prevalidation,
                "add_companions": add_companions,
                "typed_text": typed_text,
                "created_by": actor,
            },
        )
        if is_new:
            _write_lines(quote, wanted, actor)
    return quote


def _checked(subscription: Subscription, typed: Sequence[str]) -> list[str]:
    """Give each name once, in its one form."""
    checked = NamesThere.of(subscription).check(typed[: MAX_NAMES_PER_QUOTE * MOST_WRITINGS])
    names = [one.name for one in checked if not one.problem and not one.is_repeated]
    if wrong := [f"{one.typed}: {one.problem}" for one in checked if one.problem]:
        more = f" And {len(wrong) - MAX_TOLD} more." if len(wrong) > MAX_TOLD else ""
        raise ServiceError(f"Not every name can be added. {' '.join(wrong[:MAX_TOLD])}{more}")
    if not names or len(names) > MAX_NAMES_PER_QUOTE or len(typed) > MAX_NAMES_PER_QUOTE * MOST_WRITINGS:
        raise ServiceError(f"A quote is for 1 to {MAX_NAMES_PER_QUOTE} names.")
    return names


def _check_can_add(subscription: Subscription, prevalidation: Prevalidation | None) -> None:
    state = subscription.state
    if state in (Subscription.State.CREATING, Subscription.State.FAILED):
        raise ServiceError("Names can be added once the ACME account is ready.")
    if state == Subscription.State.LAPSED:
        raise ServiceError("The subscription's term has ended: extend it before adding names.")
    check_prevalidation(subscription.server, subscription.customer, prevalidation)
    if prevalidation and (reason := blocked_by_prevalidation(prevalidation, timezone.now().date())):
        raise ServiceError(reason)


def _write_lines(quote: Quote, names: Sequence[str], actor: User) -> None:
    QuoteLine.objects.bulk_create(
        QuoteLine(quote=quote, position=position, name=name)
        for position, name in enumerate(quoting_order(names), start=1)
    )
    record_event(
        Happening.QUOTE_REQUESTED, actor=actor, target=quote, customer=quote.subscription.customer, names=len(names)
    )
    transaction.on_commit(lambda: tasks.price_quote.delay(quote.pk), robust=True)
