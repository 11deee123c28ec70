"""The control endpoint's topics."""

import json
from typing import Any

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.control import handle_control

from .acme_client import AcmeClient
from .conftest import LOGIN_NAME, Binding, Desk


def send(sandbox: Sandbox, topic: str, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    reply = handle_control(sandbox, "POST", f"/_sandbox/{topic}", json.dumps(content).encode())
    answer: dict[str, Any] = json.loads(reply.body)
    return reply.status, answer


def read(sandbox: Sandbox, topic: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(handle_control(sandbox, "GET", f"/_sandbox/{topic}", b"").body)
    return answer


def test_clock(sandbox: Sandbox) -> None:
    assert read(sandbox, "clock") == {"now": "2026-11-23T10:30:00Z"}
    assert send(sandbox, "clock", {"days": 1, "hours": -1}) == (200, {"now": "2026-11-24T09:30:00Z"})
    assert send(sandbox, "clock", {"now": "2030-01-01T00:00:00+01:00"}) == (200, {"now": "2029-12-31T23:00:00Z"})
    assert send(sandbox, "clock", {"reset": True}) == (200, {"now": "2026-11-23T10:30:00Z"})
    assert send(sandbox, "clock", {"now": "2030-01-01T00:00:00"})[0] == 400
    assert send(sandbox, "clock", {"fortnights": 1})[0] == 400


def test_balance(sandbox: Sandbox) -> None:
    status, content = send(sandbox, "balance", {"loginName": LOGIN_NAME, "balance": "12.50"})

    assert (status, content["resellers"][LOGIN_NAME]["balance"]) == (200, "12.50")
    assert send(sandbox, "balance", {"loginName": "nobody", "balance": "1"}) == (400, {"error": "KeyError: 'nobody'"})
    assert send(sandbox, "balance", {"loginName": LOGIN_NAME, "balance": "much"})[0] == 400


def test_prices(sandbox: Sandbox, desk: Desk) -> None:
    price = {"loginName": LOGIN_NAME, "certValidationType": "DV", "domainType": "FQDN", "price": 12.5}
    assert send(sandbox, "prices", price)[0] == 200

    assert desk.add(desk.new_account(), "northwind.example")["cost"] == 12.5


def test_age(sandbox: Sandbox, desk: Desk) -> None:
    old, other = desk.new_account(), desk.new_account()
    for account in (old, other):
        desk.add(account, "northwind.example")
    key = desk.ask("LISTACCOUNTS", acmeAccountID=old)["Accounts"][0]["eabMACIDb64url"]

    assert send(sandbox, "age", {"keyID": key, "days": 300})[0] == 200

    ends = [desk.ask("LISTDOMAINS", acmeAccountID=one)["Domains"][0]["expiresAt"] for one in (old, other)]
    assert ends == ["2027-01-27T23:59:59Z", "2027-11-23T23:59:59Z"]
    charge = desk.ask("LISTTRANSACTIONS", acmeAccountID=old)["subscriptions"][0]["transactions"][0]
    assert charge["transactionDate"] == "2026-01-27T10:30:00Z"
    desk.ask("REMOVEDOMAIN", acmeAccountID=old, domainName="northwind.example")
    assert sandbox.summary()["refunds"] == []
    assert send(sandbox, "age", {"keyID": "nobody", "days": 1}) == (400, {"error": "KeyError: 'nobody'"})


def test_age_of_clients_and_certificates(
    sandbox: Sandbox, desk: Desk, binding: Binding, registered: AcmeClient
) -> None:
    registered.obtain("northwind.example")

    assert send(sandbox, "age", {"keyID": binding.key_id, "days": 60})[0] == 200

    (order,) = desk.ask("GETLASTORDER", acmeAccountID=binding.key_id)["Orders"]
    assert (order["validNotBefore"], order["validNotAfter"]) == ("2026-09-24T10:30:00Z", "2026-12-23T10:30:00Z")
    accounts, bindings = desk.ask("LISTACCOUNTS")["Accounts"], desk.ask("LISTBINDINGS")["Bindings"]
    assert [one["lastActivity"] for one in (*accounts, *bindings)] == ["2026-09-24T10:30:00Z"] * 2


def test_faults(sandbox: Sandbox, desk: Desk) -> None:
    armed = {"action": "LISTSERVERS", "kind": "error", "row": "tier1-debit", "count": 2}
    assert send(sandbox, "faults", armed) == (
        200,
        {"faults": [{"action": "LISTSERVERS", "kind": "error", "count": 2}]},
    )
    assert desk.refusal("LISTSERVERS") == (403, "The Tier 1 account failed to process the debit!")

    handle_control(sandbox, "DELETE", "/_sandbox/faults", b"")

    assert read(sandbox, "faults") == {"faults": []}
    assert len(desk.ask("LISTSERVERS")["Servers"]) == 2


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"kind": "server-error", "status": 502}, 502),
        ({"kind": "unauthorized"}, 401),
        ({"kind": "too-many-requests"}, 429),
        ({"kind": "error", "status": 418, "type": "urn:x", "detail": "tea"}, 418),
        ({"kind": "wrong-json", "after": True}, 200),
        ({"kind": "list-name-case"}, 200),
        ({"kind": "latency", "seconds": 0.5}, 200),
    ],
)
def test_every_kind_can_be_armed(sandbox: Sandbox, desk: Desk, fault: dict[str, Any], status: int) -> None:
    assert send(sandbox, "faults", fault)[0] == 200

    assert desk.reply("LISTSERVERS").status == status
    assert read(sandbox, "faults") == {"faults": []}


def test_ends_of_orders(sandbox: Sandbox, registered: AcmeClient) -> None:
    wanted = {"kind": "order-ends", "statusCode": 5, "arguments": {"domainName": "northwind.example"}}
    assert send(sandbox, "faults", wanted)[1] == {"faults": [{"action": "*", "kind": "order-ends", "count": 1}]}
    order = registered.order("northwind.example")
    registered.validate(order)

    assert registered.finalize(order, "northwind.example").content["error"]["detail"] == "POST-SIGN FAILED"
    assert read(sandbox, "faults") == {"faults": []}
    assert send(sandbox, "orders", {"domainName": "northwind.example", "statusCode": 7})[0] == 200
    assert send(sandbox, "orders", {"domainName": "northwind.example", "statusCode": 6})[0] == 400
    assert send(sandbox, "orders", {"domainName": "contoso.example", "statusCode": 7})[0] == 400
    assert send(sandbox, "faults", wanted | {"statusCode": 6})[0] == 400


def test_fault_for_certain_arguments(sandbox: Sandbox, desk: Desk) -> None:
    send(sandbox, "faults", {"kind": "unauthorized", "count": None, "arguments": {"quoteOnly": "N"}})
    acme_account_id = {"acmeAccountID": "abc", "domainName": "northwind.example"}

    assert desk.reply("ADDDOMAIN", quoteOnly="Y", **acme_account_id).status == 400
    assert [desk.reply("ADDDOMAIN", **acme_account_id).status for _ in range(2)] == [401, 401]


def test_switches(sandbox: Sandbox) -> None:
    before = {
        "strictAnchors": None,
        "anchorsOptional": False,
        "oldAnchorRequired": False,
        "anchorsListedAs": "text",
        "idsDiffer": False,
        "firstDayCounts": False,
        "termDaysGone": 0,
        "quotesCheckFunds": True,
        "reusable": True,
        "certificateSeconds": 7776000,
        "pageSize": 10,
        "extensionDaysBefore": 100,
        "extensionDaysAfter": 30,
        "processingSeconds": 0,
        "retryFailedAfter": None,
        "checkCaa": True,
    }
    assert read(sandbox, "switches") == before
    changed = {
        "strictAnchors": ["123"],
        "reusable": False,
        "certificateSeconds": 60,
        "extensionDaysAfter": 0,
        "processingSeconds": 10,
        "retryFailedAfter": 86400,
        "checkCaa": False,
    }
    assert send(sandbox, "switches", changed) == (200, before | changed)
    assert send(sandbox, "switches", {"strictAnchor": []}) == (400, {"error": "KeyError: 'strictAnchor'"})
    assert send(sandbox, "switches", {"reusable": True, "pageSize": "many"})[0] == 400
    assert send(sandbox, "switches", {"reusable": True, "anchorsListedAs": "words"})[0] == 400
    assert read(sandbox, "switches") == before | changed


def test_servers(sandbox: Sandbox, desk: Desk) -> None:
    listed = {"loginName": LOGIN_NAME, "certValidationTypes": ["QWAC", "DV"]}
    assert send(sandbox, "servers", listed) == (200, listed)
    assert [entry["productID"] for entry in desk.ask("LISTSERVERS")["Servers"]] == [608, 611]
    unknown = listed | {"certValidationTypes": ["SMIME"]}
    assert send(sandbox, "servers", unknown) == (400, {"error": "KeyError: 'SMIME'"})


def test_root_certificate(sandbox: Sandbox) -> None:
    reply = handle_control(sandbox, "GET", "/_sandbox/ca.pem", b"")

    assert reply.body.startswith(b"-----BEGIN CERTIFICATE-----\n")
    assert b"PRIVATE" not in reply.body
