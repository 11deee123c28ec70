"""The pages of hand-overs, each state of them that looks different."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Invitation
from subscriptions.models import Subscription
from tests import cast
from tests.flows.page import Scene
from tests.flows.staff_pages import Coded, form, staff, working
from tests.portal.story import Story


def _new(**fields: Any) -> Subscription:
    """A subscription of a customer of whom nobody can sign in."""
    return cast.make_subscription(cast.make_customer("Contoso"), label="Intranet", shown_at=None, **fields)


def _invite(subscription: Subscription, *names: str) -> Subscription:
    for name in names:
        Invitation.objects.create(
            customer=subscription.customer, email=f"{name}@contoso.example", role="owner",
            expires_at=timezone.now() + timedelta(days=7),
        )  # fmt: skip
    return subscription


def to_nobody(told: Story) -> Coded:
    return _new()


def to_invited(told: Story) -> Coded:
    return _invite(_new(), "carla", "carl")


def pending(told: Story) -> Coded:
    return _invite(_new(hand_over_pending_since=timezone.now()), "carla", "carl")


def for_nobody(told: Story) -> Coded:
    return _new(hand_over_pending_since=timezone.now())


CODES = [UUID(int=number) for number in (1, 2, 3, 4)]
CHOSEN = "?" + "&".join(f"subscription={code}" for code in CODES)


def _several(*, of_several_customers: bool) -> Scene:
    told = working()
    customer = cast.make_customer("Contoso")
    for code, label in zip(CODES, ("Intranet", "Extranet"), strict=False):
        cast.make_subscription(customer, label=label, code=code, shown_at=None)
    if of_several_customers:
        cast.make_subscription(told.customer, label="Web shop", code=CODES[2], shown_at=None)
        cast.make_subscription(told.customer, label="Stopped", code=CODES[3], account_state="suspended")
    return Scene(told.reseller_admin)


HAND_OVER_PAGES = [
    staff("hand-over", state="nothing chosen"),
    staff("hand-over", state="of one", query=CHOSEN, arrange=lambda: _several(of_several_customers=False)),
    staff("hand-over", state="of several", query=CHOSEN, arrange=lambda: _several(of_several_customers=True)),
    staff("visibility"),
    staff("subscription-hand-over", lambda told: told.ready, "to its people"),
    *form("subscription-hand-over", to_nobody, "Invite, and hand over", email="nobody"),
    staff("subscription-hand-over", to_invited, "to invited people"),
    staff("subscription-hand-over", pending, "pending"),
    staff("subscription-hand-over", for_nobody, "pending for nobody"),
    staff("subscription-detail", pending, "hand-over pending"),
    staff("subscription-detail", for_nobody, "hand-over for nobody"),
]
