"""SUSPENDACCOUNT, UNSUSPENDACCOUNT and DEACTIVATEACCOUNT: whom they reach, and what was before."""

import pytest

from .acme_client import AcmeClient
from .conftest import Binding, Desk

UPDATED = {"nRecordsUpdated": 1, "success": True}


def statuses(desk: Desk) -> list[str]:
    return [entry["accountStatus"] for entry in desk.ask("LISTACCOUNTS")["Accounts"]]


def second_account(client: AcmeClient, binding: Binding) -> str:
    """Register another client under the same key; gives its acmeAccountID."""
    other = AcmeClient(client.send)
    assert other.register(binding.key_id, binding.mac_key).status == 201
    return other.kid.rsplit("/", 1)[1]


def test_one_account_is_suspended_and_gets_its_state_back(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    other = second_account(registered, binding)
    one = {"acmeAccountID": other, "includeAdditionalAccounts": "N"}

    assert desk.ask("SUSPENDACCOUNT", **one) == UPDATED
    assert statuses(desk) == ["valid", "suspended"]
    assert registered.order("northwind.example").status == 201
    assert desk.ask("SUSPENDACCOUNT", **one) == {"nRecordsUpdated": 0, "success": True}

    assert desk.ask("UNSUSPENDACCOUNT", **one) == UPDATED
    assert statuses(desk) == ["valid", "valid"]
    assert desk.ask("UNSUSPENDACCOUNT", **one) == {"nRecordsUpdated": 0, "success": True}


def test_without_a_scope_the_whole_key_is_meant(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    other = second_account(registered, binding)

    assert desk.ask("SUSPENDACCOUNT", acmeAccountID=other)["nRecordsUpdated"] == 2
    assert registered.order("northwind.example").status == 403
    assert AcmeClient(registered.send).register(binding.key_id, binding.mac_key).status != 201

    assert desk.ask("UNSUSPENDACCOUNT", acmeAccountID=other)["nRecordsUpdated"] == 2
    assert registered.order("northwind.example").status == 201


def test_a_pending_account_is_pending_again(desk: Desk) -> None:
    scope = {"acmeAccountID": desk.new_account(), "includeAdditionalAccounts": "Y"}

    desk.ask("SUSPENDACCOUNT", **scope)
    suspended = statuses(desk)
    desk.ask("UNSUSPENDACCOUNT", **scope)

    assert (suspended, statuses(desk)) == (["suspended"], ["pending"])


def test_the_star_is_the_whole_reseller_and_no_other(desk: Desk, other_desk: Desk) -> None:
    desk.new_account()
    desk.new_account()
    other_desk.new_account()

    assert desk.ask("SUSPENDACCOUNT", includeAdditionalAccounts="*")["nRecordsUpdated"] == 2
    assert (statuses(desk), statuses(other_desk)) == (["suspended", "suspended"], ["pending"])


def test_deactivated_is_for_good(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    scope = {"acmeAccountID": binding.key_id, "includeAdditionalAccounts": "Y"}
    desk.ask("SUSPENDACCOUNT", **scope)

    assert desk.ask("DEACTIVATEACCOUNT", **scope) == UPDATED
    assert statuses(desk) == ["deactivated"]
    assert desk.ask("UNSUSPENDACCOUNT", **scope) == {"nRecordsUpdated": 0, "success": True}
    assert desk.refusal("DEACTIVATEACCOUNT", **scope) == (403, "Account could not be deactivated!")
    assert statuses(desk) == ["deactivated"]
    assert registered.order("northwind.example").status == 401


def test_deactivating_one_account_leaves_the_key(desk: Desk, registered: AcmeClient, binding: Binding) -> None:
    one = {"acmeAccountID": binding.key_id, "includeAdditionalAccounts": "N"}

    assert desk.ask("DEACTIVATEACCOUNT", **one) == UPDATED
    assert desk.refusal("DEACTIVATEACCOUNT", **one) == (403, "Account could not be deactivated!")
    assert AcmeClient(registered.send).register(binding.key_id, binding.mac_key).status == 201


def test_subscription_and_money_stay_as_they_are(desk: Desk, binding: Binding) -> None:
    before = desk.ask("LISTDOMAINS", acmeAccountID=binding.key_id), desk.sandbox.summary()["resellers"]

    desk.ask("DEACTIVATEACCOUNT", acmeAccountID=binding.key_id, includeAdditionalAccounts="Y")

    assert (desk.ask("LISTDOMAINS", acmeAccountID=binding.key_id), desk.sandbox.summary()["resellers"]) == before


@pytest.mark.parametrize("action", ["SUSPENDACCOUNT", "UNSUSPENDACCOUNT", "DEACTIVATEACCOUNT"])
def test_what_is_refused(desk: Desk, other_desk: Desk, action: str) -> None:
    invalid = "The value of the '{}' argument is invalid!"
    foreign = other_desk.new_account()

    assert desk.refusal(action) == (400, "The 'acmeAccountID' argument is missing!")
    assert desk.refusal(action, includeAdditionalAccounts="N") == (400, "The 'acmeAccountID' argument is missing!")
    assert desk.refusal(action, acmeAccountID=foreign) == (400, invalid.format("acmeAccountID"))
    assert desk.refusal(action, acmeAccountID=foreign, includeAdditionalAccounts="y") == (
        400,
        invalid.format("includeAdditionalAccounts"),
    )
    assert statuses(other_desk) == ["pending"]
