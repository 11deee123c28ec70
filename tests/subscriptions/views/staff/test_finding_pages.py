"""Findings: their list, the page of one, and closing it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from subscriptions.models import Baseline, Finding, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

LIST = reverse("subscriptions:finding-list")
State = Finding.State


def page_of(finding: Finding, route: str = "finding-detail") -> str:
    """Give the address of a page about a finding."""
    return reverse(f"subscriptions:{route}", args=[finding.code])


def seen_on(client: Client, finding: Finding) -> str:
    """Give what the page's form says that it has shown."""
    return str(client.get(page_of(finding)).context["form"].initial["seen"])


def test_the_list_has_the_open_ones_first_and_says_who_closed_the_others(
    staff_client: Client, running_subscription: Subscription, reseller_admin: User
) -> None:
    closed = {"state": State.CLOSED, "closed_by": reseller_admin, "reason": "Their own order."}
    cast.make_finding(running_subscription, Finding.Sort.UNKNOWN_NAME, **closed)
    cast.make_finding(running_subscription)
    cast.make_finding(running_subscription, Finding.Sort.OTHER_AMOUNT, state=State.SEEN_ONCE, opened_at=None)

    page = staff_client.get(LIST).content.decode()

    rows = page[page.index("<tbody>") :]
    assert rows.index("Charge that nothing explains") < rows.index("Name that nothing explains")
    assert "Ada Admin: Their own order." in rows
    assert "Another amount" not in rows
    _, _, open_rows = staff_client.get(LIST, {"state": "open"}).content.decode().partition("<tbody>")
    assert "Charge that nothing explains" in open_rows
    assert "Name that nothing explains" not in open_rows


def test_the_list_is_searched_and_stands_any_query(staff_client: Client, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription)

    assert page_of(finding) in staff_client.get(LIST, {"q": "northwind"}).content.decode()
    assert page_of(finding) not in staff_client.get(LIST, {"q": "contoso"}).content.decode()
    for query in ({"state": "x"}, {"sort_of": "x"}, {"subscription": "x"}, {"sort": "x"}, {"page": "99"}):
        assert staff_client.get(LIST, query).status_code == 200


def test_an_empty_list_says_so(staff_client: Client) -> None:
    assert "The CA and the ledger agree" in staff_client.get(LIST).content.decode()


def test_the_page_tells_it(staff_client: Client, running_subscription: Subscription) -> None:
    page = staff_client.get(page_of(cast.make_finding(running_subscription))).content.decode()

    assert "USD 30.00 for odd.example.com (order 991" in page
    assert "Money moved: USD 30.00" in page
    assert "A reseller admin can close it" in page
    assert 'name="reason"' not in page


ODD = {"is_ripe": True, "key": "k", "amount": "9E999999", "operation": 7, "names": {"a": 1}, "transaction": 2**70}


@pytest.mark.parametrize("sort", [*Finding.Sort, "of another version"])
@pytest.mark.parametrize(
    "lines",
    [
        [],
        "odd",
        {"a": 1},
        [None, 7, "x", []],
        [{"is_ripe": True}],
        [{"is_ripe": True, "since": "2026-13-45T00:00"}],
        [ODD],
    ],
)
def test_lines_of_any_shape(admin_client: Client, running_subscription: Subscription, sort: str, lines: Any) -> None:
    finding = Finding.objects.create(
        binding=running_subscription.binding, sort=sort[:20], state="open", opened_at=timezone.now(), lines=lines
    )
    subscription = reverse("subscriptions:subscription-detail", args=[running_subscription.code])

    for url in (LIST, page_of(finding), subscription):
        assert admin_client.get(url).status_code == 200
    seen = {"seen": seen_on(admin_client, finding), "reason": "Looked at."}
    assert admin_client.post(page_of(finding, "finding-close"), seen).status_code == 302


def test_close_works(admin_client: Client, reseller_admin: User, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription)
    sent = {"seen": seen_on(admin_client, finding), "reason": "Their own order."}

    response = admin_client.post(page_of(finding, "finding-close"), sent)

    finding.refresh_from_db()
    assert response["Location"] == page_of(finding)
    assert (finding.state, finding.closed_by, finding.reason) == (State.CLOSED, reseller_admin, "Their own order.")
    assert AuditEvent.objects.get().detail["reason"] == "Their own order."
    page = admin_client.get(page_of(finding)).content.decode()
    assert "Ada Admin closed it" in page
    assert 'name="reason"' not in page


def test_close_sent_twice_closes_once(admin_client: Client, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription)
    sent = {"seen": seen_on(admin_client, finding), "reason": "Their own order."}
    admin_client.post(page_of(finding, "finding-close"), sent)

    page = admin_client.post(page_of(finding, "finding-close"), sent).content.decode()

    assert "It is “Closed” by now. Nothing was changed." in page
    assert AuditEvent.objects.count() == 1


def test_close_of_what_has_changed_is_shown_again(admin_client: Client, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription)
    seen = seen_on(admin_client, finding)
    Finding.objects.update(lines=[*finding.lines, finding.lines[0] | {"key": "adddomain:992"}])

    response = admin_client.post(page_of(finding, "finding-close"), {"seen": seen, "reason": "Their own order."})

    assert "Its lines have changed" in response.content.decode()
    assert Finding.objects.get().state == State.OPEN
    seen = response.context["form"]["seen"].value()
    again = admin_client.post(page_of(finding, "finding-close"), {"seen": seen, "reason": "Their own orders."})
    assert again.status_code == 302


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_close_needs_a_reason(admin_client: Client, running_subscription: Subscription, reason: str) -> None:
    finding = cast.make_finding(running_subscription)
    sent = {"seen": seen_on(admin_client, finding), "reason": reason}

    response = admin_client.post(page_of(finding, "finding-close"), sent)

    assert "invalid-feedback" in response.content.decode()
    assert Finding.objects.get().state == State.OPEN
    assert not AuditEvent.objects.exists()


def test_a_finding_of_one_reading_cannot_be_closed(admin_client: Client, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription, state=State.SEEN_ONCE, opened_at=None)
    sent = {"seen": seen_on(admin_client, finding), "reason": "Too early."}

    assert "“Seen once” by now" in admin_client.post(page_of(finding, "finding-close"), sent).content.decode()
    assert Finding.objects.get().state == State.SEEN_ONCE


def test_the_subscription_page_shows_open_ones(staff_client: Client, running_subscription: Subscription) -> None:
    finding = cast.make_finding(running_subscription)
    closed = cast.make_finding(running_subscription, Finding.Sort.UNKNOWN_NAME, state=State.CLOSED)
    url = reverse("subscriptions:subscription-detail", args=[running_subscription.code])

    page = staff_client.get(url).content.decode()

    assert page_of(finding) in page
    assert "1 line in which the CA and the ledger differ" in page
    assert page_of(closed) not in page


def test_customers_see_none(client: Client, owner: User, running_subscription: Subscription) -> None:
    cast.make_finding(running_subscription)
    url = reverse("subscriptions:my-subscription", args=[running_subscription.code])

    page = cast.sign_in(client, owner).get(url).content.decode()

    assert "nothing explains" not in page
    assert "odd.example.com" not in page


def test_charges_that_could_not_be_read_are_said(staff_client: Client, running_subscription: Subscription) -> None:
    url = reverse("subscriptions:subscription-detail", args=[running_subscription.code])
    title, binding = "The CA’s charges could not be read", running_subscription.binding
    rows = Subscription.objects.filter(pk=running_subscription.pk)
    rows.update(synced_at=timezone.now())
    assert title not in staff_client.get(url).content.decode()

    Baseline.objects.create(binding=binding, unread=["LISTDOMAINS: odd", "LISTTRANSACTIONS: no JSON"])
    assert "LISTTRANSACTIONS: no JSON" in staff_client.get(url).content.decode()
    rows.update(synced_at=timezone.now())  # read since
    assert title not in staff_client.get(url).content.decode()
    rows.update(sync_problem="LISTTRANSACTIONS could not be read. No JSON.")
    assert title in staff_client.get(url).content.decode()
    rows.update(sync_problem="LISTDOMAINS could not be read. No JSON.")
    assert title not in staff_client.get(url).content.decode()


def test_access(
    owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User, running_subscription: Subscription
) -> None:
    finding = cast.make_finding(running_subscription)
    for url in (LIST, page_of(finding)):
        assert status_for(None, url) == 302
        assert {status_for(user, url) for user in (stranger, owner)} == {404}
        assert {status_for(user, url) for user in (auditor, operator, reseller_admin)} == {200}
    close = page_of(finding, "finding-close")
    assert {status_for(user, close, "post", {"reason": "x"}) for user in (stranger, owner)} == {404}
    assert {status_for(user, close, "post", {"reason": "x"}) for user in (auditor, operator)} == {403}
    assert status_for(reseller_admin, close) == 405
    assert status_for(auditor, unknown("finding-detail")) == 404
    assert Finding.objects.get().state == State.OPEN
