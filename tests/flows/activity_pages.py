"""The pages of the audit trail, each state of them that looks different."""

from allauth.core import context
from django.test import RequestFactory

from accounts.audit import record_event
from accounts.happenings import Happening as OfPeople
from subscriptions.happenings import Happening
from tests.flows.customer_pages import mine
from tests.flows.page import Scene
from tests.flows.staff_pages import empty, staff, working
from tests.portal import story
from tests.portal.story import Story

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHANGES = {
    "email": ["olga@northwind.example", "olga.owner-with-a-long-name@subsidiary.northwind.example"],
    "reseller_role": ["", "operator"],
    "password": ["hidden", "hidden"],
}


def _busy(told: Story) -> Story:
    """Write what people did, from where."""
    owner, admin, customer = told.owner, told.reseller_admin, told.customer
    for address, actor in (("192.0.2.7", owner), ("2001:db8:85a3:8d3:1319:8a2e:370:7348", admin)):
        request = RequestFactory().get("/", REMOTE_ADDR=address, headers={"User-Agent": AGENT})
        with context.request_context(request):
            record_event(Happening.KEY_REVEALED, actor=actor, target=told.running, customer=customer)
            record_event(OfPeople.SIGN_IN_REFUSED, actor=None, target=owner, customer=customer, email=owner.email)
            record_event(OfPeople.RESET_REQUESTED, actor=None, about="nobody@x.example", email="nobody@x.example")
            record_event(OfPeople.CHANGED_IN_ADMIN, actor=admin, target=owner, what="user Olga Owner", changes=CHANGES)
    record_event(Happening.TERM_DIFFERS, actor=None, target=told.running, customer=customer)
    for _ in range(60):
        record_event(OfPeople.SIGNED_IN, actor=owner, target=owner, customer=customer, how="password")
    record_event(OfPeople.CHANGED_IN_ADMIN, actor=admin, target=owner, what="user Olga Owner", changes=CHANGES)
    return told


def _of_staff() -> Scene:
    return Scene(_busy(working()).reseller_admin)


def _of_owner() -> Scene:
    told = _busy(story.tell())
    return Scene(told.owner, [told.customer.code])


ACTIVITY_PAGES = [
    staff("activity-list", arrange=_of_staff),
    staff("activity-list", state="filtered", arrange=_of_staff, query="?what=key.revealed&ip_address=192.0.2.7"),
    staff(
        "activity-list",
        state="not understood",
        arrange=_of_staff,
        query="?person=olga&ip_address=x&since=2026-02-02&until=2026-02-01",
    ),
    empty("activity-list"),
    mine("my-activity", arrange=_of_owner),
    mine("my-activity", state="filtered", arrange=_of_owner, query="?what=key.revealed"),
    mine(
        "my-activity", state="not understood", arrange=_of_owner, query="?person=olga&since=2026-02-02&until=2026-02-01"
    ),
]
