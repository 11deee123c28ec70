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
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, quoting_order
from subscriptions.selectors.prevalidations import blocked_by_prevalidation
from subscriptions.services.subscriptions import check_prevalidation


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
    """Write a quote for normalised `names` and have the CA asked; the same form sent twice gives the same quote.

    Raises ServiceError where names cannot be added to the subscription now.
    """
    if earlier := Quote.objects.filter(form_token=form_token, subscription=subscription).first():
        return earlier
    _check_can_add(subscription, prevalidation)
    if not names or len(names) > MAX_NAMES_PER_QUOTE:
        raise ServiceError(f"A quote is for 1 to {MAX_NAMES_PER_QUOTE} names.")
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
            _write_lines(quote, names, actor)
    return quote


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
