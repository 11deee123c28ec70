"""Organization pre-validations: the request half. The CA has no call that lists them, so staff record them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.kept_settings import keep_setting
from accounts.models import Customer, User
from subscriptions.happenings import Happening
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import RenewalMode
from subscriptions.selectors.prevalidation_uses import doubts_of, uses_of, why_it_stays, why_not_replaced
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from subscriptions.services.customers import hold_open_customers

TAKEN = "A pre-validation with this order number is recorded already. Nothing was saved."
# What belongs to the names that were added under it.
OF_ITS_NAMES = frozenset({"customer", "type", "ov_anchor_order_number"})


@transaction.atomic
def create_prevalidation(
    *, actor: User, customer: Customer, fields: Mapping[str, Any], confirmed: Collection[str] = ()
) -> Prevalidation:
    """Record an organization pre-validation and give it; `confirmed` are the keys of the doubts a person has answered.

    Raises ServiceError for what cannot be, and for a doubt that nobody has answered.
    """
    hold_open_customers([customer.pk])
    prevalidation = Prevalidation(customer=customer, created_by=actor, **fields)
    _check(prevalidation, {"customer": customer, **fields}, confirmed)
    _save(prevalidation)
    record_event(
        Happening.PREVALIDATION_CREATED,
        actor=actor,
        target=prevalidation,
        customer=customer,
        ov_anchor_order_number=prevalidation.ov_anchor_order_number,
        **_told({name: [None, value] for name, value in fields.items()}),
    )
    return prevalidation


@transaction.atomic
def update_prevalidation(
    *, actor: User, prevalidation: Prevalidation, fields: Mapping[str, Any], confirmed: Collection[str] = ()
) -> None:
    """Correct a pre-validation; the order number, the type and the customer only while no name uses it.

    Raises ServiceError for what cannot be, and for a doubt about a changed field that nobody has answered.
    """
    row = Prevalidation.objects.select_for_update(of=["self"]).select_related("customer").get(pk=prevalidation.pk)
    changes = {name: [getattr(row, name), value] for name, value in fields.items() if getattr(row, name) != value}
    if not changes:
        return
    if changes.keys() & OF_ITS_NAMES and (why := why_it_stays(row)):
        raise ServiceError(f"{why} Nothing was saved.")
    if "recorded_status" in changes and (why := why_not_replaced(row, fields["recorded_status"])):
        raise ServiceError(f"{why} Nothing was saved.")
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    _check(row, changes, confirmed)
    _save(row, update_fields=list(changes))
    record_event(
        Happening.PREVALIDATION_CHANGED,
        actor=actor,
        target=row,
        customer=row.customer,
        ov_anchor_order_number=row.ov_anchor_order_number,
        **_told(changes),
    )


@transaction.atomic
def delete_prevalidation(*, actor: User, prevalidation: Prevalidation) -> None:
    """Delete a pre-validation that nothing has ever used; raise ServiceError where something has."""
    row = Prevalidation.objects.select_for_update(of=["self"]).select_related("customer").get(pk=prevalidation.pk)
    if why := uses_of(row).why_not_deleted:
        raise ServiceError(f"{why} Nothing was deleted.")
    record_event(
        Happening.PREVALIDATION_DELETED,
        actor=actor,
        target=row,
        customer=row.customer,
        ov_anchor_order_number=row.ov_anchor_order_number,
    )
    row.delete()


def _check(prevalidation: Prevalidation, changed: Collection[str], confirmed: Collection[str]) -> None:
    try:
        prevalidation.full_clean(exclude=["created_by"])
    except ValidationError as error:
        raise ServiceError(" ".join(error.messages)) from error
    open_doubts = [doubt for doubt in doubts_of(prevalidation, changed) if doubt.key not in confirmed]
    if open_doubts:
        raise ServiceError(" ".join(doubt.text for doubt in open_doubts))


def _save(prevalidation: Prevalidation, **options: Any) -> None:
    try:
        with transaction.atomic():
            prevalidation.save(**options)
    except IntegrityError as error:
        raise ServiceError(TAKEN) from error


def _told(changes: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Give before and after for the trail. The notes are the reseller's own: the customer's owners read `changes`."""
    told = {name: [str(before or ""), str(after or "")] for name, (before, after) in changes.items()}
    notes = told.pop("notes", ["", ""])
    shown = {_label(name): pair for name, pair in told.items() if pair[0] != pair[1]}
    return {"changes": shown} | ({"notes": notes} if notes[0] != notes[1] else {})


def _label(name: str) -> str:
    return str(getattr(Prevalidation._meta.get_field(name), "verbose_name", name))


@transaction.atomic
def set_renewal_mode(*, actor: User, mode: RenewalMode) -> None:
    """Write who renews the reseller's pre-validations: it decides what a last day that has passed means."""
    before = keep_setting(RENEWAL_MODE, mode)
    if before != mode:
        record_event(Happening.RENEWAL_MODE_SET, actor=actor, mode=mode, changes={"renewal mode": [before, mode]})
