"""What scripts do for what is typed and for live pages: two tabs, a session that ends, a server that is away."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Customer, User
from subscriptions.models import Quote, Subscription
from tests import cast
from tests.flows.screen import Screen, Window
from tests.portal import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGN_IN = reverse("account_login")
TYPED = "shop.example.com\nwww.example.org"
AWAY = "The portal does not answer"
FOREIGN = "Bad gateway"


@pytest.fixture
def window(screen: Screen, live_server: LiveServer, operator: User, settings: Any) -> Iterator[Window]:
    settings.STAFF_MFA_REQUIRED = False
    with screen.window(live_server.url, browsing.session_of(operator)) as window:
        yield window


def foreign(status: int, route: Route) -> None:
    """Answer in the portal's place."""
    route.fulfill(status=status, content_type="text/html", body=f"<h1>{FOREIGN}</h1>")


def adding_to(subscription: Subscription) -> str:
    return reverse("subscriptions:domain-add", args=[subscription.code])


def type_names(page: Page, text: str) -> None:
    page.locator("[name=names]").fill(text)


def sign_in(page: Page, user: User) -> None:
    page.locator("[name=login]").fill(user.email)
    page.locator("[name=password]").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_session_ends_while_names_are_typed(window: Window, operator: User, subscription: Subscription) -> None:
    window.open(adding_to(subscription))
    window.do(lambda page: expect(page.locator("[name=names]")).to_be_editable())
    Session.objects.all().delete()

    def see(page: Page) -> None:
        type_names(page, TYPED)
        expect(page.locator("#connection")).to_contain_text("You are signed out")
        expect(page.locator("[name=names]")).to_have_value(TYPED)
        browsing.keep_picture(page, "signed-out-while-typing")
        page.locator("#connection").get_by_role("link", name="Sign in").click()
        sign_in(page, operator)
        expect(page.locator("[name=names]")).to_have_value(TYPED)
        expect(page.locator("#name-check")).to_contain_text("2 names to add")  # it is looked at again
        browsing.keep_picture(page, "typed-is-back")
        page.get_by_role("button", name="Discard it").click()
        expect(page.locator("[name=names]")).to_have_value("")

    window.do(see)
    assert window.path() == adding_to(subscription)


def test_signed_in_again_in_another_tab(window: Window, operator: User, subscription: Subscription) -> None:
    window.open(adding_to(subscription))

    def see(page: Page) -> None:
        expect(page.locator("[name=names]")).to_be_editable()
        page.context.clear_cookies()
        other = page.context.new_page()
        other.goto(window.server + SIGN_IN)
        sign_in(other, operator)
        expect(other.locator(".page-header")).to_be_visible()
        type_names(page, TYPED)
        expect(page.locator("#name-check")).to_contain_text("2 names to add")
        page.get_by_role("button", name="Get a quote").click()
        expect(page.locator("#content")).to_contain_text("Asking the CA for prices")

    window.do(see)
    assert window.path() == reverse("subscriptions:quote-detail", args=[Quote.objects.get().code])


def test_back_from_the_quote(window: Window, subscription: Subscription) -> None:
    window.open(adding_to(subscription))

    def see(page: Page) -> None:
        type_names(page, TYPED)
        page.get_by_label("Also add each name").check()
        page.get_by_role("button", name="Get a quote").click()
        expect(page.locator("#content")).to_contain_text("Asking the CA for prices")
        page.go_back()
        expect(page.locator("[name=names]")).to_have_value(TYPED)
        expect(page.get_by_label("Also add each name")).to_be_checked()
        page.goto(window.server + adding_to(subscription))
        expect(page.locator("[name=names]")).to_have_value("")  # asked for anew

    window.do(see)


def test_gone_at_sign_out_and_never_for_another_person(
    window: Window, operator: User, reseller_admin: User, customer: Customer
) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])
    window.open(url)
    kept = "Object.keys(sessionStorage).filter(key => key.startsWith('typed ')).length"

    def see(page: Page) -> None:
        page.locator("[name=notes]").fill("Pays late.")
        assert page.evaluate(kept) == 1
        page.goto(window.server + "/staff/")
        page.goto(window.server + url)
        expect(page.locator("[name=notes]")).to_have_value("Pays late.")  # never sent
        page.context.clear_cookies()
        page.goto(window.server + SIGN_IN)
        sign_in(page, reseller_admin)
        expect(page.locator(".page-header")).to_be_visible()
        assert page.evaluate(kept) == 0
        page.goto(window.server + url)
        page.locator("[name=notes]").fill("Theirs.")
        page.locator(f"form[action='{reverse('account_logout')}']").first.evaluate("form => form.requestSubmit()")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert page.evaluate(kept) == 0

    window.do(see)


def test_a_live_page_says_that_the_server_is_away_and_goes_on(window: Window, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, state=Quote.State.PRICING)
    lines = "**" + reverse("subscriptions:quote-lines", args=[quote.code])
    window.open(reverse("subscriptions:quote-detail", args=[quote.code]))

    def see(page: Page) -> None:
        said = page.locator("#connection")
        page.context.set_offline(True)
        expect(said).to_contain_text(AWAY)
        page.context.set_offline(False)
        expect(said).to_be_empty()
        for status in (502, 200):  # of a proxy, and of a network that wants a sign-in of its own
            page.route(lines, partial(foreign, status))
            expect(said).to_contain_text(AWAY)
            browsing.keep_picture(page, f"away-{status}")
            expect(page.locator("body")).not_to_contain_text(FOREIGN)
            page.unroute(lines)
            expect(said).to_be_empty()

    window.do(see)
    Quote.objects.filter(pk=quote.pk).update(state=Quote.State.REFUSED)
    window.do(lambda page: expect(page.locator("[hx-trigger^=every]")).to_have_count(0))
