"""Quotes: prices asked of the CA before anything is charged. The request half."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import ADDING
from subscriptions.models import CustomerRequest, Domain, Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, MOST_WRITINGS, quoting_order
from subscriptions.selectors.anchor_moves import moving_of, why_left_by
from subscriptions.selectors.buying import by_customer
from subscriptions.selectors.names import NamesThere
from subscriptions.selectors.organizations import other_organization, say_why
from subscriptions.selectors.prevalidations import blocked_by_prevalidation
from subscriptions.selectors.terms import why_no_name_can_be_added
from subscriptions.services.replacements import check_can_replace
from subscriptions.services.requests import take_up
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
    organization_reason: str = "",
    replaces: Domain | None = None,
    asked_for: CustomerRequest | None = None,
) -> Quote:
    """Write a quote for names as they were typed and have the CA asked; the same form sent twice gives the same quote.

    A name that is there twice is asked for once. Raises ServiceError, which tells the names, where one cannot be added
    or is in the subscription or under way already, and where no name can be added to the subscription now. Names of
    another organization than those that are there want an `organization_reason`. `replaces` is the misspelt name that
    is to go once the one name asked for is there; `asked_for` the customer's request that the quote is for.
    """
    if earlier := Quote.objects.filter(form_token=form_token, lines__subscription=subscription).first():
        return earlier
    _check_can_add(subscription, prevalidation)
    _check_organization(subscription, prevalidation, organization_reason)
    wanted = quoting_order(_checked(subscription, names))
    if replaces is not None:
        if replaces.subscription_id != subscription.pk:
            raise ServiceError("The name to replace is of another subscription.")
        check_can_replace(replaces)
        if len(wanted) != 1:
            raise ServiceError("One name takes the place of one name.")
    about = {"subscription": subscription, "prevalidation": prevalidation, "replaces": replaces}
    lines = [QuoteLine(kind=ADDING.name, name=name, **about) for name in wanted]
    fields = {"add_companions": add_companions, "typed_text": typed_text, "organization_reason": organization_reason}
    return write_quote(lines, actor=actor, form_token=form_token, asked_for=asked_for, **fields)


@transaction.atomic
def write_quote(
    lines: Sequence[QuoteLine],
    *,
    actor: User,
    form_token: UUID,
    asked_for: CustomerRequest | None = None,
    **fields: Any,
) -> Quote:
    """Write a quote for lines that were checked, and have the CA asked; the same form sent twice gives the same quote.

    `fields` are the quote's own, such as what was typed. Raises ServiceError where the customer's request that it is
    for is not open any more.
    """
    quote, is_new = Quote.objects.get_or_create(form_token=form_token, defaults={"created_by": actor, **fields})
    if not is_new:
        return quote
    for position, line in enumerate(lines, start=1):
        line.quote, line.position = quote, position
    QuoteLine.objects.bulk_create(lines)
    if asked_for is not None:
        take_up(asked_for, quote, actor=actor)
    for customer, of_customer in by_customer(lines):
        record_event(Happening.QUOTE_REQUESTED, actor=actor, target=quote, customer=customer, names=len(of_customer))
    transaction.on_commit(lambda: tasks.price_quote.delay(quote.pk), robust=True)
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
    if reason := why_no_name_can_be_added(subscription, timezone.now()):
        raise ServiceError(reason)
    check_prevalidation(subscription.server, subscription.customer, prevalidation)
    if prevalidation and (reason := blocked_by_prevalidation(prevalidation)):
        raise ServiceError(reason)
    if prevalidation and (reason := why_left_by(moving_of(subscription), prevalidation.ov_anchor_order_number)):
        raise ServiceError(reason)


def _check_organization(subscription: Subscription, prevalidation: Prevalidation | None, reason: str) -> None:
    if prevalidation is None or reason.strip():
        return
    if other := other_organization(subscription, prevalidation):
        raise ServiceError(say_why(other, prevalidation))
