"""Every page in a real browser, in each state that looks different.

Nothing that axe knows is wrong with it, in light and dark, on a large screen and on a small one; the strict
Content-Security-Policy came with it and blocked nothing; nothing is wider than the window.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import Response, ViewportSize
from pytest_django.live_server_helper import LiveServer

from subscriptions.views.staff import dashboard
from tests import cast
from tests.flows.account_pages import ACCOUNT_PAGES
from tests.flows.activity_pages import ACTIVITY_PAGES
from tests.flows.administration_pages import ADMINISTRATION_PAGES
from tests.flows.certificate_pages import CERTIFICATE_PAGES
from tests.flows.check_pages import CHECK_PAGES
from tests.flows.customer_pages import CUSTOMER_PAGES
from tests.flows.difference_pages import DIFFERENCE_PAGES
from tests.flows.hand_over_pages import HAND_OVER_PAGES
from tests.flows.ledger_pages import LEDGER_PAGES
from tests.flows.mail_pages import MAIL_PAGES
from tests.flows.name_pages import NAME_PAGES
from tests.flows.notice_pages import NOTICE_PAGES
from tests.flows.page import Page, Scene
from tests.flows.prevalidation_pages import PREVALIDATION_PAGES
from tests.flows.request_pages import REQUEST_PAGES
from tests.flows.screen import Screen, Window
from tests.flows.served_pages import SERVED_PAGES
from tests.flows.sign_in_pages import ERROR_PAGES, SIGN_IN_PAGES, broken
from tests.flows.staff_pages import STAFF_PAGES, staff
from tests.policy.permission_table import TABLE
from tests.policy.test_permissions import routes
from tests.portal import browsing, story

STAFFS = [*STAFF_PAGES, *LEDGER_PAGES, *DIFFERENCE_PAGES, *MAIL_PAGES, *PREVALIDATION_PAGES, *NAME_PAGES]
PAGES = [*STAFFS, *ACCOUNT_PAGES, *ACTIVITY_PAGES, *ADMINISTRATION_PAGES, *CUSTOMER_PAGES, *REQUEST_PAGES]
PAGES += [*CERTIFICATE_PAGES, *CHECK_PAGES, *HAND_OVER_PAGES, *NOTICE_PAGES, *SERVED_PAGES]
PAGES += [*SIGN_IN_PAGES, *ERROR_PAGES]

FRAGMENT = "a part of a page, which the page shows too"
ANSWER = "takes a POST only, and leads elsewhere"
DATA = "data for programs"
NO_PAGES = {
    "health-live": DATA,
    "health-ready": DATA,
    "mfa_download_recovery_codes": "a download",
    "subscriptions:name-check-status": FRAGMENT,
    "subscriptions:served-look": ANSWER,
    "subscriptions:served-status": FRAGMENT,
    "subscriptions:my-served-look": ANSWER,
    "subscriptions:my-served-status": FRAGMENT,
    "subscriptions:quote-checked": FRAGMENT,
    "subscriptions:my-name-check-status": FRAGMENT,
    "subscriptions:activity-export": "a download",
    "subscriptions:my-activity-export": "a download",
    "subscriptions:customer-export": "a download",
    "subscriptions:subscription-export": "a download",
    "subscriptions:order-export": "a download",
    "subscriptions:quote-export": "a download",
    "subscriptions:operation-export": "a download",
    "subscriptions:finding-export": "a download",
    "subscriptions:certificate-export": "a download",
    "subscriptions:my-certificate-export": "a download",
    "subscriptions:mail-export": "a download",
    "subscriptions:account-export": "a download",
    "subscriptions:prevalidation-export": "a download",
    "subscriptions:my-sandbox-ca": "a download",
    "subscriptions:my-setup-file": "a download",
    "account_email": "not offered: people keep the address they were invited by",
    "account_email_verification_sent": "not offered: an invitation proves the address",
    "account_confirm_email": "not offered: an invitation proves the address",
    "account_confirm_login_code": "codes by mail are not used: it leads to the sign-in",
    "subscriptions:customer-options": FRAGMENT,
    "subscriptions:prevalidation-options": FRAGMENT,
    "subscriptions:subscription-status": FRAGMENT,
    "subscriptions:prevalidation-status": FRAGMENT,
    "subscriptions:my-subscription-status": FRAGMENT,
    "subscriptions:domain-check": FRAGMENT,
    "subscriptions:name-status": FRAGMENT,
    "subscriptions:name-export": "a download",
    "subscriptions:name-history-export": "a download",
    "subscriptions:quote-lines": FRAGMENT,
    "subscriptions:order-progress": FRAGMENT,
    "subscriptions:request-export": "a download",
    "subscriptions:my-request-export": "a download",
    "subscriptions:my-organization-export": "a download",
    "subscriptions:my-name-export": "a download",
    "subscriptions:staff-export": "a download",
    "subscriptions:person-export": "a download",
    "subscriptions:my-people-export": "a download",
    "subscriptions:server-export": "a download",
    "subscriptions:quote-pdf": "a download",
    "subscriptions:my-request-withdraw": ANSWER,
    "subscriptions:quote-confirm": ANSWER,
    "subscriptions:quote-leave-out": ANSWER,
    "subscriptions:quote-put-back": ANSWER,
    "subscriptions:task-seen": ANSWER,
    "subscriptions:schedule-run": ANSWER,
    "subscriptions:task-unseen": ANSWER,
    "subscriptions:replacement-call-off": ANSWER,
    "subscriptions:hand-over-call-off": ANSWER,
    "subscriptions:operation-cancel": ANSWER,
    "subscriptions:operation-decide": ANSWER,
    "subscriptions:server-refresh": ANSWER,
    "subscriptions:invitation-revoke": ANSWER,
    "subscriptions:customer-bring-back": ANSWER,
    "subscriptions:staff-invitation-again": ANSWER,
    "subscriptions:staff-invitation-revoke": ANSWER,
    "subscriptions:mail-again": ANSWER,
    "subscriptions:address-clear": ANSWER,
    "accounts:member-invitation-revoke": ANSWER,
    "accounts:mail-events": DATA,
    "accounts:notice-read": ANSWER,
    "accounts:notices-read": ANSWER,
    "accounts:notice-open": "leads to the page that a notice is about",
}

VIEWS: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "large-light": ({"width": 1440, "height": 900}, "light"),
    "large-dark": ({"width": 1440, "height": 900}, "dark"),
    "small-light": ({"width": 390, "height": 844}, "light"),
    "small-dark": ({"width": 390, "height": 844}, "dark"),
}
COLOURS = ("color-contrast", "link-in-text-block")  # what else axe looks at is the same in the dark
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_route_is_looked_at_or_no_page() -> None:
    own = {name for address, name in routes() if not address.startswith("admin/")}
    looked_at = {page.route for page in PAGES} | {page.lands for page in PAGES if page.lands}

    assert own - looked_at == set(NO_PAGES)
    assert looked_at - own == set()


@pytest.mark.parametrize("name", NO_PAGES)
def test_what_is_no_page_shows_none(name: str, client: Client, no_broker: list[Any]) -> None:
    told = story.tell()
    parts = told.codes | {
        "subscription": told.running.code,
        "operation": told.queued.code,
        "invitation": uuid4(),
        "staff_invitation": uuid4(),
        "mail": uuid4(),
        "client": "certbot",
        "block": "certbot-no-such-file",
        "name": uuid4(),
        "replacement": uuid4(),
        "request": uuid4(),
        "notice": uuid4(),
        "provider": "postmark",
        "mark": uuid4(),
        "task": "attention",
        "planned": "clear-expired",
    }
    address = reverse(name, args=["no-key"] if name == "account_confirm_email" else _parts_of(name, parts))

    for viewer in (None, told.owner, told.reseller_admin):
        answer = cast.sign_in(client, viewer).get(address)
        assert answer.status_code != 200 or b"<html" not in answer.getvalue()


def _parts_of(name: str, parts: Mapping[str, object]) -> list[object]:
    return [parts[part] for part in TABLE[name].of] if name in TABLE else []


def test_every_page_has_a_name_of_its_own() -> None:
    names = [str(page) for page in PAGES]

    assert sorted(names) == sorted(set(names))


@pytest.mark.long
@pytest.mark.parametrize("case", PAGES, ids=str)
def test_it_is_as_it_should_be(
    case: Page, screen: Screen, live_server: LiveServer, settings: Any, no_broker: list[Any]
) -> None:
    for name, value in case.settings.items():
        setattr(settings, name, value)

    assert look(case, screen, live_server.url) == []


def test_the_page_of_a_failure_is_too(
    screen: Screen, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, no_broker: list[Any]
) -> None:
    monkeypatch.setattr(dashboard, "figures", broken)

    assert look(staff("dashboard", state="something failed", status=500), screen, live_server.url) == []


def look(page: Page, screen: Screen, server: str) -> list[str]:
    """Go there as the page's person, and say what is wrong, view by view."""
    scene = page.arrange()
    session = browsing.session_of(scene.viewer, is_recent=scene.is_recent) if scene.viewer else ""
    with screen.used_window(server, session) as window:
        return window.do(lambda shown: wrong_with(page, scene, window, shown))


def wrong_with(page: Page, scene: Scene, window: Window, shown: BrowserPage) -> list[str]:
    answers: list[Response] = []
    shown.on("response", lambda answer: answers.append(answer) if answer.request.is_navigation_request() else None)
    shown.goto(window.server + page.address(scene))
    if page.act:
        page.act(shown)
    found = [*wrong_with_answer(answers[-1], page), *wrong_with_head(shown)]
    for name in VIEWS:
        found += [f"{name}: {one}" for one in wrong_with_view(shown, name, str(page))]
    # Chromium speaks up about the status of an error page, which is as it should be.
    status = f"Failed to load resource: the server responded with a status of {page.status} "
    return found + [text for text in window.complaints if not text.startswith(status)]


def wrong_with_answer(answer: Response, page: Page) -> Iterator[str]:
    if answer.status != page.status:
        yield f"answered {answer.status} at {answer.url}"
    policy = answer.header_value("content-security-policy") or "none"
    if {part.strip() for part in policy.split(";")} != POLICY:
        yield f"Content-Security-Policy: {policy}"


def wrong_with_head(shown: BrowserPage) -> Iterator[str]:
    headings = [heading.inner_text() for heading in shown.locator("h1").all()]
    if len(headings) != 1:
        yield f"{len(headings)} main headings: {headings}"
    if not re.search(r"\w", shown.title()) or re.search(r"\S–|–\S", shown.title()):
        yield f"title: {shown.title()!r}"


def wrong_with_view(shown: BrowserPage, name: str, page: str) -> Iterator[str]:
    size, scheme = VIEWS[name]
    shown.set_viewport_size(size)
    shown.emulate_media(color_scheme=scheme)
    browsing.keep_picture(shown, f"{re.sub('[^a-z0-9]+', '-', page.lower())}-{name}")
    if name != "small-dark":  # it has the colours of the large one and the elements of the light one
        yield from browsing.barriers_of(shown, rules=COLOURS if scheme == "dark" else ())
    if overflow := browsing.overflow_of(shown):
        yield f"{overflow} px wider than the window"
    yield from (f"a table is wider than its place: {text!r}" for text in browsing.wide_tables_of(shown))
