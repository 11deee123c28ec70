"""What holds for every action: login, arguments, transport."""

import json
from pathlib import Path

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.actions import ACTIONS

from .conftest import LOGIN_NAME, LOGIN_PASSWORD, Desk

UNAUTHORIZED = "urn:sectigo:params:acme:error:unauthorized"


@pytest.mark.parametrize(
    "login", [(LOGIN_NAME, "wrong"), (LOGIN_NAME.upper(), LOGIN_PASSWORD), ("nobody", LOGIN_PASSWORD)]
)
def test_wrong_login_is_401_before_all_else(sandbox: Sandbox, login: tuple[str, str]) -> None:
    reply = Desk(sandbox, *login).reply("NOSUCHACTION")

    assert reply.status == 401
    assert json.loads(reply.body) == {
        "type": UNAUTHORIZED,
        "detail": "Incorrect login details, account is locked, password has expired, or your source IP is blocked!",
    }


def test_plain_http_is_refused(sandbox: Sandbox) -> None:
    reply = sandbox.handle_admin(b"action=LISTSERVERS", secure=False)

    assert (reply.status, json.loads(reply.body)["detail"]) == (403, "Use of HTTPS is REQUIRED!")


def test_body_must_be_a_form(sandbox: Sandbox) -> None:
    reply = sandbox.handle_admin(b'{"action": "LISTSERVERS"}', content_type="application/json")

    assert (reply.status, json.loads(reply.body)["detail"]) == (400, "The 'loginName' argument is missing!")


def test_unknown_action_is_refused(desk: Desk) -> None:
    assert desk.refusal("SUSPENDEVERYTHING") == (400, "The value of the 'action' argument is invalid!")


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_unknown_argument_is_refused(desk: Desk, action: str) -> None:
    assert desk.refusal(action, orderBy="name") == (400, "'orderBy' is an unrecognized argument!")


def test_argument_names_are_case_sensitive(desk: Desk) -> None:
    assert desk.refusal("LISTDOMAINS", acmeAccountId="x") == (400, "'acmeAccountId' is an unrecognized argument!")


@pytest.mark.parametrize(
    ("action", "missing"),
    [
        (name, parameter.name)
        for name, action in ACTIONS.items()
        for parameter in action.parameters
        if parameter.required
    ],
)
def test_required_argument_must_be_sent(desk: Desk, action: str, missing: str) -> None:
    values = {"acmeAccountID": "abc", "domainName": "northwind.example", "serverUrl": "https://localhost:8902/v2/DV"}
    required = [parameter.name for parameter in ACTIONS[action].parameters if parameter.required]

    refusal = desk.refusal(action, **{name: values[name] for name in required if name != missing})

    assert refusal == (400, f"The '{missing}' argument is missing!")


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        ({"page": "-1"}, "page"),
        ({"size": "0"}, "size"),
        ({"includeContacts": "y"}, "includeContacts"),
        ({"includeAdditionalAccounts": "*"}, "includeAdditionalAccounts"),
        ({"lastActivityOf": "domain"}, "lastActivityOf"),
        ({"acmeAccountID": "a" * 33}, "acmeAccountID"),
        ({"eabKeyID": "nosuchkey"}, "eabKeyID"),
    ],
)
def test_bad_value_is_refused(desk: Desk, arguments: dict[str, str], refused: str) -> None:
    assert desk.refusal("LISTACCOUNTS", **arguments) == (400, f"The value of the '{refused}' argument is invalid!")


def test_identifiers_are_base64url(desk: Desk) -> None:
    assert desk.refusal("LISTDOMAINS", acmeAccountID="ab+c/d==") == (400, "Base64url-encoding failed!")


def test_argument_sent_twice_is_refused(sandbox: Sandbox) -> None:
    body = f"loginName={LOGIN_NAME}&loginPassword={LOGIN_PASSWORD}&action=LISTACCOUNTS&page=0&page=1"

    reply = sandbox.handle_admin(body.replace(" ", "%20").encode())

    assert json.loads(reply.body)["detail"] == "The value of the 'page' argument is invalid!"


def test_state_survives_a_restart(tmp_path: Path) -> None:
    first = Sandbox(tmp_path / "state", logins={LOGIN_NAME: LOGIN_PASSWORD})
    acme_account_id = Desk(first, LOGIN_NAME, LOGIN_PASSWORD).new_account()
    Desk(first, LOGIN_NAME, LOGIN_PASSWORD).add(acme_account_id, "northwind.example")
    first.advance(days=3)
    summary = first.summary()
    first.close()

    second = Sandbox(tmp_path / "state", logins={LOGIN_NAME: LOGIN_PASSWORD})
    ahead = second.clock.now() - Sandbox(tmp_path / "fresh").clock.now()

    assert second.summary() == summary
    assert second.summary()["charges"][0]["domains"] == ["northwind.example"]
    assert round(ahead.total_seconds() / 86400, 2) == 3
    assert LOGIN_PASSWORD.encode() not in (tmp_path / "state").read_bytes()


def test_summary_tells_no_secret(sandbox: Sandbox, desk: Desk) -> None:
    entry = desk.ask("PREREGISTER", serverURL="https://localhost:8902/v2/DV")["Accounts"][0]

    text = repr(sandbox.summary())

    assert entry["eabMACKeyb64url"] not in text
    assert LOGIN_PASSWORD not in text
