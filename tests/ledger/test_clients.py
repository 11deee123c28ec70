"""The clients registered under a key: each is told of once, and so is each new address and user agent of one."""

import json
from typing import Any

import pytest

from accounts.models import AuditEvent
from subscriptions.explain.happenings import sentence
from subscriptions.models import AcmeAccount, Subscription
from subscriptions.sandbox import Fault
from tests.ledger.world import World

CERTBOT, LEGO = "CertbotACMEClient/2.9.0 (certbot; Linux) Authenticator/webroot", "lego-cli/4.1 (release; linux; amd64)"


@pytest.fixture
def ready(world: World) -> Subscription:
    return world.ready_subscription()


def seen(world: World, subscription: Subscription, account: str, agent: str, address: str, contacts: Any = ()) -> None:
    """A client has shown itself to the CA, and a worker reads that."""
    with world.ca.state.transaction() as db:
        db.execute(
            "UPDATE accounts SET status = 'valid', user_agent = ?, ip_address = ?, last_activity = ?, contacts = ?"
            " WHERE acme_account_id = ?",
            (agent, address, "2026-11-26T09:00:00Z", json.dumps(contacts), account),
        )
    world.clock.advance(minutes=1)
    world.read(subscription)


def told(subscription: Subscription) -> list[str]:
    """What the audit trail says of the clients of a subscription, in order."""
    events = AuditEvent.objects.filter(target_code=subscription.code, action__startswith="client.").order_by("pk")
    assert {event.customer_code for event in events} <= {subscription.customer.code}
    return [sentence(event) for event in events]


def test_the_account_that_is_made_with_the_key_is_no_client(world: World, ready: Subscription) -> None:
    world.read(ready)
    named = world.binding(ready).acme_account_id
    world.caas.suspend_account(acme_account_id=named, whole_key=True, last_look=lambda: True)
    world.clock.advance(minutes=1)
    world.read(ready)
    assert [row.status for row in AcmeAccount.objects.all()] == ["suspended"]
    assert not AcmeAccount.objects.of_clients().exists()
    assert told(ready) == []


def test_a_new_client_is_told_once(world: World, ready: Subscription) -> None:
    named = world.binding(ready).acme_account_id
    seen(world, ready, named, CERTBOT, "192.0.2.1", ["ops@northwind.example"])
    world.read_twice(ready)
    assert told(ready) == ["ACME client registered: CertbotACMEClient 2.9.0 from 192.0.2.1"]
    client = AcmeAccount.objects.of_clients().get()
    assert (client.contacts, client.registered_at is not None) == (["ops@northwind.example"], True)
    assert client.registered_at != client.first_seen_at


def test_one_that_alternates_between_two_addresses_is_told_twice(world: World, ready: Subscription) -> None:
    named = world.binding(ready).acme_account_id
    for _ in range(3):
        for address in ("192.0.2.1", "192.0.2.2"):
            seen(world, ready, named, CERTBOT, address)
    assert told(ready) == [
        "ACME client registered: CertbotACMEClient 2.9.0 from 192.0.2.1",
        "ACME client at a new IP address: CertbotACMEClient 2.9.0 from 192.0.2.2",
    ]


def test_a_new_user_agent_is_told(world: World, ready: Subscription) -> None:
    named = world.binding(ready).acme_account_id
    for agent in (CERTBOT, LEGO, CERTBOT):
        seen(world, ready, named, agent, "192.0.2.1")
    assert told(ready)[1:] == ["ACME client with a new user agent: lego-cli 4.1 from 192.0.2.1"]


def test_what_the_ca_leaves_out_of_a_list_is_kept(world: World, ready: Subscription) -> None:
    named = world.binding(ready).acme_account_id
    seen(world, ready, named, CERTBOT, "192.0.2.1")

    def leave_out(answer: dict[str, Any]) -> None:
        for row in answer["Accounts"]:
            row.pop("userAgent")
            row.pop("ipAddress")

    world.rewrite("LISTACCOUNTS", leave_out)
    world.clock.advance(minutes=1)
    world.read(ready)
    client = AcmeAccount.objects.of_clients().get()
    assert (client.user_agent, client.ip_address) == (CERTBOT, "192.0.2.1")
    assert len(told(ready)) == 1


def contacts_asked(world: World) -> int:
    return [form["action"] for form in world.forms].count(["LISTCONTACTS"])


def test_contacts_are_asked_for_once_for_each_state(world: World, ready: Subscription) -> None:
    named = world.binding(ready).acme_account_id
    world.read(ready)
    assert contacts_asked(world) == 0  # nobody has registered
    seen(world, ready, named, CERTBOT, "192.0.2.1", ["a@northwind.example"])
    world.read_twice(ready)
    assert contacts_asked(world) == 1
    world.caas.suspend_account(acme_account_id=named, whole_key=True, last_look=lambda: True)
    world.clock.advance(minutes=1)
    world.read_twice(ready)
    assert contacts_asked(world) == 2


@pytest.mark.parametrize(("fault", "asked"), [(Fault.server_error(), 2), (Fault.error("permission"), 1)])
def test_contacts_that_cannot_be_read_cost_nothing_else(
    world: World, ready: Subscription, fault: Fault, asked: int
) -> None:
    world.ca.arm("LISTCONTACTS", fault)
    seen(world, ready, world.binding(ready).acme_account_id, CERTBOT, "192.0.2.1", ["a@northwind.example"])
    assert (ready.sync_problem, AcmeAccount.objects.get().contacts) == ("", None)
    world.read_twice(ready)
    assert contacts_asked(world) == asked
    assert AcmeAccount.objects.get().contacts == (["a@northwind.example"] if asked == 2 else None)


def test_many_clients_are_asked_about_a_few_at_a_time(world: World, ready: Subscription) -> None:
    for number in range(7):
        world.register(ready, f"client-{number}")
    world.read(ready)
    assert contacts_asked(world) == 5
    world.read(ready)
    assert contacts_asked(world) == 7
