"""Types of certificates that the CA lists and the portal cannot sell yet: how far they are away."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.errors import ServiceError
from subscriptions.models import AcmeServer, Operation, Quote, Subscription, UnassignedAccount
from subscriptions.rules import certificate_types
from subscriptions.sandbox import Reply
from subscriptions.sandbox.products import PRODUCTS
from subscriptions.selectors.accounts import offered_servers, suggested_server
from subscriptions.services.subscriptions import create_subscription
from subscriptions.worker import readings, unassigned
from tests import cast
from tests.ledger.world import World

State = Operation.State
EV = "https://acme.sectigo.com/v2/EV"


@pytest.fixture
def listing(world: World) -> World:
    """The CA has every type set up for the reseller from now on."""
    world.ca.set_servers("northwind", PRODUCTS)
    readings.sync_servers(client=world.caas)
    return world


def new_subscription(world: World) -> Subscription:
    """Staff send the form for an EV account, with a pre-validation that is recorded for EV."""
    prevalidation = cast.make_prevalidation(world.customer, number="990000001")
    prevalidation.type = "EV"
    prevalidation.save()
    return create_subscription(
        actor=world.staff,
        customer=world.customer,
        server=AcmeServer.objects.get(validation_type="EV"),
        term_years=1,
        prevalidation=prevalidation,
        form_token=uuid4(),
    )


def with_another_argument(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client sends, and reads, the argument that EV takes."""
    answer = world.ca.handle_admin

    def handle(body: bytes, **told: Any) -> Reply:
        return answer(body.replace(b"ovAnchorOrderNumber", b"evAnchorOrderNumber"), **told)

    def shown(content: dict[str, Any]) -> None:
        for entry in content["Domains"]:
            entry["ovAnchorOrderNumber"] = entry.pop("evAnchorOrderNumber")

    monkeypatch.setattr(world.ca, "handle_admin", handle)
    world.rewrite("LISTDOMAINS", shown)


def test_11_15_they_are_known_and_not_offered(listing: World) -> None:
    assert set(AcmeServer.objects.values_list("validation_type", flat=True)) == {"DV", "OV", "EV", "QWAC"}
    assert {server.validation_type for server in offered_servers()} == {"DV", "OV"}
    assert {server.validation_type for server in AcmeServer.objects.not_sold()} == {"EV", "QWAC"}

    with pytest.raises(ServiceError, match="a pre-validation for EV"):
        new_subscription(listing)
    assert not Operation.objects.exists()
    assert listing.run(listing.ready_subscription("OV")).domains.count() == 1


def test_11_15_a_row_an_argument_and_a_field_would_sell_them(listing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(certificate_types.PREVALIDATED, "EV", True)  # the row; new_subscription sets the field

    subscription = new_subscription(listing)
    listing.work(subscription.operations.get())
    subscription.refresh_from_db()
    quote = listing.quote(subscription, ["example.com"])
    assert quote.state == Quote.State.REFUSED
    assert quote.lines.get().error_detail == "The value of the 'ovAnchorOrderNumber' argument is invalid!"

    with_another_argument(listing, monkeypatch)
    operation = listing.add(subscription, "example.com")
    assert operation.state == State.SUCCEEDED
    assert operation.charged == 400
    listing.read_twice(subscription)
    assert listing.findings() == {}


def test_11_15_an_account_made_elsewhere_is_taken_for_no_type_that_is_sold(listing: World) -> None:
    made = listing.caas.preregister(directory_url=EV, years=1, last_look=lambda: True)
    content = {"acmeAccountID": made.acme_account_id, "domainName": "example.com", "evAnchorOrderNumber": "7"}
    login = {"loginName": "northwind", "loginPassword": "not-a-real-password", "action": "ADDDOMAIN"}
    body = "&".join(f"{name}={value}" for name, value in {**login, **content}.items())
    assert listing.ca.handle_admin(body.encode()).status == 200

    for _ in range(2):
        unassigned.look_for_unassigned(listing.caas)
        listing.clock.advance(minutes=10)
    account = UnassignedAccount.objects.get()
    assert (account.names, account.carries_anchor, suggested_server(account)) == (["example.com"], None, None)
