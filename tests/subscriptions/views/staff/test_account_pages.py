"""ACME accounts at the CA that belong to no subscription: the list, and what a reseller admin says of one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Customer, User
from subscriptions.models import AcmeServer, Prevalidation, Subscription, UnassignedAccount
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

LIST = reverse("subscriptions:account-list")
State = UnassignedAccount.State


def page_of(account: UnassignedAccount, route: str = "account-detail") -> str:
    """Give the address of a page about an account."""
    return reverse(f"subscriptions:{route}", args=[account.code])


@pytest.fixture
def account(db: None) -> UnassignedAccount:
    return cast.make_unassigned(read_at=timezone.now(), names=[])


@pytest.fixture
def typed(customer: Customer, server_dv: AcmeServer) -> dict[str, Any]:
    return {"customer": "northwind", "server": server_dv.code, "term_years": "2", "label": "", "form_token": uuid4()}


def test_the_list_shows_what_waits_for_a_word(admin_client: Client, account: UnassignedAccount) -> None:
    others = [cast.make_unassigned(state=state) for state in State if state != State.UNASSIGNED]

    page = admin_client.get(LIST).content.decode()

    assert account.eab_key_id in page
    assert [one.eab_key_id for one in others if one.eab_key_id in page] == []


@pytest.mark.parametrize("state", [State.ASSIGNED, State.NOT_OURS, State.GONE])
def test_what_was_judged_is_found_by_its_state(admin_client: Client, account: UnassignedAccount, state: str) -> None:
    judged = cast.make_unassigned(state=state, reason="A test by cURL.")

    page = admin_client.get(LIST, {"state": state}).content.decode()

    assert judged.eab_key_id in page
    assert "A test by cURL." in page
    assert account.eab_key_id not in page


def test_the_list_is_searched_and_stands_any_query(admin_client: Client, account: UnassignedAccount) -> None:
    cast.make_unassigned("another-key")

    assert "another-key" in admin_client.get(LIST, {"q": "ANOTHER"}).content.decode()
    assert account.eab_key_id not in admin_client.get(LIST, {"q": "another"}).content.decode()
    for query in ({"state": "seen_once"}, {"state": "x"}, {"sort": "x"}, {"page": "9999"}):
        assert admin_client.get(LIST, query).status_code == 200


def test_an_empty_list_says_so(admin_client: Client) -> None:
    assert "Every ACME account is accounted for" in admin_client.get(LIST).content.decode()


def test_the_page_shows_what_was_read_and_who_has_its_names(
    admin_client: Client, running_subscription: Subscription
) -> None:
    expires_at = timezone.now() + timedelta(days=200)
    names = ["example.com", "odd.example.net"]
    account = cast.make_unassigned(names=names, carries_anchor=True, expires_at=expires_at, read_at=timezone.now())

    page = admin_client.get(page_of(account)).content.decode()

    assert "odd.example.net" in page
    assert "most likely of an OV type" in page
    assert reverse("subscriptions:subscription-detail", args=[running_subscription.code]) in page
    assert page_of(account, "account-assign") in page
    assert page_of(account, "account-not-ours") in page


@pytest.mark.parametrize(
    ("state", "assignable"), [("seen_once", 0), ("unassigned", 1), ("not_ours", 1), ("gone", 0), ("assigned", 0)]
)
def test_what_can_be_done_follows_from_the_state(
    admin_client: Client, subscription: Subscription, state: str, assignable: int
) -> None:
    fields: dict[str, Any] = (
        {"subscription": subscription, "customer": subscription.customer} if state == "assigned" else {}
    )
    account = cast.make_unassigned(state=state, **fields)

    page = admin_client.get(page_of(account)).content.decode()

    assert page.count(page_of(account, "account-assign")) == assignable
    assert page.count(page_of(account, "account-not-ours")) == (state == "unassigned")
    form = admin_client.get(page_of(account, "account-assign")).content.decode()
    assert ("There is nothing to assign" in form) == (not assignable)


def test_assign_works(
    admin_client: Client,
    reseller_admin: User,
    account: UnassignedAccount,
    typed: dict[str, Any],
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = admin_client.post(page_of(account, "account-assign"), typed)

    subscription = Subscription.objects.get()
    account.refresh_from_db()
    assert response["Location"] == reverse("subscriptions:subscription-detail", args=[subscription.code])
    assert (subscription.customer.name, subscription.term_years, subscription.creation) == (
        "Northwind Traders",
        2,
        "creating",
    )
    assert (account.state, account.subscription, account.decided_by) == (State.ASSIGNED, subscription, reseller_admin)
    assert no_broker == [("read_assigned_account", (account.pk,))]
    event = AuditEvent.objects.get()
    assert (event.action, event.target_code, event.actor_code) == (
        "account.assigned",
        subscription.code,
        reseller_admin.code,
    )
    assert event.detail["eab_key_id"] == account.eab_key_id


def test_the_same_form_sent_twice_assigns_once(
    admin_client: Client, account: UnassignedAccount, typed: dict[str, Any]
) -> None:
    answers = [admin_client.post(page_of(account, "account-assign"), typed) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Subscription.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_the_second_of_two_people_is_told(
    admin_client: Client, account: UnassignedAccount, typed: dict[str, Any]
) -> None:
    cast.make_customer("Contoso Ltd")
    admin_client.post(page_of(account, "account-assign"), typed)

    again = typed | {"customer": "Contoso Ltd", "form_token": uuid4()}
    page = admin_client.post(page_of(account, "account-assign"), again).content.decode()

    assert "It was assigned to Northwind Traders meanwhile. Nothing was changed." in page
    assert Subscription.objects.count() == 1
    not_ours = admin_client.post(page_of(account, "account-not-ours"), {"reason": "A test."}).content.decode()
    assert "It was assigned to Northwind Traders meanwhile." in not_ours
    account.refresh_from_db()
    assert (account.state, account.customer and account.customer.name) == (State.ASSIGNED, "Northwind Traders")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"customer": "Nobody"}, "No customer is called"),
        ({"customer": ""}, "Fill this in."),
        ({"server": uuid4()}, "This type is no longer offered"),
        ({"term_years": "4"}, "This is not offered here. Choose one of those that are."),
        ({"term_years": ""}, "Choose one."),
        ({"label": "two\nlines"}, "invalid-feedback"),
        ({"form_token": "x"}, "Send again"),
    ],
)
def test_bad_input(
    admin_client: Client, account: UnassignedAccount, typed: dict[str, Any], wrong: dict[str, Any], words: str
) -> None:
    response = admin_client.post(page_of(account, "account-assign"), typed | wrong)

    assert response.status_code == 200
    assert words in response.content.decode()
    assert Subscription.objects.count() == 0
    assert UnassignedAccount.objects.get().state == State.UNASSIGNED


def test_ov_needs_the_customers_own_prevalidation(
    admin_client: Client,
    account: UnassignedAccount,
    typed: dict[str, Any],
    server_ov: AcmeServer,
    prevalidation: Prevalidation,
) -> None:
    url, ov = page_of(account, "account-assign"), typed | {"server": server_ov.code}
    foreign = cast.make_prevalidation(cast.make_customer("Contoso Ltd"))

    assert "needs the pre-validation" in admin_client.post(url, ov).content.decode()
    refused = admin_client.post(url, ov | {"prevalidation": foreign.code}).content.decode()
    assert "does not belong to the customer" in refused
    assert admin_client.post(url, ov | {"prevalidation": prevalidation.code}).status_code == 302
    assert Subscription.objects.get().prevalidation == prevalidation


@pytest.mark.parametrize(("anchored", "suggested"), [(True, "OV"), (False, "DV")])
def test_the_type_its_names_speak_for_is_suggested(
    admin_client: Client, server_dv: AcmeServer, server_ov: AcmeServer, anchored: bool, suggested: str
) -> None:
    account = cast.make_unassigned(names=["a.example.com"], carries_anchor=anchored, read_at=timezone.now())

    page = admin_client.get(page_of(account, "account-assign")).content.decode()

    chosen = {"DV": server_dv, "OV": server_ov}[suggested]
    [card] = [part for part in page.split('class="choice-card"') if str(chosen.code) in part]
    assert "checked" in card
    assert "suggested" in card
    assert page.count("suggested") == 1


def test_without_names_nothing_is_suggested(
    admin_client: Client, account: UnassignedAccount, server_ov: AcmeServer
) -> None:
    page = admin_client.get(page_of(account, "account-assign")).content.decode()

    assert "suggested" not in page
    assert page.count('name="term_years"') == 3


def test_a_term_that_the_expiry_leaves_alone_is_not_asked_for(
    admin_client: Client, typed: dict[str, Any], server_dv: AcmeServer
) -> None:
    far = timezone.now() + timedelta(days=900)
    account = cast.make_unassigned(names=["a.example.com"], expires_at=far, read_at=timezone.now())
    url = page_of(account, "account-assign")

    assert 'name="term_years"' not in admin_client.get(url).content.decode()
    admin_client.post(url, typed | {"term_years": "1"})

    assert Subscription.objects.get().term_years == 3


def test_not_ours_works(admin_client: Client, reseller_admin: User, account: UnassignedAccount) -> None:
    response = admin_client.post(page_of(account, "account-not-ours"), {"reason": "A test by cURL."})

    account.refresh_from_db()
    assert response["Location"] == LIST
    assert (account.state, account.reason, account.decided_by) == (State.NOT_OURS, "A test by cURL.", reseller_admin)
    event = AuditEvent.objects.get()
    assert (event.action, event.target_code) == ("account.not_ours", account.code)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_not_ours_needs_a_reason(admin_client: Client, account: UnassignedAccount, reason: str) -> None:
    response = admin_client.post(page_of(account, "account-not-ours"), {"reason": reason})

    assert response.status_code == 200
    assert "invalid-feedback" in response.content.decode()
    assert UnassignedAccount.objects.get().state == State.UNASSIGNED
    assert not AuditEvent.objects.exists()


def test_what_is_not_ours_can_be_assigned_after_all(
    admin_client: Client, account: UnassignedAccount, typed: dict[str, Any]
) -> None:
    admin_client.post(page_of(account, "account-not-ours"), {"reason": "A mistake."})

    assert admin_client.post(page_of(account, "account-assign"), typed).status_code == 302
    account.refresh_from_db()
    assert (account.state, account.reason) == (State.ASSIGNED, "")


@pytest.mark.parametrize("names", [None, [], "odd", 7, {"a": 1}, [1, None, {"b": []}]])
def test_names_of_any_shape(admin_client: Client, names: Any, server_dv: AcmeServer) -> None:
    account = cast.make_unassigned(names=names, read_at=timezone.now())

    for url in (LIST, page_of(account), page_of(account, "account-assign"), page_of(account, "account-not-ours")):
        assert admin_client.get(url).status_code == 200


def test_the_subscription_page_says_what_waits(admin_client: Client, customer: Customer, server_dv: AcmeServer) -> None:
    subscription = Subscription.objects.create(customer=customer, server=server_dv, term_years=1)
    account = cast.make_unassigned(state="assigned", subscription=subscription, customer=customer)
    url = reverse("subscriptions:subscription-detail", args=[subscription.code])

    reading = admin_client.get(url).content.decode()
    UnassignedAccount.objects.filter(pk=account.pk).update(problem="The gate is closed.")
    problem = admin_client.get(url).content.decode()

    assert "being read at the CA" in reading
    assert 'hx-trigger="every 2s"' in reading
    assert "The gate is closed." in problem
    assert "every five minutes by itself" in problem
    assert 'hx-trigger="every 2s"' not in problem
    assert "being created" not in (reading + problem).lower()


def test_access(
    owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User, account: UnassignedAccount
) -> None:
    urls = [LIST, *(page_of(account, f"account-{page}") for page in ("detail", "assign", "not-ours"))]
    for url in urls:
        assert status_for(None, url) == 302
        assert {status_for(user, url) for user in (stranger, owner)} == {404}
        assert {status_for(user, url) for user in (auditor, operator)} == {403}
        assert status_for(reseller_admin, url) == 200
    for url in urls[2:]:
        assert {status_for(user, url, "post", {"reason": "x"}) for user in (auditor, operator)} == {403}
    assert UnassignedAccount.objects.get().state == State.UNASSIGNED
    assert status_for(reseller_admin, unknown("account-detail")) == 404
    assert status_for(reseller_admin, LIST, "post") == 405
