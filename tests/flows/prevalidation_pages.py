"""The pages of organization pre-validations, each state of them that looks different."""

from accounts.roles import ResellerRole
from subscriptions.kinds import MOVING, new_operation
from subscriptions.models import Operation
from tests import cast
from tests.flows.page import press
from tests.flows.staff_pages import Coded, empty, form, staff
from tests.portal.story import Story

AUDITOR = ResellerRole.AUDITOR
State = Operation.State
DOUBTFUL = {
    "customer": "Northwind Traders",
    "organization_name": "Northwind Traders Ltd",
    "ov_anchor_order_number": "SO-880 1",
    "valid_until": "2020-01-31",
}


def unused(told: Story) -> Coded:
    """A pre-validation with all that can be recorded, which nothing uses yet."""
    return cast.make_prevalidation(
        told.customer, recorded_status="in_validation", organizational_unit="IT", address="1 Main St\nBuilding 2",
        locality="Springfield", state="Ohio", postal_code="45501", country="US", contact_title="CIO",
        contact_first_name="Carla", contact_last_name="Contact", contact_email="carla@northwind.example",
        contact_phone="+1 555 0100", notes="Calls are taken before noon.",
    )  # fmt: skip


def with_a_choice(told: Story) -> Coded:
    """A pre-validation with names under it, and two others to which they can be moved."""
    cast.make_prevalidation(told.customer)
    cast.make_prevalidation(told.customer, organization_name="Northwind Holding SE with a long name to be shown")
    Operation.objects.filter(subscription=told.running).update(state=State.CANCELED)
    return told.prevalidation


def moved_in_part(told: Story) -> Coded:
    """A pre-validation from which names were moved in one subscription, and in another not."""
    anchors = {"old_ov_anchor_order_number": told.prevalidation.ov_anchor_order_number, "ov_anchor_order_number": "77"}
    for state in (State.SUCCEEDED, State.REFUSED):
        Operation.objects.bulk_create(
            [
                new_operation(
                    MOVING, subscription=told.running, binding=told.running.binding, state=state,
                    error_detail="The subscription has expired or does not exist!" if state == State.REFUSED else "",
                    **anchors,
                )
            ]
        )  # fmt: skip
    return told.prevalidation


PREVALIDATION_PAGES = [
    staff("prevalidation-list"),
    empty("prevalidation-list"),
    *form("prevalidation-add", None, "Record", customer="Nobody"),
    staff("prevalidation-add", state="asked about", act=press("Record", shows="Is this meant?", **DOUBTFUL)),
    *form("prevalidation-edit", lambda told: told.prevalidation, "Save", organization_name=""),
    staff("prevalidation-detail", lambda told: told.prevalidation),
    staff("prevalidation-detail", unused, "unused"),
    staff("prevalidation-detail", lambda told: told.prevalidation, "as an auditor", role=AUDITOR),
    staff("prevalidation-detail", moved_in_part, "moved in part"),
    staff("prevalidation-move", with_a_choice),
    staff("prevalidation-move", with_a_choice, "with errors", act=press("Move ", shows="Choose the pre-validation")),
    staff("prevalidation-move", lambda told: told.prevalidation, "nowhere to go"),
    staff("prevalidation-move", unused, "nothing to move"),
    staff("prevalidation-delete", unused),
    staff("prevalidation-delete", lambda told: told.prevalidation, "used"),
    *form("renewal-mode", None, "Set renewal mode"),
]
