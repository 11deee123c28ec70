"""The control endpoint's topics."""

import json
from typing import Any

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.control import handle_control

from .conftest import LOGIN_NAME, Desk


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


def test_fault_for_certain_arguments(sandbox: Sandbox, desk: Desk) -> None:
    send(sandbox, "faults", {"kind": "unauthorized", "count": None, "arguments": {"quoteOnly": "N"}})
    acme_account_id = {"acmeAccountID": "abc", "domainName": "northwind.example"}

    assert desk.reply("ADDDOMAIN", quoteOnly="Y", **acme_account_id).status == 400
    assert [desk.reply("ADDDOMAIN", **acme_account_id).status for _ in range(2)] == [401, 401]


def test_switches(sandbox: Sandbox) -> None:
    assert read(sandbox, "switches") == {
        "strictAnchors": None,
        "reusable": True,
        "certificateSeconds": 7776000,
        "pageSize": 10,
    }
    changed = {"strictAnchors": ["123"], "reusable": False, "certificateSeconds": 60, "pageSize": 3}
    assert send(sandbox, "switches", changed) == (200, changed)
    assert send(sandbox, "switches", {"strictAnchor": []}) == (400, {"error": "KeyError: 'strictAnchor'"})


def test_root_certificate(sandbox: Sandbox) -> None:
    reply = handle_control(sandbox, "GET", "/_sandbox/ca.pem", b"")

    assert reply.body.startswith(b"-----BEGIN CERTIFICATE-----\n")
    assert b"PRIVATE" not in reply.body
