"""The pages of administration: the portal's settings, the reseller's staff, one's own profile."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts import planned
from accounts.models import PlannedRun, User
from subscriptions.services.customers import archive_customer
from subscriptions.services.subscriptions import reveal_hmac_key
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


def with_one_archived() -> Scene:
    told = working()
    bare = cast.make_customer("Fabrikam")
    archive_customer(actor=told.reseller_admin, customer=bare, removes_people=False)
    return Scene(told.reseller_admin, [bare.code])


def with_people_of_nothing() -> Scene:
    told = working()
    bare = cast.make_customer("Fabrikam")
    cast.add_person(bare, cast.make_user("fay@fabrikam.example"))
    return Scene(told.reseller_admin, [bare.code])


def movable() -> Scene:
    """A subscription that can be moved, with its pre-validation, and whose key was seen."""
    told = working()
    customer = cast.make_customer("Fabrikam")
    one = cast.make_prevalidation(customer)
    moved = cast.make_subscription(customer, cast.make_server("OV"), prevalidation=one, label="Web shop")
    cast.make_client(moved)
    reveal_hmac_key(actor=told.reseller_admin, subscription=moved)
    return Scene(told.reseller_admin, [moved.code])


def with_runs() -> Scene:
    """Some tasks have run, one runs, one failed, one's worker was killed."""
    told, now = working(), timezone.now()
    planned.mind(now)
    done = {"outcome": "done", "began_at": now, "ended_at": now, "well_at": now, "seconds": 0.04}
    PlannedRun.objects.update(**done)
    running = {"token": uuid4(), "worker": "web-1:4711", "seconds": 12.3}
    PlannedRun.objects.filter(name="sweep").update(leased_until=now + timedelta(minutes=9), **running)
    PlannedRun.objects.filter(name="look-for-unassigned").update(leased_until=now, **running)
    problem = "ReadTimeout: The CA did not answer within 30 seconds, and what it was asked for is not known."
    PlannedRun.objects.filter(name="list-servers").update(outcome="failed", problem=problem)
    return Scene(told.reseller_admin)


def with_missed_runs() -> Scene:
    scene = with_runs()
    PlannedRun.objects.filter(name="send-mails").update(missed_at=timezone.now() - timedelta(hours=3))
    return scene


def as_an_operator() -> Scene:
    with_missed_runs()
    return Scene(cast.make_user("otto@reseller.example", reseller_role="operator", name="Otto Other"))


ADMINISTRATION_PAGES = [
    staff("schedule", state="before the first run"),
    staff("schedule", arrange=with_runs),
    staff("schedule", state="with a missed run", arrange=with_missed_runs),
    staff("schedule", state="as an operator", arrange=as_an_operator),
    staff("dashboard", state="with a missed run", arrange=with_missed_runs),
    staff("customer-archive", lambda told: told.customer, "not now"),
    staff("customer-archive", state="with people", arrange=with_people_of_nothing),
    staff("customer-detail", state="archived", arrange=with_one_archived),
    staff("subscription-edit", lambda told: told.running),
    staff("subscription-move", state="can be moved", arrange=movable),
    staff(
        "subscription-move",
        state="with errors",
        arrange=movable,
        act=expecting_errors(press("Move the subscription", customer="Nobody", reason="Sold.")),
    ),
    staff("staff-list", arrange=with_colleagues),
    staff("staff-list", state="nobody found", arrange=with_colleagues, query="?q=zzz"),
    staff("staff-list", state="filtered", arrange=with_colleagues, query="?factor=none&sort=-last_login"),
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
