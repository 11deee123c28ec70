"""What the pages' own scripts do, in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from subscriptions.models import Subscription
from tests.portal import browsing, story
from tests.portal.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(transactional_db: None) -> Story:
    return story.tell()


@contextmanager
def opened(server: LiveServer, session: str, path: str, **options: Any) -> Iterator[tuple[BrowserContext, Page]]:
    with browsing.a_browser() as browser:
        context = browser.new_context(**options)
        browsing.sign_in(context, server.url, session)
        page = context.new_page()
        page.goto(server.url + path)
        yield context, page


def test_copying_a_value(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:my-subscription", args=[told.running.code])
    session = browsing.session_of(told.owner)
    with opened(live_server, session, path, permissions=["clipboard-read", "clipboard-write"]) as (_, page):
        page.get_by_role("button", name="Copy: EAB key ID").click()

        expect(page.locator("#announcements")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == told.running.binding.eab_key_id


def test_without_scripts_there_is_nothing_to_press_that_does_nothing(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:my-subscription", args=[told.running.code])
    with opened(live_server, browsing.session_of(told.owner), path, java_script_enabled=False) as (_, page):
        expect(page.locator("#content")).to_contain_text(told.running.binding.eab_key_id)
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)
        expect(page.locator("[data-theme-switch]")).to_be_hidden()


def test_the_theme_follows_the_system_until_it_is_chosen(live_server: LiveServer, told: Story) -> None:
    session = browsing.session_of(told.owner)
    with opened(live_server, session, "/my/", color_scheme="dark") as (_, page):
        root = page.locator("html")
        expect(root).to_have_attribute("data-bs-theme", "dark")

        page.get_by_label("Your menu").click()
        page.get_by_role("button", name="Light").click()
        expect(root).to_have_attribute("data-bs-theme", "light")

        page.reload()
        expect(root).to_have_attribute("data-bs-theme", "light")


def test_dark_needs_no_script(live_server: LiveServer, told: Story) -> None:
    session = browsing.session_of(told.owner)
    with opened(live_server, session, "/my/", color_scheme="dark", java_script_enabled=False) as (_, page):
        expect(page.locator("body")).to_have_css("background-color", "rgb(14, 16, 20)")


def test_slash_moves_to_the_search(live_server: LiveServer, told: Story) -> None:
    session = browsing.session_of(told.reseller_admin)
    with opened(live_server, session, reverse("subscriptions:customer-list")) as (_, page):
        page.keyboard.press("/")

        field = page.get_by_label("Search everything")
        expect(field).to_be_focused()
        page.keyboard.type("a/b")
        expect(field).to_have_value("a/b")


def test_filters_act_at_once_and_the_way_back_works(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:operation-list")
    with opened(live_server, browsing.session_of(told.reseller_admin), path) as (_, page):
        rows, search = page.locator("tbody tr"), page.get_by_role("searchbox", name="Search customer")
        number = rows.count()
        search.fill("two.north")

        expect(rows).to_have_count(1)
        expect(search).to_be_focused()
        expect(page).to_have_url(f"{live_server.url}{path}?q=two.north&sort=-created_at")
        page.get_by_label("From").fill("2026-03-05")
        page.get_by_label("To", exact=True).fill("2026-03-04")
        expect(page.get_by_text("To: This day is before the first one.")).to_be_visible()

        page.goto(f"{live_server.url}{path}")
        page.get_by_label("State").select_option("refused")
        expect(rows).to_have_count(1)
        page.get_by_text("Select all on this page").click()
        expect(page.get_by_role("checkbox").first).to_be_checked()
        page.go_back()
        expect(rows).to_have_count(number)


def test_filters_are_folded_away_on_a_small_screen(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:operation-list")
    with opened(live_server, browsing.session_of(told.reseller_admin), path) as (_, page):
        state, unfold = page.get_by_label("State"), page.get_by_text("Filters and order")
        expect(state).to_be_visible()
        expect(unfold).to_be_hidden()

        page.set_viewport_size({"width": 390, "height": 844})
        expect(state).to_be_hidden()
        unfold.click()
        state.select_option("refused")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(state).to_be_visible()
        page.reload()
        expect(state).to_be_visible()
        page.goto(f"{live_server.url}{path}?q=shop&sort=created_at")
        expect(state).to_be_hidden()


def test_slash_leads_to_the_search_where_it_has_no_field(live_server: LiveServer, told: Story) -> None:
    with opened(live_server, browsing.session_of(told.owner), reverse("subscriptions:my-home")) as (_, page):
        page.keyboard.press("/")

        page.wait_for_url("**/my/search/")


def test_instants_are_shown_in_the_viewers_zone(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:operation-detail", args=[told.refused.code])
    session = browsing.session_of(told.reseller_admin)
    with opened(live_server, session, path, timezone_id="Asia/Kathmandu") as (_, page):
        shown = page.locator("time[title]").first

        expect(shown).to_contain_text("GMT+5:45")
        expect(shown).to_have_attribute("title", f"{told.refused.created_at:%Y-%m-%d %H:%M:%S} UTC")


def test_a_form_is_sent_once(live_server: LiveServer, told: Story) -> None:
    session = browsing.session_of(told.owner)
    with opened(live_server, session, reverse("account_change_password")) as (_, page):
        sent: list[str] = []

        def answer(route: Route) -> None:
            sent.append(route.request.method)
            route.fulfill(status=204)  # an answer that leaves the page where it is

        page.route("**/auth/password/change/", answer)
        for field in page.locator("input[type=password]").all():
            field.fill("correct horse battery")
        button = page.get_by_role("button", name="Change password")
        button.click()
        expect(button).to_have_attribute("aria-disabled", "true")
        button.dispatch_event("click")
        page.keyboard.press("Enter")

        assert sent == ["POST"]


def test_escape_closes_a_menu(live_server: LiveServer, told: Story) -> None:
    with opened(live_server, browsing.session_of(told.owner), "/my/") as (_, page):
        page.get_by_label("Your menu").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()

        page.keyboard.press("Escape")

        expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
        expect(page.get_by_label("Your menu")).to_be_focused()


def test_the_navigation_opens_on_a_small_screen(live_server: LiveServer, told: Story) -> None:
    session = browsing.session_of(told.reseller_admin)
    with opened(live_server, session, "/staff/", viewport=browsing.SMALL, java_script_enabled=False) as (_, page):
        link = page.get_by_role("link", name="Operations", exact=True)
        expect(link).to_be_hidden()

        page.get_by_role("button", name="Menu", exact=True).click()
        expect(link).to_be_visible()


def test_the_skip_link_comes_first(live_server: LiveServer, told: Story) -> None:
    with opened(live_server, browsing.session_of(told.owner), "/my/") as (_, page):
        page.keyboard.press("Tab")

        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()


def test_a_late_answer_takes_nothing_back_that_was_chosen_since(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:my-setup-client", args=[told.running.code, "certbot"])
    with opened(live_server, browsing.session_of(told.owner), path) as (_, page):
        late: list[Route] = []
        page.route("**/setup/certbot/?*", lambda route: late.append(route))
        with page.expect_request("**/setup/certbot/?*"):
            page.get_by_label("DNS-01: ").check()
        with page.expect_event("requestfailed"):
            page.get_by_label("Contact e-mail").fill("new@northwind.example")
        page.unroute("**/setup/certbot/?*")
        page.keyboard.press("Tab")

        expect(page.locator("#setup")).to_contain_text("email = new@northwind.example")
        expect(page.get_by_label("DNS-01: ")).to_be_checked()


def test_going_back_and_sending_the_same_again_makes_one_thing(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:subscription-add") + f"?customer={told.customer.code}"
    session = browsing.session_of(told.reseller_admin)
    with opened(live_server, session, path) as (_, page):
        page.locator("label.choice-card", has_text="DV").first.click()
        page.get_by_label("Label").fill("Sent twice")
        send = page.get_by_role("button", name="Create ACME account")
        send.click()
        expect(send).to_have_count(0)

        page.go_back()
        expect(page.get_by_label("Label")).to_have_value("Sent twice")
        send.click()
        expect(send).to_have_count(0)

        page.go_back()
        page.get_by_label("Label").fill("Corrected")
        send.click()
        expect(send).to_have_count(0)

    labels = Subscription.objects.filter(pk__gt=told.creating.pk).order_by("pk").values_list("label", flat=True)
    assert list(labels) == ["Sent twice", "Corrected"]


def test_a_reloaded_form_makes_another_thing(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:domain-add", args=[told.running.code])
    with opened(live_server, browsing.session_of(told.reseller_admin), path) as (_, page):
        token = page.locator("[name=form_token]")
        first = token.input_value()
        page.reload()

        expect(token).not_to_have_value(first)


def test_going_back_among_the_choices_of_the_setup_page(live_server: LiveServer, told: Story) -> None:
    path = reverse("subscriptions:my-setup-client", args=[told.running.code, "certbot"])
    with opened(live_server, browsing.session_of(told.owner), path) as (_, page):
        page.get_by_label("DNS-01: ").check()
        expect(page).to_have_url(re.compile("dns-01"))

        page.go_back()
        expect(page).to_have_url(live_server.url + path)
        expect(page.get_by_label("DNS-01: ")).not_to_be_checked()
        expect(page.locator("#content h1")).to_be_visible()

        page.go_forward()
        expect(page.get_by_label("DNS-01: ")).to_be_checked()
