"""The pages of administration: the portal's settings, the reseller's staff, one's own profile."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from tests import cast
from tests.flows.page import Scene, press
from tests.flows.sign_in_pages import one as person
from tests.flows.staff_pages import expecting_errors, form, staff, working
from tests.portal.story import Story


def colleague(*_: object) -> User:
    """Somebody with a long name and address, beside whom others are invited."""
    cast.make_staff_invitation("auditor", email="audrey.auditor-with-a-long-name@subsidiary.reseller.example")
    cast.make_staff_invitation(expires_at=timezone.now() - timedelta(days=1))
    name = "Maximilian Operator of the Subsidiary"
    return cast.make_user("max.operator-with-a-long-name@reseller.example", reseller_role="operator", name=name)


def with_colleagues() -> Scene:
    told = working()
    colleague()
    return Scene(told.reseller_admin)


def the_only_admin(told: Story) -> User:
    return told.reseller_admin


ADMINISTRATION_PAGES = [
    staff("staff-list", arrange=with_colleagues),
    *form("staff-invite", None, "Send the invitation", email="nobody"),
    staff("staff-edit", colleague),
    staff("staff-edit", the_only_admin, "the only admin"),
    staff("staff-remove", colleague),
    staff("staff-remove", the_only_admin, "the only admin"),
    staff("portal-settings"),
    person("accounts:profile"),
    person("accounts:profile", "with errors", act=expecting_errors(press("Save", time_zone="Atlantis"))),
    staff("portal-settings", state="with errors", act=expecting_errors(press("Save", calls_at_once="99"))),
]
