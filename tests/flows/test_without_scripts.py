"""The whole way without JavaScript: forms, links and reloading are enough."""

import pytest
from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.roles import CustomerRole
from subscriptions.models import Order, Quote, Subscription
from subscriptions.rules.prices import all_shown
from subscriptions.worker import pricing
from tests import cast
from tests.flows.screen import Screen
from tests.ledger.conftest import ca, caas, clock, world
from tests.ledger.world import World
from tests.portal import browsing

__all__ = ["ca", "caas", "clock", "world"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RELOADS = "meta[http-equiv=refresh]"


def address_of(route: str, row: Subscription | Quote | Order) -> str:
    return reverse(f"subscriptions:{route}", args=[row.code])


def test_staff_sell_names(screen: Screen, live_server: LiveServer, world: World) -> None:
    session = browsing.session_of(world.staff)
    with screen.window(live_server.url, session, java_script_enabled=False) as window:
        window.open("/staff/")
        window.do(order_an_acme_account)
        subscription = Subscription.objects.get()
        assert window.path() == address_of("subscription-detail", subscription)

        world.work(subscription.operations.get())
        window.do(add_names)
        quote = Quote.objects.get()
        assert window.path() == address_of("quote-detail", quote)

        pricing.price(quote.pk, client=world.caas)
        quote.refresh_from_db()
        window.do(lambda page: confirm(page, f"Add 2 names – charge {all_shown(quote.amounts)}"))
        order = Order.objects.get(quote=quote)
        assert window.path() == address_of("order-detail", order)

        for operation in order.operations.order_by("pk"):
            world.work(operation)
        window.do(see_it_done)
    assert sorted(subscription.domains.values_list("name", flat=True)) == ["example.com", "shop.example.com"]
    assert world.charged_in_ledger() == world.charged_by_ca() == quote.amounts["USD"]


def order_an_acme_account(page: Page) -> None:
    page.get_by_role("link", name="New ACME account").click()
    page.locator("[name=customer]").fill("northwind")
    page.locator("[data-needs-prevalidation] input").first.check()
    page.get_by_label("2 years").check()
    page.get_by_role("button", name="Create ACME account").click()
    # The customer was not known before: now its pre-validations are offered, and what was chosen is still there.
    expect(page.get_by_label("2 years")).to_be_checked()
    page.locator("select[name=prevalidation]").select_option(index=1)
    page.get_by_role("button", name="Create ACME account").click()
    expect(page.locator(".page-header")).to_contain_text("Being created")
    expect(page.locator(RELOADS)).to_have_count(1)


def add_names(page: Page) -> None:
    page.reload()
    expect(page.locator("#content")).to_contain_text("The ACME account is ready")
    expect(page.locator(RELOADS)).to_have_count(0)
    page.get_by_role("link", name="Add names").first.click()
    page.locator("[name=names]").fill("example.com\nnot a name, shop.example.com")
    page.get_by_role("button", name="Get a quote").click()
    expect(page.locator("#name-check")).to_contain_text("needs at least two labels")
    page.locator("[name=names]").fill("HTTPS://Example.com/")
    file: FilePayload = {
        "name": "names.csv",
        "mimeType": "text/csv",
        "buffer": b"Owner;Domain\nAnna;shop.example.com\n",
    }
    page.locator("[name=names_file]").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("[name=names]")).to_have_value("HTTPS://Example.com/\nshop.example.com")
    expect(page.locator("#name-check")).to_contain_text("2 names to add.")
    page.get_by_role("button", name="Get a quote").click()
    expect(page.locator(RELOADS)).to_have_count(1)


def confirm(page: Page, button: str) -> None:
    page.reload()
    page.get_by_role("button", name=button).click()
    expect(page.locator("#content")).to_contain_text("0 of 2")
    expect(page.locator(RELOADS)).to_have_count(1)


def see_it_done(page: Page) -> None:
    page.reload()
    expect(page.locator("#content")).to_contain_text("2 of 2")
    expect(page.locator(RELOADS)).to_have_count(0)


@pytest.fixture
def owner_of_world(world: World) -> User:
    user = cast.make_user("olga@northwind.example", name="Olga Owner")
    cast.add_person(world.customer, user, CustomerRole.OWNER)
    return user


def test_a_customer_gets_the_instructions(
    screen: Screen, live_server: LiveServer, world: World, owner_of_world: User
) -> None:
    subscription = world.ready_subscription()
    for operation in world.order(subscription, ["example.com", "*.example.com"]).operations.order_by("pk"):
        world.work(operation)
    binding = world.binding(subscription)
    session = browsing.session_of(owner_of_world)

    with screen.window(live_server.url, session, java_script_enabled=False) as window:
        window.open("/my/")
        shown = window.do(choose_certbot)
        revealed = window.do(reveal)

    assert f"eab-kid = {binding.eab_key_id}" in shown
    assert binding.eab_hmac_key.reveal() not in shown
    assert f"eab-hmac-key = {binding.eab_hmac_key.reveal()}" in revealed
    assert "-d 'example.com'" in revealed
    assert "*.example.com" not in revealed


def choose_certbot(page: Page) -> str:
    page.locator(".card--link a").click()
    page.get_by_role("link", name="Set up a client").click()
    page.get_by_role("link", name="certbot").click()
    page.get_by_label("HTTP-01").check()
    page.get_by_role("button", name="Show instructions").click()
    expect(page.locator("#setup")).to_contain_text("DNS-01")  # a wildcard name needs it
    page.get_by_label("*.example.com").uncheck()
    with page.expect_navigation():
        page.get_by_role("button", name="Show instructions").click()
    return commands(page)


def reveal(page: Page) -> str:
    with page.expect_navigation():
        page.get_by_role("button", name="Reveal key").click()
    return commands(page)


def commands(page: Page) -> str:
    return "\n".join(page.locator("#setup pre").all_inner_texts())
