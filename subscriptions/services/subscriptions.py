"""Subscriptions: the request half."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record_event
from accounts.changeable import WATCH_INTERVAL
from accounts.errors import ServiceError
from accounts.models import Customer, User
from accounts.services import create_customer
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.kinds import MAKING, new_operation
from subscriptions.ledger import moves
from subscriptions.models import AcmeServer, Prevalidation, Subscription
from subscriptions.selectors.prevalidations import Yardstick
from subscriptions.services.customers import hold_open_customers
from subscriptions.services.visibility import shown_from_the_start


def check_prevalidation(server: AcmeServer, customer: Customer, prevalidation: Prevalidation | None) -> None:
    """Raise ServiceError where names of a type cannot be sold, or it and a pre-validation do not fit together."""
    if reason := server.why_not_sold:
        raise ServiceError(reason)
    if not server.needs_prevalidation:
        if prevalidation is not None:
            raise ServiceError(f"{server} takes no pre-validation.")
        return
    if prevalidation is None:
        raise ServiceError(f"{server} needs the pre-validation of the organization. Choose one, or record it first.")
    if prevalidation.customer_id != customer.pk:
        raise ServiceError("This pre-validation belongs to another customer.")
    if prevalidation.type.upper() != server.validation_type.upper():
        raise ServiceError(f"This pre-validation is for {prevalidation.type}; {server} needs one of its own type.")


def create_subscription(
    *,
    actor: User,
    customer: Customer,
    server: AcmeServer,
    term_years: int,
    prevalidation: Prevalidation | None,
    form_token: UUID,
    label: str = "",
) -> Subscription:
    """Write a subscription and the operation that makes its ACME account at the CA.

    The same form sent twice (`form_token`) gives the same subscription.
    """
    if earlier := Subscription.objects.filter(form_token=form_token, created_by=actor).first():
        return earlier
    check_prevalidation(server, customer, prevalidation)
    if prevalidation and (reason := Yardstick.now().why_no_account(prevalidation)):
        raise ServiceError(reason)
    with transaction.atomic():
        subscription, is_new = write_subscription(
            customer,
            form_token,
            server=server,
            term_years=term_years,
            prevalidation=prevalidation,
            label=label,
            created_by=actor,
        )
        if is_new:
            _queue_making(subscription, actor)
    return subscription


def write_subscription(customer: Customer, form_token: UUID, **fields: Any) -> tuple[Subscription, bool]:
    """Write the row of a new subscription within a transaction; give it, and whether it is new.

    The same form sent twice gives the same one. Raises ServiceError where the customer is archived.
    """
    hold_open_customers([customer.pk])
    new = fields | {"customer": customer, "shown_at": shown_from_the_start()}
    return Subscription.objects.get_or_create(form_token=form_token, defaults=new)


def create_with_customer(
    *, actor: User, name: str, contact_email: str, form_token: UUID, **account: Any
) -> Subscription:
    """Write a new customer together with its first subscription (`create_subscription`): both, or neither.

    The same form sent twice gives the same subscription. Raises ServiceError where a customer of the name is there.
    """
    if earlier := Subscription.objects.filter(form_token=form_token, created_by=actor).first():
        return earlier
    try:
        with transaction.atomic():
            customer = create_customer(actor=actor, name=name, contact_email=contact_email)
            return create_subscription(actor=actor, customer=customer, form_token=form_token, **account)
    except ServiceError:  # perhaps by the same form, sent twice in one moment
        if earlier := Subscription.objects.filter(form_token=form_token, created_by=actor).first():
            return earlier
        raise


def _queue_making(subscription: Subscription, actor: User) -> None:
    operation = new_operation(MAKING, subscription=subscription, created_by=actor)
    moves.queue([operation], by=moves.Author(user=actor), reason="Confirmed.")
    record_event(
        Happening.SUBSCRIPTION_CREATED,
        actor=actor,
        target=subscription,
        customer=subscription.customer,
        server=subscription.server.directory_url,
        term_years=subscription.term_years,
    )
    transaction.on_commit(tasks.send_due_operations, robust=True)


@transaction.atomic
def reveal_hmac_key(*, actor: User, subscription: Subscription) -> str:
    """Give the EAB HMAC key and record who saw it. The caller has checked the permission and a recent sign-in."""
    record_event(Happening.KEY_REVEALED, actor=actor, target=subscription, customer=subscription.customer)
    return subscription.binding.eab_hmac_key.reveal()


def watch_subscription(subscription: Subscription) -> bool:
    """Have the CA read for a subscription whose page is open, at most once per WATCH_INTERVAL."""
    now = timezone.now()
    since = now - WATCH_INTERVAL.duration()
    due = Q(sync_requested_at=None) | Q(sync_requested_at__lte=since)
    rows = Subscription.objects.filter(due, pk=subscription.pk, creation=Subscription.Creation.CREATED)
    if rows.update(sync_requested_at=now) != 1:
        return False
    transaction.on_commit(lambda: tasks.sync_subscription.delay(subscription.pk), robust=True)
    return True
