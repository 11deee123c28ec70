"""What staff change of a subscription here: its label and notes, and whose it is. Nothing is called at the CA."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import Customer, User
from subscriptions.happenings import Happening
from subscriptions.models import Prevalidation, Subscription
from subscriptions.selectors.archiving import why_closed
from subscriptions.selectors.subscription_moves import prevalidations_of, why_not_moved
from subscriptions.services.customers import hold_customers
from subscriptions.services.visibility import shown_from_the_start


@transaction.atomic
def edit_subscription(*, actor: User, subscription: Subscription, label: str, notes: str) -> None:
    """Write what a subscription is called, and what staff note of it."""
    row = Subscription.objects.select_for_update(of=("self",)).select_related("customer").get(pk=subscription.pk)
    written = {"label": label, "notes": notes}
    changes = {name: [getattr(row, name), value] for name, value in written.items() if getattr(row, name) != value}
    if not changes:
        return
    Subscription.objects.filter(pk=row.pk).update(**written)
    row.label = label
    record_event(Happening.SUBSCRIPTION_CHANGED, actor=actor, target=row, customer=row.customer, changes=changes)


@transaction.atomic
def move_subscription(*, actor: User, subscription: Subscription, to: Customer, reason: str) -> None:
    """Give a subscription to another customer, with the pre-validations its names are under.

    Who has seen its key knows it still. Raises ServiceError where it cannot be moved now.
    """
    customers = hold_customers({subscription.customer_id, to.pk})
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("customer", "server")
    row = rows.get(pk=subscription.pk)
    if row.customer_id != subscription.customer_id:
        raise ServiceError(f"It was moved to {row.customer} meanwhile. Nothing was changed.")
    if to.pk == row.customer_id:
        raise ServiceError(f"It belongs to {row.customer} already.")
    old, new = customers[row.customer_id], customers[to.pk]
    if why_not := why_closed(new) or why_not_moved(row):
        raise ServiceError(f"{why_not} Nothing was moved.")
    along = prevalidations_of(row)
    Prevalidation.objects.filter(pk__in=[one.pk for one in along]).update(customer=new)
    Subscription.objects.filter(pk=row.pk).update(
        customer=new,
        moved_here_at=timezone.now(),
        handed_over_at=None,
        shown_at=shown_from_the_start(),
        hand_over_pending_since=None,
    )
    row.memberships.clear()  # of those who saw some subscriptions of the old one only
    row.invitations.clear()
    row.customer = new
    told: dict[str, Any] = {"reason": reason, "changes": {"customer": [old.name, new.name]}}
    told["prevalidations"] = [one.ov_anchor_order_number for one in along]
    record_event(Happening.SUBSCRIPTION_MOVED_AWAY, actor=actor, target=row, customer=old, to=new.name, **told)
    record_event(Happening.SUBSCRIPTION_MOVED_HERE, actor=actor, target=row, customer=new, origin=old.name, **told)
