"""Suspending, reinstating and deactivating through the pages, with an ACME client that feels it at the CA."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Membership, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.models import AcmeAccount, Operation, Subscription
from subscriptions.sandbox.acme.service import AcmeService
from subscriptions.sandbox.acme.validation import accept_everything
from subscriptions.selectors.workflow import workflow_of
from tests import cast
from tests.ledger.world import World
from tests.sandbox.acme_client import BASE, AcmeClient, direct
from tests.subscriptions.views.staff.access_checks import status_for

Page = Callable[..., str]


def url_of(route: str, *of: Any) -> str:
    return reverse(f"subscriptions:{route}", args=[one.code for one in of])


def text_of(client: Client, url: str) -> str:
    """A page without its markup."""
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def work(world: World) -> None:
    """A worker carries out what waits for the account."""
    for operation in Operation.objects.filter(lane="account", state="queued"):
        world.work(operation)


# --- One story ------------------------------------------------------------------------------------------------------


def test_a_key_leaks(world: World, client: Client, no_broker: list[Any]) -> None:
    subscription = world.run(world.ready_subscription(), "www.example.com")
    operator = cast.make_user("otto@reseller.example", reseller_role=ResellerRole.OPERATOR)
    owner = cast.make_user("olga@northwind.example")
    cast.add_person(world.customer, owner, CustomerRole.OWNER)
    staff, customer = cast.sign_in(client, operator), cast.sign_in(Client(), owner)
    binding = world.binding(subscription)
    machine = AcmeClient(direct(AcmeService(world.ca, accept_everything)), f"{BASE}/v2/DV")

    # Nobody has registered, and nobody is listed; then one has.
    assert "No ACME client has registered" in text_of(staff, url_of("subscription-detail", subscription))
    assert machine.register(binding.eab_key_id, binding.eab_hmac_key.reveal()).status == 201
    world.clock.advance(minutes=1)
    world.read(subscription)
    page = text_of(staff, url_of("subscription-detail", subscription))
    assert "test-client 1.0" in page
    assert "ops@northwind.example" in page
    assert "192.0.2.7" in page
    assert "ACME client registered: test-client 1.0 from 192.0.2.7" in page
    assert "ACME client registered: test-client 1.0 from 192.0.2.7" in text_of(
        customer, url_of("my-activity", world.customer)
    )

    # Two clicks from the subscription's page.
    assert (
        f"{url_of('subscription-suspend', subscription)}?leaked=yes"
        in staff.get(url_of("subscription-detail", subscription)).content.decode()
    )
    asked = text_of(staff, f"{url_of('subscription-suspend', subscription)}?leaked=yes")
    assert "Suspend now – key leaked" in asked
    assert "nothing is refunded" in asked
    assert "To get money back, remove names first: 1 name can be refunded" in asked
    answer = staff.post(url_of("subscription-suspend", subscription), {"reason": "The key leaked."}, follow=True)
    assert "before all that is queued" in answer.content.decode()
    work(world)

    assert machine.order("www.example.com").problem[2] == "The account has been suspended"
    page = text_of(staff, url_of("subscription-detail", subscription))
    assert "otto@reseller.example had that done" in page
    assert "The key leaked." in page
    assert "Add names" not in page + text_of(staff, url_of("name-list", subscription))
    assert workflow_of(Subscription.objects.get(), operator) == []
    for route, of in (("my-home", []), ("my-subscription", [subscription]), ("my-setup", [subscription])):
        assert "uspended" in text_of(customer, url_of(route, *of))
    assert "None of your clients can order or renew" in text_of(
        customer, reverse("subscriptions:my-setup-client", args=[subscription.code, "certbot"])
    )
    assert "Suspension confirmed: Suspend ACME account with its key" in text_of(
        customer, url_of("my-activity", world.customer)
    )

    staff.post(url_of("subscription-reinstate", subscription), {"reason": ""})
    work(world)
    assert machine.order("www.example.com").status == 201
    assert "uspended" not in text_of(customer, url_of("my-home"))


# --- One client -----------------------------------------------------------------------------------------------------


@pytest.fixture
def registration(running_subscription: Subscription) -> AcmeAccount:
    return cast.make_client(running_subscription, ip_address="192.0.2.7")


def test_one_client_is_suspended(
    staff_client: Client, running_subscription: Subscription, registration: AcmeAccount, no_broker: list[Any]
) -> None:
    cast.make_client(running_subscription)
    url = url_of("client-suspend", running_subscription, registration)
    assert "Other clients of this key go on" in text_of(staff_client, url)
    staff_client.post(url, {"reason": "Strange orders."})
    operation = Operation.objects.get(lane="account")
    assert operation.arguments == {"acme_account_id": registration.acme_account_id}
    event = AuditEvent.objects.get(action="account.suspension_confirmed")
    assert (event.detail["acme_account_id"], event.detail["reason"]) == (
        registration.acme_account_id,
        "Strange orders.",
    )
    assert event.target_code == running_subscription.code
    page = text_of(staff_client, url_of("subscription-detail", running_subscription))
    assert "on its way to the CA" in page
    assert "hx-trigger" in staff_client.get(url_of("subscription-detail", running_subscription)).content.decode()


@pytest.mark.parametrize(
    ("status", "route"),
    [("valid", "client-reinstate"), ("suspended", "client-suspend"), ("deactivated", "client-suspend")],
)
def test_what_cannot_be_is_not_offered(
    staff_client: Client,
    running_subscription: Subscription,
    registration: AcmeAccount,
    no_broker: list[Any],
    status: str,
    route: str,
) -> None:
    AcmeAccount.objects.update(status=status)
    url = url_of(route, running_subscription, registration)
    assert "There is nothing to" in text_of(staff_client, url)
    answer = staff_client.post(url, {"reason": "Typed by hand"})
    assert "Nothing was changed" in answer.content.decode()
    assert not Operation.objects.filter(lane="account").exists()


def test_a_client_of_another_subscription_is_not_found(
    staff_client: Client, subscription: Subscription, registration: AcmeAccount
) -> None:
    assert staff_client.get(url_of("client-suspend", subscription, registration)).status_code == 404


def test_nothing_typed_is_lost(staff_client: Client, running_subscription: Subscription, no_broker: list[Any]) -> None:
    Operation.objects.create(
        kind="suspend_account",
        lane="account",
        state="sending",
        subscription=running_subscription,
        binding=running_subscription.binding,
        exclusive=f"account:{running_subscription.binding.pk}",
        arguments={"acme_account_id": "another"},
    )
    answer = staff_client.post(url_of("subscription-suspend", running_subscription), {"reason": "Typed with care"})
    page = answer.content.decode()
    assert "Wait until that is done" in page
    assert 'value="Typed with care"' in page


# --- For good -------------------------------------------------------------------------------------------------------


def test_deactivating_wants_the_label_typed(
    admin_client: Client, running_subscription: Subscription, no_broker: list[Any]
) -> None:
    url = url_of("subscription-deactivate", running_subscription)
    page = text_of(admin_client, url)
    assert "There is no way back" in page
    assert "in practice it is lost" in page
    for typed in ("", "Web shop"):
        answer = admin_client.post(url, {"label": typed, "reason": "Moved away"})
        assert 'value="Moved away"' in answer.content.decode()
        assert not Operation.objects.filter(lane="account").exists()
    admin_client.post(url, {"label": " intranet "})
    assert Operation.objects.get(lane="account").kind == "deactivate_account"


def test_only_admins_deactivate(
    operator: User, auditor: User, running_subscription: Subscription, registration: AcmeAccount
) -> None:
    for person in (operator, auditor):
        assert status_for(person, url_of("subscription-deactivate", running_subscription)) == 403
        assert status_for(person, url_of("client-deactivate", running_subscription, registration), "post") == 403
    page = cast.sign_in(Client(), operator).get(url_of("subscription-detail", running_subscription)).content.decode()
    assert "Deactivate" not in page
    assert "Suspend now" in page
    page = cast.sign_in(Client(), auditor).get(url_of("subscription-detail", running_subscription)).content.decode()
    assert "Suspend" not in page
    assert "192.0.2.7" in page


def test_where_no_reason_was_given_none_is_quoted(world: World, client: Client, no_broker: list[Any]) -> None:
    subscription = world.run(world.ready_subscription(), "www.example.com")
    staff = cast.sign_in(client, cast.make_user(reseller_role=ResellerRole.OPERATOR))
    staff.post(url_of("subscription-suspend", subscription))
    work(world)
    page = text_of(staff, url_of("subscription-detail", subscription))
    assert "had that done" in page
    assert "Confirmed." not in page


# --- What customers see ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", CustomerRole)
def test_where_clients_come_from_is_for_those_who_may_see_the_key(
    running_subscription: Subscription, registration: AcmeAccount, owner: User, role: CustomerRole
) -> None:
    Membership.objects.update(role=role)
    page = text_of(cast.sign_in(Client(), owner), url_of("my-subscription", running_subscription))
    assert "certbot 2.11" in page
    assert ("192.0.2.7" in page) is (role != CustomerRole.VIEWER)
    assert "Suspend" not in page


def test_one_client_that_is_suspended_is_told(
    running_subscription: Subscription, registration: AcmeAccount, owner: User
) -> None:
    cast.make_client(running_subscription, status="suspended")
    client = cast.sign_in(Client(), owner)
    setup = reverse("subscriptions:my-setup-client", args=[running_subscription.code, "certbot"])
    pages = [url_of("my-home"), url_of("my-subscription", running_subscription), setup]
    for url in [*pages, url_of("my-setup", running_subscription)]:
        assert "1 of 2 registered clients is suspended." in text_of(client, url)
    assert "No instructions" not in text_of(client, setup)


def test_no_other_client_is_said_to_go_on_where_there_is_none(
    running_subscription: Subscription, registration: AcmeAccount, owner: User
) -> None:
    client, url = cast.sign_in(Client(), owner), url_of("my-subscription", running_subscription)
    AcmeAccount.objects.filter(pk=registration.pk).update(status="suspended")
    assert "1 of 1 registered client is suspended. Such a client can order and renew nothing. Ask" in text_of(
        client, url
    )
    cast.make_client(running_subscription)
    assert "nothing; the others go on." in text_of(client, url)


def test_the_account_made_with_the_key_is_no_client(running_subscription: Subscription, owner: User) -> None:
    cast.make_client(running_subscription, status="suspended", user_agent="")
    client = cast.sign_in(Client(), owner)
    assert "Registered clients" not in text_of(client, url_of("my-subscription", running_subscription))
    assert "suspended" not in text_of(client, url_of("my-home"))
