"""Organization pre-validations: the request half. The CA has no call that lists them, so staff record them."""

from datetime import date

from django.db import transaction

from accounts.audit import record_event
from accounts.models import Customer, User
from subscriptions.happenings import Happening
from subscriptions.models import Prevalidation


@transaction.atomic
def create_prevalidation(
    *, actor: User, customer: Customer, organization_name: str, ov_anchor_order_number: str, valid_until: date
) -> Prevalidation:
    """Record an organization pre-validation (its last valid day in UTC) and give it."""
    prevalidation = Prevalidation.objects.create(
        customer=customer,
        organization_name=organization_name,
        ov_anchor_order_number=ov_anchor_order_number,
        valid_until=valid_until,
        created_by=actor,
    )
    record_event(
        Happening.PREVALIDATION_CREATED,
        actor=actor,
        target=prevalidation,
        customer=customer,
        ov_anchor_order_number=ov_anchor_order_number,
        valid_until=valid_until.isoformat(),
    )
    return prevalidation


@transaction.atomic
def update_prevalidation(
    *, actor: User, prevalidation: Prevalidation, organization_name: str, valid_until: date
) -> None:
    """Write a new organization name or last valid day. The order number stays: names were added under it."""
    prevalidation.organization_name, prevalidation.valid_until = organization_name, valid_until
    prevalidation.save(update_fields=["organization_name", "valid_until"])
    record_event(
        Happening.PREVALIDATION_CHANGED,
        actor=actor,
        target=prevalidation,
        customer=prevalidation.customer,
        valid_until=valid_until.isoformat(),
    )
