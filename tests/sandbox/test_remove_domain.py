"""REMOVEDOMAIN: companions and refunds."""

import pytest

from subscriptions.sandbox import Sandbox

from .conftest import LOGIN_NAME, Desk


def net(sandbox: Sandbox) -> str:
    return sandbox.summary()["resellers"][LOGIN_NAME]["net"]


def present(desk: Desk, acme_account_id: str) -> list[str]:
    return [entry["domainName"] for entry in desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]]


@pytest.mark.parametrize(("days", "left_to_pay"), [(0, "0.00"), (29, "0.00"), (30, "50.00")])
def test_paid_name_goes_with_its_companion(sandbox: Sandbox, desk: Desk, days: int, left_to_pay: str) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example", addAssociatedFQDN="Y")
    sandbox.advance(days=days)

    content = desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="northwind.example")

    assert content == {
        "success": True,
        "Domains": [{"domainName": "northwind.example"}, {"domainName": "www.northwind.example"}],
    }
    assert present(desk, acme_account_id) == []
    assert net(sandbox) == left_to_pay


def test_free_name_goes_alone_and_may_come_back(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example", addAssociatedFQDN="Y")

    content = desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="www.northwind.example")

    assert content["Domains"] == [{"domainName": "www.northwind.example"}]
    assert net(sandbox) == "50.00"
    assert desk.add(acme_account_id, "www.northwind.example")["cost"] == 0


def test_name_that_is_not_there_is_refused(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    refused = (403, "Domain could not be removed!")
    arguments = {"acmeAccountID": acme_account_id, "domainName": "northwind.example"}

    assert desk.refusal("REMOVEDOMAIN", **arguments) == refused
    desk.add(acme_account_id, "northwind.example")
    sandbox.advance(days=396)
    assert desk.refusal("REMOVEDOMAIN", **arguments) == refused
    assert sandbox.summary()["refunds"] == []
