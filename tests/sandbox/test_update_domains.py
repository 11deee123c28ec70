"""UPDATEDOMAINS: names move from one pre-validation to another."""

import pytest

from subscriptions.sandbox import Sandbox

from .conftest import OV_URL, Desk

INVALID = (400, "The value of the 'ovAnchorOrderNumber' argument is invalid!")
EXPIRED = (403, "The subscription has expired or does not exist!")


@pytest.fixture
def acme_account_id(desk: Desk) -> str:
    """An OV account with three names under the pre-validation 111 and one under 222."""
    made = desk.new_account(OV_URL)
    desk.add(made, "northwind.example", ovAnchorOrderNumber="111", addAssociatedFQDN="Y")
    desk.add(made, "shop.northwind.example", ovAnchorOrderNumber="111")
    desk.add(made, "contoso.example", ovAnchorOrderNumber="222")
    return made


def anchors(desk: Desk, acme_account_id: str) -> dict[str, str]:
    listed = desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]
    return {entry["domainName"]: entry["ovAnchorOrderNumber"] for entry in listed}


def test_it_works(sandbox: Sandbox, desk: Desk, acme_account_id: str) -> None:
    money = sandbox.summary()["resellers"]
    move = {"acmeAccountID": acme_account_id, "oldOVAnchorOrderNumber": "111", "ovAnchorOrderNumber": "333"}

    assert desk.ask("UPDATEDOMAINS", **move) == {"nRecordsUpdated": 3, "success": True}
    assert anchors(desk, acme_account_id) == {
        "contoso.example": "222",
        "northwind.example": "333",
        "shop.northwind.example": "333",
        "www.northwind.example": "333",
    }
    assert desk.ask("UPDATEDOMAINS", **move) == {"nRecordsUpdated": 0, "success": True}
    assert sandbox.summary()["resellers"] == money


def test_without_the_old_number_all_names_move(desk: Desk, acme_account_id: str) -> None:
    content = desk.ask("UPDATEDOMAINS", acmeAccountID=acme_account_id, ovAnchorOrderNumber="222")

    assert content == {"nRecordsUpdated": 3, "success": True}
    assert set(anchors(desk, acme_account_id).values()) == {"222"}


def test_a_switch_has_the_old_number_required(sandbox: Sandbox, desk: Desk, acme_account_id: str) -> None:
    sandbox.switches.old_anchor_required = True
    arguments = {"acmeAccountID": acme_account_id, "ovAnchorOrderNumber": "333"}

    assert desk.refusal("UPDATEDOMAINS", **arguments) == (400, "The 'oldOVAnchorOrderNumber' argument is missing!")
    assert desk.ask("UPDATEDOMAINS", oldOVAnchorOrderNumber="222", **arguments)["nRecordsUpdated"] == 1


def test_what_is_refused(sandbox: Sandbox, desk: Desk, acme_account_id: str) -> None:
    def refusal(**arguments: str) -> tuple[int, str]:
        return desk.refusal("UPDATEDOMAINS", acmeAccountID=acme_account_id, **arguments)

    assert refusal(oldOVAnchorOrderNumber="111") == (400, "The 'ovAnchorOrderNumber' argument is missing!")
    assert refusal(ovAnchorOrderNumber="12x") == INVALID
    sandbox.switches.strict_anchors = frozenset({"111"})
    assert refusal(ovAnchorOrderNumber="333") == INVALID
    assert desk.refusal("UPDATEDOMAINS", acmeAccountID=desk.new_account(), ovAnchorOrderNumber="111") == (
        403,
        "Not applicable for DV!",
    )
    sandbox.advance(days=396)
    assert refusal(ovAnchorOrderNumber="111") == EXPIRED


def test_names_removed_or_of_another_subscription_stay(desk: Desk, acme_account_id: str) -> None:
    other = desk.new_account(OV_URL)
    desk.add(other, "northwind.example", ovAnchorOrderNumber="111")
    desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="shop.northwind.example")

    content = desk.ask(
        "UPDATEDOMAINS", acmeAccountID=acme_account_id, oldOVAnchorOrderNumber="111", ovAnchorOrderNumber="333"
    )

    assert content["nRecordsUpdated"] == 2
    assert anchors(desk, other) == {"northwind.example": "111"}
