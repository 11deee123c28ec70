"""The pages of reseller staff, each state of them that looks different."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts.roles import ResellerRole
from subscriptions.models import (
    Domain,
    Gate,
    NameCheck,
    Operation,
    Quote,
    QuoteLine,
    Subscription,
    WorkerHeartbeat,
)
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from subscriptions.services.quote_lines import leave_out
from tests import cast
from tests.flows.page import Act, Page, Scene, press
from tests.portal import story
from tests.portal.story import Story

State = Operation.State


class Coded(Protocol):
    """A row with a public code."""

    code: UUID


Row = Callable[[Story], Coded]
NAMES = "subscriptions:"


def working() -> Story:
    """A business with something on every page, a worker and an open way to the CA."""
    told = story.tell()
    WorkerHeartbeat.objects.create(name="worker-1")
    open_gate = {"needs_probe": False, "reached_at": timezone.now()}
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults=open_gate)
    return told


def _full(row: Row | None, role: ResellerRole) -> Scene:
    told = working()
    viewer = told.reseller_admin
    if role != ResellerRole.ADMIN:
        viewer = cast.make_user("otto@reseller.example", reseller_role=role, name="Otto Other")
    return Scene(viewer, [row(told).code] if row else [])


def staff(
    route: str, row: Row | None = None, state: str = "", *, role: ResellerRole = ResellerRole.ADMIN, **more: Any
) -> Page:
    """A page in a business with something on every page."""
    more.setdefault("arrange", lambda: _full(row, role))
    return Page(route=NAMES + route, state=state or "filled", **more)


def form(route: str, row: Row | None, button: str, **values: str) -> list[Page]:
    """A form, and the same form after it was sent with something wrong."""
    act = press(button, shows="", **values)
    return [staff(route, row), staff(route, row, "with errors", act=expecting_errors(act))]


def expecting_errors(act: Act) -> Act:
    """Act, and wait for the page to say what is wrong."""

    def send(page: BrowserPage) -> None:
        act(page)
        expect(page.locator(".invalid-feedback").first).to_be_visible()

    return send


def _bare() -> Scene:
    return Scene(cast.make_user("robin@reseller.example", reseller_role=ResellerRole.ADMIN, name="Robin Weaver"))


def empty(route: str) -> Page:
    """A list on the first day."""
    return staff(route, state="empty", arrange=_bare)


# --- Rows -----------------------------------------------------------------------------------------------------------


def running(told: Story) -> Subscription:
    return told.running


def customer(told: Story) -> Coded:
    return told.customer


def _person(*, is_owner: bool = False, signed_in: int = 0) -> Callable[[], Scene]:
    """A person of the customer: its only owner, or another one."""

    def arrange() -> Scene:
        told = working()
        other = cast.make_user("maximilian.member-with-a-long-name@subsidiary.northwind.example")
        cast.add_person(told.customer, other)
        for _ in range(signed_in):
            cast.sign_in(Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) " * 4}), other).get("/my/")
        return Scene(told.reseller_admin, [told.customer.code, (told.owner if is_owner else other).code])

    return arrange


def bare_customer(told: Story) -> Coded:
    return cast.make_customer("Fabrikam")


def lapsed(told: Story) -> Subscription:
    past = timezone.now() - timedelta(days=20)
    subscription = cast.make_subscription(told.customer, label="Old shop", expires_at=past)
    cast.make_domain(subscription, "old.northwind.example")
    return subscription


def long_over(told: Story) -> Subscription:
    return _expiring(told, "Long over", days=-40)


def ending(told: Story) -> Subscription:
    return _expiring(told, "Ends soon", days=20)


def _expiring(told: Story, label: str, *, days: int) -> Subscription:
    end = timezone.now() + timedelta(days=days)
    subscription = cast.make_subscription(told.customer, label=label, expires_at=end)
    cast.make_domain(subscription, f"{label.lower().replace(' ', '-')}.northwind.example")
    return subscription


def extension_quote(told: Story) -> Quote:
    quote = cast.make_quote(ending(told), {"www.example.com": "95.00"})
    names = [f"{number}.shop.northwind.example" for number in range(1, 40)]
    quote.lines.update(kind="extend_domains", name="", names=names, arguments={"years": 2})
    return quote


def _with_costs(months: int, *currencies: str) -> Callable[[], Scene]:
    """A business to whom the CA charged something in each of the last months, and refunded some of it."""

    def arrange() -> Scene:
        told, now = working(), timezone.now()
        for currency in currencies:
            for month in range(months):
                at = {"executed_at": now - timedelta(days=30 * month), "currency": currency}
                cast.make_transaction(told.running, f"{(months - month) * 437 + month % 3 * 900}.50", **at)
                if month % 4 == 1:
                    cast.make_transaction(told.running, f"{month * 95}.00", kind="refundDomain", **at)
        return Scene(told.reseller_admin)

    return arrange


def open_table(page: BrowserPage) -> None:
    page.locator(".chart-table summary").click()
    expect(page.locator(".chart-table table")).to_be_visible()


def refundable(told: Story) -> Subscription:
    """Names that the CA still refunds, no longer refunds, never charged for, and only showed."""
    anchor, operation = told.prevalidation.ov_anchor_order_number, told.order.operations.order_by("pk").first()
    paid = {"operation": operation, "ov_anchor_order_number": anchor}
    new = cast.make_domain(told.running, "one.northwind.example", **paid)
    cast.make_domain(told.running, "blog.northwind.example", added_at=timezone.now() - timedelta(days=29), **paid)
    free = cast.make_domain(told.running, "www.one.northwind.example", companion_of=new, **paid)
    Domain.objects.filter(pk=free.pk).update(is_free=True)
    Domain.objects.filter(name="mail.northwind.example").update(ov_anchor_order_number="77", is_free=None)
    return told.running


def _creation_in(state: str, **fields: Any) -> Row:
    def made(told: Story) -> Subscription:
        cast.end_operation(told.creating.operations.get(), state, **fields)
        return told.creating

    return made


def failed(told: Story) -> Subscription:
    Subscription.objects.filter(pk=told.creating.pk).update(creation=Subscription.Creation.FAILED)
    words = {"error_type": "serverURLNotAllowed", "error_detail": "The server is not set up for this reseller."}
    cast.end_operation(told.creating.operations.get(), State.REFUSED, **words)
    return told.creating


def expired_quote(told: Story) -> Quote:
    now = timezone.now()
    return cast.make_quote(told.running, priced_at=now - timedelta(hours=2), valid_until=now - timedelta(hours=1))


def refused_quote(told: Story) -> Quote:
    return cast.make_quote(
        told.running, {"bad.northwind.example": None}, state=Quote.State.REFUSED, problem="The CA gave no price."
    )


def quote_with_warnings(told: Story) -> Quote:
    """Names of which something was seen that stops an order, and one that is spelt like another."""
    quote = cast.make_quote(told.running, {"shop.nrothwind.example": "95.00", "neu.northwind.example": "95.00"})
    missing = Look(Topic.DNS, Outcome.PROBLEM, results.NO_NAME, {"missing": "shop.nrothwind.example"})
    NameCheck.objects.create(quote=quote, name="shop.nrothwind.example", looks=[missing.kept()], state="done")
    NameCheck.objects.create(quote=quote, name="neu.northwind.example", state="running")
    return quote


def quote_with_companions(told: Story) -> Quote:
    """One name brings another, one is free, one comes with another."""
    prices = {"northwind.test": "95.00", "www.northwind.test": "0.00", "shop.northwind.test": "95.00"}
    quote = cast.make_quote(told.running, prices, add_companions=True, totals={"USD": "95.00"})
    first, _, third = quote.lines.order_by("position")
    QuoteLine.objects.filter(pk=first.pk).update(names=[first.name, "mail.northwind.test"], add_companion=True)
    QuoteLine.objects.filter(pk=third.pk).update(state=QuoteLine.State.COVERED, covered_by=first, cost=None)
    return quote


def quote_left_out(told: Story) -> Quote:
    line = told.quote.lines.filter(state=QuoteLine.State.PRICED).latest("position")
    leave_out(actor=told.reseller_admin, quote=told.quote, positions={line.position}, revision=told.quote.revision)
    return told.quote


def confirmed_quote(told: Story) -> Quote:
    return told.order.quote


def _with_gate(row: Row | None = None, **fields: Any) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = working()
        Gate.objects.filter(pk=Gate.SINGLETON).update(**fields)
        return Scene(told.reseller_admin, [row(told).code] if row else [])

    return arrange


CLOSED = _with_gate(closed_for=Gate.Closed.ALL, reason="The CA refused the login (401).", closed_at=timezone.now())
SHORT = _with_gate(closed_for=Gate.Closed.CHARGES, reason="The CA reports insufficient funds.")
UNREACHABLE = _with_gate(problem="No connection could be made", problem_at=timezone.now(), needs_probe=False)


# --- What a person does first -----------------------------------------------------------------------------------------


def type_names(page: BrowserPage) -> None:
    """Type names of which some are wrong, and wait for what the portal says of them."""
    page.locator("#id_names").fill("HTTPS://Shop.Example.com/cart\nlocalhost\nbücher.example.org\nnorthwind.example")
    expect(page.locator("#name-check")).to_contain_text("localhost")


def read_file(page: BrowserPage) -> None:
    """Have a file read, and wait for its names."""
    content = "Owner;Domain\nAnna;HTTPS://Shop.Example.com/\nBen;localhost\nCarl;www.shop.example.com\nDora;*.shop.example.com"
    page.locator("#id_names").fill("northwind.example")
    page.locator("#id_names_file").set_input_files(
        {"name": "names.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("#id_names")).to_have_value(re.compile("localhost"))


def choose_no_file(page: BrowserPage) -> None:
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator(".invalid-feedback")).to_contain_text("Choose a file first.")


def _with_unsold_types() -> Scene:
    """The CA lists types that the portal cannot sell yet."""
    scene = _full(None, ResellerRole.ADMIN)
    cast.make_server("QWAC", description="CaaS QWAC-Legal")
    return scene


def choose_type(page: BrowserPage) -> None:
    """Name the customer and choose the type that needs a pre-validation, so that its field is there."""
    page.locator("[name=customer]").fill("Northwind Traders")
    page.locator("[data-needs-prevalidation] input").first.check()
    expect(page.locator(".form-part--prevalidation select")).to_be_visible()


BAD_MAIL = "not an address"
AUDITOR = ResellerRole.AUDITOR
OPERATOR = ResellerRole.OPERATOR

STAFF_PAGES = [
    staff("dashboard"),
    empty("dashboard"),
    staff("dashboard", role=AUDITOR, state="as an auditor"),
    staff("dashboard", state="with a year of costs", arrange=_with_costs(12, "USD"), act=open_table),
    staff("dashboard", state="with costs in two currencies", arrange=_with_costs(3, "EUR", "USD")),
    staff("dashboard", state="gate closed", arrange=CLOSED),
    staff("dashboard", state="insufficient funds", arrange=SHORT),
    staff("dashboard", state="CA unreachable", arrange=UNREACHABLE),
    staff("dashboard", state="in the sandbox", settings={"CAAS_SANDBOX": True}),
    staff("search", state="found", query="?q=northwind"),
    staff("search", state="nothing found", query="?q=zzz"),
    empty("search"),
    staff("customer-list"),
    empty("customer-list"),
    staff("customer-list", state="nothing found", query="?q=zzz"),
    staff("customer-list", state="filtered", query="?having=running&sort=-domain_count"),
    *form("customer-add", None, "Add customer", contact_email=BAD_MAIL),
    staff("customer-detail", customer),
    staff("customer-detail", bare_customer, "empty"),
    staff("customer-detail", customer, "as an auditor", role=AUDITOR),
    *form("customer-edit", customer, "Save", name="", contact_email=BAD_MAIL),
    staff("person-list", customer),
    staff("person-list", bare_customer, "empty"),
    staff("person-list", customer, "nobody found", query="?q=zzz"),
    *form("person-invite", customer, "Send the invitation", email=BAD_MAIL),
    staff("person-edit", arrange=_person()),
    staff("person-edit", state="the only owner", arrange=_person(is_owner=True)),
    staff("person-sessions", arrange=_person()),
    staff("person-sessions", state="signed in", arrange=_person(signed_in=2)),
    staff("person-remove", arrange=_person()),
    staff("person-remove", state="the only owner", arrange=_person(is_owner=True)),
    staff("subscription-list"),
    empty("subscription-list"),
    staff("subscription-list", state="filtered", query="?q=northwind&state=running"),
    *form("subscription-add", None, "Create ACME account", customer="Nobody"),
    staff("subscription-add", state="a type with a pre-validation", act=choose_type, arrange=_with_unsold_types),
    empty("subscription-add"),
    staff("subscription-detail", running),
    staff("subscription-detail", refundable, "refundable"),
    staff("subscription-detail", lambda told: told.ready, "ready"),
    staff("subscription-detail", lambda told: told.creating, "being created"),
    staff("subscription-detail", _creation_in(State.UNKNOWN, finished_at=None), "creation unknown"),
    staff("subscription-detail", _creation_in(State.ATTENTION, finished_at=None), "creation in attention"),
    staff("subscription-detail", failed, "not created"),
    staff("subscription-detail", lapsed, "lapsed"),
    staff("subscription-detail", running, "as an auditor", role=AUDITOR),
    staff(
        "subscription-detail",
        running,
        "key revealed",
        act=press("Reveal: EAB HMAC key", shows=cast.HMAC_KEY),
        lands=NAMES + "subscription-reveal",
    ),
    *form("domain-add", running, "Get a quote", names="shop.northwind.example\nlocalhost"),
    staff("domain-add", running, "checked while typed", act=type_names),
    staff("domain-add", running, "a file was read", act=read_file),
    staff("domain-add", running, "no file was chosen", act=choose_no_file),
    staff("domain-add", lambda told: told.ready, "DV"),
    staff("subscription-detail", ending, "ends soon"),
    staff("subscription-detail", long_over, "over for good"),
    staff("subscription-extend", ending),
    staff("subscription-extend", running, "not yet"),
    staff("quote-detail", extension_quote, "of an extension"),
    staff("quote-detail", lambda told: told.quote),
    staff("quote-detail", quote_with_warnings, "with warnings"),
    staff("quote-detail", lambda told: told.waiting_quote, "being asked"),
    staff("quote-detail", quote_with_companions, "with companions"),
    staff("quote-detail", quote_left_out, "with a line left out"),
    staff("quote-detail", expired_quote, "expired"),
    staff("quote-detail", refused_quote, "refused"),
    staff("quote-detail", confirmed_quote, "confirmed"),
    staff("quote-detail", lambda told: told.quote, "as an auditor", role=AUDITOR),
    staff("help-list", state="as staff"),
    staff("help-topic", state="as staff", arrange=lambda: Scene(working().reseller_admin, ["ov"])),
    staff("server-list", arrange=_with_unsold_types),
    empty("server-list"),
    staff("server-list", state="nothing found", query="?q=zzz"),
    staff("server-list", state="gate closed", arrange=CLOSED),
    staff("gate-reopen", state="closed", arrange=CLOSED),
    staff("gate-reopen", state="open"),
]
