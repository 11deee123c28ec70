"""The pages about what differs between the CA and the portal: unassigned accounts, findings, and what is held."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from accounts.roles import ResellerRole
from subscriptions.models import (
    AcmeServer,
    EabBinding,
    Finding,
    HeldKind,
    Subscription,
    UnassignedAccount,
)
from tests import cast
from tests.flows.page import Scene, press
from tests.flows.staff_pages import NAMES, Coded, Row, empty, expecting_errors, form, staff, working
from tests.portal.story import Story

AUDITOR = ResellerRole.AUDITOR


def account(told: Story) -> Coded:
    """A key ID with names that tell its type, seen for hours."""
    now = timezone.now()
    return cast.make_unassigned(
        "Zl3kQm8Tt2yVbGfP0aXc-unassigned",
        names=[f"{part}.northwind.example" for part in ("api", "mail", "shop", "www.shop")],
        carries_anchor=True,
        acme_account_id="71990",
        expires_at=now + timedelta(days=200),
        last_activity_at=now - timedelta(hours=3),
        first_seen_at=now - timedelta(hours=8),
        read_at=now - timedelta(minutes=12),
    )


def bare_account(told: Story) -> Coded:
    return cast.make_unassigned(read_at=timezone.now(), names=[], is_reusable=False)


def long_account(told: Story) -> Coded:
    """Many names, and an expiry that leaves one term only."""
    names = [f"host{number}.a-rather-long-label.northwind.example" for number in range(90)]
    return cast.make_unassigned(
        names=names, carries_anchor=False, read_at=timezone.now(), expires_at=timezone.now() + timedelta(days=800)
    )


def judged_accounts(told: Story) -> Coded:
    decided: dict[str, Any] = {"decided_by": told.reseller_admin, "decided_at": timezone.now()}
    cast.make_unassigned(state="gone")
    cast.make_unassigned(state="not_ours", reason="Made by the old shop system of another brand.", **decided)
    return cast.make_unassigned(state="not_ours", reason="A test by cURL.", **decided)


def being_read(problem: str = "") -> Callable[[Story], Subscription]:
    """A subscription to be, of an ACME account that is at the CA already."""

    def made(told: Story) -> Subscription:
        subscription = Subscription.objects.create(
            customer=told.customer, server=told.ready.server, term_years=1, label="Second shop"
        )
        cast.make_unassigned(
            state="assigned",
            subscription=subscription,
            customer=told.customer,
            decided_by=told.reseller_admin,
            decided_at=timezone.now(),
            problem=problem,
        )
        return subscription

    return made


def assigned_account(problem: str = "") -> Row:
    return lambda told: UnassignedAccount.objects.get(subscription=being_read(problem)(told))


GONE = "The CA does not list this EAB key ID with an ACME account any more."


def finding(told: Story) -> Finding:
    charges = [
        {"key": f"adddomain:{number}", "names": names, "ca_order_number": number, "amount": "95.00", "currency": "USD"}
        for number, names in (
            (5_000_991, ["odd.northwind.example", "www.odd.northwind.example"]),
            (5_000_992, ["*.odd.example"]),
        )
    ]
    return cast.make_finding(told.running, Finding.Sort.UNEXPLAINED_CHARGE, *charges)


def late_answer(told: Story) -> Finding:
    line = {"key": "1", "text": "Add one.northwind.example: the CA’s answer came after this was settled.", "names": []}
    return cast.make_finding(told.running, Finding.Sort.LATE_ANSWER, line | {"operation": str(told.queued.code)}, "odd")


def closed_finding(told: Story) -> Finding:
    closed: dict[str, Any] = {
        "closed_by": told.reseller_admin,
        "closed_at": timezone.now(),
        "reason": "The customer’s own order.",
    }
    return cast.make_finding(told.running, state=Finding.State.CLOSED, **closed)


def with_differences(told: Story) -> Subscription:
    """A subscription with two findings, and whose charges could not be read."""
    finding(told)
    late_answer(told)
    problem = "LISTTRANSACTIONS could not be read. The CA answered with something else than JSON."
    Subscription.objects.filter(pk=told.running.pk).update(sync_problem=problem)
    return told.running


def _list_of(row: Row) -> Callable[[], Scene]:
    def arrange() -> Scene:
        told = working()
        row(told)
        return Scene(told.reseller_admin)

    return arrange


def _in_need() -> Scene:
    """Everything at once that the dashboard and the banners tell of accounts, findings and what is held."""
    told = working()
    account(told)
    finding(told)
    closed_finding(told)
    AcmeServer.objects.filter(pk=told.running.server.pk).update(
        charges_closed_at=timezone.now(), charges_closed_reason="The CA refused to charge: no price for this type."
    )
    HeldKind.objects.create(kind="preregister", held_until=timezone.now() + timedelta(minutes=40))
    return Scene(told.reseller_admin)


def said_by_staff(told: Story) -> Subscription:
    EabBinding.objects.filter(subscription=told.ready).update(is_said_by_staff=True)
    return told.ready


def choose_suggested(page: BrowserPage) -> None:
    """Name the customer of an account whose names speak for OV: its pre-validations are there."""
    page.locator("[name=customer]").fill("Northwind Traders")
    page.locator("[name=customer]").press("Tab")
    expect(page.locator(".form-part--prevalidation select")).to_be_visible()


def see_one(page: BrowserPage) -> None:
    """Mark the first task as seen, and look at those that were."""
    page.get_by_role("button", name="Mark as seen").first.click()
    page.get_by_text("1 task that you have seen").click()
    expect(page.get_by_role("button", name="Show again")).to_be_visible()


DIFFERENCE_PAGES = [
    staff("server-list", state="with what is held", arrange=_in_need),
    staff("dashboard", state="with findings and accounts", arrange=_in_need),
    staff("dashboard", state="with a task that was seen", arrange=_in_need, act=see_one),
    staff("operation-list", state="of a task", query="?task=attention"),
    staff("account-list", arrange=_list_of(account)),
    empty("account-list"),
    staff("account-list", state="not ours", query="?state=not_ours", arrange=_list_of(judged_accounts)),
    staff("account-detail", account),
    staff("account-detail", long_account, "many names"),
    staff("account-detail", bare_account, "without names"),
    staff("account-detail", judged_accounts, "not ours"),
    staff("account-detail", assigned_account(GONE), "assigned, key not read"),
    staff("account-assign", account, act=choose_suggested),
    *form("account-assign", bare_account, "Assign ACME account", customer="Nobody")[1:],
    staff("account-assign", long_account, "one term possible"),
    staff("account-assign", assigned_account(), "assigned already"),
    *form("account-not-ours", account, "Mark as not ours", reason="   "),
    staff("account-not-ours", judged_accounts, "not ours already"),
    staff("finding-list", arrange=_in_need),
    empty("finding-list"),
    staff("finding-list", state="filtered", query="?state=closed&q=northwind", arrange=_in_need),
    staff("finding-detail", finding),
    staff("finding-detail", finding, "as an auditor", role=AUDITOR),
    staff("finding-detail", late_answer, "with a line that cannot be read"),
    staff("finding-detail", closed_finding, "closed"),
    staff(
        "finding-detail",
        finding,
        "closed without a reason",
        act=expecting_errors(press("Close the finding")),
        lands=NAMES + "finding-close",
    ),
    staff("subscription-detail", with_differences, "with findings"),
    staff("subscription-detail", being_read(), "key being read"),
    staff("subscription-detail", being_read(GONE), "key not read"),
    staff("subscription-detail", said_by_staff, "said by staff"),
    staff("gate-reopen", state="of what is held", arrange=_in_need),
]
