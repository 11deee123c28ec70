"""Pages about what customers ask for: those of the customer, and those of staff."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts.roles import CustomerRole
from subscriptions.models import CustomerRequest, Subscription
from tests import cast
from tests.flows.customer_pages import mine
from tests.flows.page import Page, Scene, press
from tests.flows.staff_pages import Coded, Row, empty, expecting_errors, lapsed, running, staff, working
from tests.portal import story
from tests.portal.story import Story

State = CustomerRequest.State
LONG = "maximilian-with-a-very-long-name-that-hardly-fits.subsidiary.northwind.example"
NOTE = "For the autumn sale: they should be there by Friday."
WHY = "The CA refused: shop.northwind.example."


def asked(state: str = State.OPEN, **fields: Any) -> Row:
    """A request for names in a state, beside one for an extension."""

    def row(told: Story) -> Coded:
        given = {"created_by": told.owner, "note": NOTE, "state": state}
        cast.make_request(told.running, kind="extension", years=2, created_by=told.owner)
        return cast.make_request(
            told.running, "shop.northwind.example", "xn--bro-hoa.northwind.example", LONG, **given | fields
        )

    return row


def quoted(told: Story) -> Coded:
    """A request that somebody has a quote for."""
    request = asked(State.QUOTED)(told)
    told.quote.asked_for = CustomerRequest.objects.get(code=request.code)
    told.quote.save(update_fields=["asked_for"])
    return request


def with_requests(told: Story) -> Subscription:
    """A subscription about which something was asked."""
    asked()(told)
    return told.running


def near_its_end(told: Story) -> Subscription:
    """A subscription whose extension can be asked for."""
    ends_at = timezone.now() + timedelta(days=60)
    Subscription.objects.filter(pk=told.running.pk).update(expires_at=ends_at)
    return told.running


def many_names(told: Story) -> Subscription:
    """A subscription with more names than a page of them holds."""
    cast.make_names(told.running, 120)
    return told.running


def choose_and_go_on(page: BrowserPage) -> None:
    """Choose a name, and look at the next page of them."""
    page.locator("[name=name]").first.check()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#elsewhere [name=name]:checked")).to_have_count(1)


def _in_each_state(told: Story) -> None:
    for state in State:
        given = {"state": state, "created_by": told.owner, "reason": WHY}
        cast.make_request(told.running, f"{state}.northwind.example", **given)


def _listed_for_staff() -> Scene:
    told = working()
    _in_each_state(told)
    return Scene(told.reseller_admin)


def _listed_for_the_customer() -> Scene:
    told = story.tell()
    _in_each_state(told)
    return Scene(told.owner)


def _newcomer() -> Scene:
    return Scene(cast.make_user("nora@fabrikam.example", name="Nora New"))


WRONG_NAMES = expecting_errors(press("Send the request", shows="", names=f"northwind.example\nno_name.example\n{LONG}"))
NO_WORDS = expecting_errors(press("Decline", shows=""))
REQUEST_PAGES: list[Page] = [
    mine("my-requests", arrange=_listed_for_the_customer),
    mine("my-requests", state="empty", arrange=_newcomer),
    mine("my-request", asked()),
    mine("my-request", asked(), "as a viewer", role=CustomerRole.VIEWER),
    mine("my-request", asked(State.OPEN, reason=WHY), "open again"),
    mine(
        "my-request",
        asked(State.DECLINED, reason="Names of that organization go under another subscription."),
        "declined",
    ),
    mine("my-request-names", running),
    mine("my-request-names", running, "with errors", act=WRONG_NAMES),
    mine("my-request-names", lapsed, "lapsed"),
    mine("my-request-extension", running, "too early"),
    mine("my-request-extension", near_its_end),
    mine("my-request-removal", running),
    mine("my-request-removal", many_names, "many names"),
    mine("my-request-removal", many_names, "chosen on another page", act=choose_and_go_on),
    mine("my-subscription", with_requests, "with requests"),
    staff("request-list", arrange=_listed_for_staff),
    empty("request-list"),
    staff("request-detail", asked()),
    staff("request-detail", asked(State.OPEN, reason=WHY), "open again"),
    staff("request-detail", quoted, "being quoted"),
    staff("request-detail", asked(), "with errors", act=NO_WORDS, lands="subscriptions:request-answer"),
    staff("subscription-detail", with_requests, "with requests"),
]
