"""The pages about the names of a subscription, each state of them that looks different."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page as BrowserPage

from accounts.roles import ResellerRole
from subscriptions.models import Domain, Subscription, Transaction
from subscriptions.services.names import remove_names
from tests import cast
from tests.flows.page import Act, Page, Scene, press
from tests.flows.staff_pages import NAMES, Row, lapsed, refundable, staff, working
from tests.portal.story import Story


def being_removed(told: Story) -> Subscription:
    """One name on its way out, and one that waits for a person."""
    refundable(told)
    first, second = told.running.domains.order_by("pk")[:2]
    remove_names(actor=told.reseller_admin, domains=[first])
    stuck = remove_names(actor=told.reseller_admin, domains=[second])[0]
    cast.end_operation(stuck, "attention", finished_at=None)
    Domain.objects.filter(name="mail.northwind.example").update(not_listed_since=timezone.now())
    return told.running


def with_history(told: Story) -> Subscription:
    """Names removed with a refund, too late for one, with their name, and by somebody else."""
    refundable(told)
    now, names = timezone.now(), ("one.northwind.example", "blog.northwind.example", "www.one.northwind.example")
    paid, late, free = (told.running.domains.get(name=name) for name in names)
    for domain, along in ((paid, [free]), (late, [])):
        operation = remove_names(actor=told.reseller_admin, domains=[domain])[0]
        cast.end_operation(operation, "succeeded", names=[domain.name, *(each.name for each in along)])
        gone = [domain.pk, *(each.pk for each in along)]
        Domain.objects.filter(pk__in=gone).update(removed_at=now, removal=operation)
    removal = told.running.operations.get(domain_name=paid.name, takes_away=True)
    cast.make_transaction(told.running, "95.00", kind=Transaction.REFUND, names=[paid.name], operation=removal)
    Domain.objects.filter(name="mail.northwind.example").update(removed_at=now - timedelta(days=90))
    return told.running


def without_names(told: Story) -> Subscription:
    return told.ready


def choosing(*names: str) -> Act:
    """Choose names in the list and press the button below it."""

    def act(page: BrowserPage) -> None:
        for box in page.get_by_role("checkbox").all():
            if not names or any(name in (box.get_attribute("aria-label") or "") for name in names):
                box.check()
        page.get_by_role("button", name="Remove the chosen names").click()
        page.wait_for_url("**/names/remove/**")

    return act


def long_over(told: Story) -> Subscription:
    subscription = lapsed(told)
    Subscription.objects.filter(pk=subscription.pk).update(expires_at=timezone.now() - timedelta(days=60))
    return subscription


def _replaced(state: str = "queued", removal: str = "") -> Row:
    """A misspelt name whose new name is in a state, and the removal of the old one in another."""

    def arranged(told: Story) -> Subscription:
        misspelt = cast.make_domain(told.running, "shop.nrothwind.example")
        replacement = cast.make_replacement(misspelt, "xn--bro-hoa.shop.northwind.example", told.reseller_admin)
        cast.end_operation(replacement.addition, state, finished_at=None)
        if removal:
            operation = remove_names(actor=told.reseller_admin, domains=[misspelt])[0]
            cast.end_operation(operation, removal)
            replacement.removal = operation
            replacement.save()
        return told.running

    return arranged


def _replacing() -> Scene:
    told = working()
    name = told.running.domains.get(name="mail.northwind.example")
    return Scene(told.reseller_admin, [told.running.code, name.code])


REMOVE = NAMES + "name-remove"
NAME_PAGES: list[Page] = [
    staff("name-list", refundable),
    staff("name-list", being_removed, "being removed"),
    staff("name-list", refundable, "filtered", query="?q=northwind&price=paid&sort=-price"),
    staff("name-list", long_over, "long after the term"),
    staff("name-list", without_names, "empty"),
    staff("name-list", refundable, "as an auditor", role=ResellerRole.AUDITOR),
    staff("name-history", with_history),
    staff("name-history", without_names, "empty"),
    staff("name-list", refundable, "one chosen", act=choosing("one.northwind"), lands=REMOVE),
    staff("name-list", refundable, "all chosen", act=choosing(), lands=REMOVE),
    staff("name-list", _replaced(), "being replaced"),
    staff("name-list", _replaced("refused"), "replacement refused"),
    staff("subscription-detail", _replaced("succeeded", "refused"), "old name not removed"),
    staff("name-replace", arrange=_replacing),
    staff("name-replace", arrange=_replacing, state="with errors", act=press("Get a quote", shows="are not public")),
    staff("name-remove", long_over, "long after the term"),
    staff("name-remove", without_names, "no name"),
]
