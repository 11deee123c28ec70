"""The cURL samples of the guide ("OV SSL issuance" and the pages it links), run unchanged but for the host."""

import http.client
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from subscriptions.sandbox import Fault, Sandbox
from subscriptions.sandbox.acme.validation import accept_everything
from subscriptions.sandbox.admin_server import ENDPOINT, AdminServer
from subscriptions.sandbox.runner import running
from tests.services import require_service

from .conftest import LOGIN_NAME, LOGIN_PASSWORD

BASE64URL = re.compile(r"[A-Za-z0-9_-]{22}")


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[AdminServer]:
    with running(sandbox, ("127.0.0.1", 0), 0, accept_everything) as admin:
        yield admin


def post(server: AdminServer, **form: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"loginName": LOGIN_NAME, "loginPassword": LOGIN_PASSWORD} | form)
        connection.request("POST", ENDPOINT, body, headers)
        response = connection.getresponse()
        return response.status, response.headers.get_content_type(), response.read()
    finally:
        connection.close()


def control(server: AdminServer, method: str, topic: str, content: object = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        body = None if content is None else json.dumps(content)
        connection.request(method, f"/_sandbox/{topic}", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def curl(server: AdminServer, *data: str) -> dict[str, Any]:
    """One of the guide's samples, run by curl: the sample's form fields, and another host in the address."""
    require_service("curl", shutil.which("curl") is not None, "not installed: curl")
    login = (f"loginName={LOGIN_NAME}", f"loginPassword={LOGIN_PASSWORD}")
    fields = [part for pair in (*login, *data) for part in ("--data-urlencode", pair)]
    address = f"http://127.0.0.1:{server.server_address[1]}/products/!ACMEAdmin"
    said = subprocess.run(
        ["curl", "--silent", "--fail", "--write-out", "\n%{content_type}", "--request", "POST", *fields, address],
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    body, _, content_type = said.stdout.rpartition("\n")
    assert content_type == "application/json"
    content: dict[str, Any] = json.loads(body)
    return content


@pytest.mark.parametrize("anchor", [("ovAnchorOrderNumber=1234567",), ()], ids=["with anchor", "as the sample"])
def test_documented_workflow(server: AdminServer, sandbox: Sandbox, anchor: tuple[str, ...]) -> None:
    sandbox.switches.anchors_optional = not anchor
    accounts = curl(server, "action=PREREGISTER", "serverURL=https://acme.sectigo.com/v2/OV", "years=1")
    entry = accounts["Accounts"][0]
    assert list(accounts) == ["Accounts"]
    assert list(entry) == ["acmeAccountID", "accountStatus", "eabMACKeyb64url", "eabMACIDb64url"]
    assert entry["accountStatus"] == "pending"
    assert BASE64URL.fullmatch(entry["acmeAccountID"])

    name = (f"acmeAccountID={entry['acmeAccountID']}", "domainName=domain.com", *anchor)
    quote = curl(server, "action=ADDDOMAIN", *name, "quoteOnly=Y")
    assert quote == {"success": True, "cost": 200.0, "currency": "USD", "domains": [{"domainName": "domain.com"}]}

    done = curl(server, "action=ADDDOMAIN", *name)
    assert done == quote | {"orderNumber": 200000001}
    assert list(done) == ["success", "orderNumber", "cost", "currency", "domains"]

    (listed,) = curl(server, "action=LISTDOMAINS", name[0])["Domains"]
    shown = {"ovAnchorOrderNumber": "1234567"} if anchor else {}
    assert listed == {"domainName": "domain.com", "expiresAt": "2027-11-23T23:59:59Z"} | shown
    assert curl(server, "action=LISTACCOUNTS") == accounts
    assert [entry["productID"] for entry in curl(server, "action=LISTSERVERS")["Servers"]] == [608, 609]
    assert curl(server, "action=GETLASTORDER", name[0]) == {"Orders": []}


def test_refusal_over_http(server: AdminServer) -> None:
    status, content_type, body = post(server, action="LISTDOMAINS")

    assert (status, content_type) == (400, "application/json")
    assert json.loads(body) == {
        "type": "urn:sectigo:params:acme:error:malformed",
        "detail": "The 'acmeAccountID' argument is missing!",
    }


@pytest.mark.parametrize("kind", ["cut-before", "cut-after", "after-caller-gave-up", "unreachable"])
def test_cut_over_http(server: AdminServer, kind: str) -> None:
    assert control(server, "POST", "faults", {"action": "PREREGISTER", "kind": kind, "seconds": 0.01})[0] == 200

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        post(server, action="PREREGISTER", serverURL="https://acme.sectigo.com/v2/DV")

    _, _, body = post(server, action="LISTBINDINGS")
    changed = {"cut-after", "after-caller-gave-up"}
    assert len(json.loads(body)["Bindings"]) == (1 if kind in changed else 0)


def test_change_comes_though_the_caller_is_gone(server: AdminServer, sandbox: Sandbox) -> None:
    sandbox.arm("PREREGISTER", Fault.after_caller_gave_up(0.2))
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=0.05)
    body = urlencode(
        {
            "loginName": LOGIN_NAME,
            "loginPassword": LOGIN_PASSWORD,
            "action": "PREREGISTER",
            "serverURL": "https://acme.sectigo.com/v2/DV",
        }
    )
    connection.request("POST", ENDPOINT, body, {"Content-Type": "application/x-www-form-urlencoded"})
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()

    bindings: list[object] = []
    deadline = time.monotonic() + 20
    while not bindings and time.monotonic() < deadline:
        bindings = json.loads(post(server, action="LISTBINDINGS")[2])["Bindings"]
    assert len(bindings) == 1


def test_stopping_does_not_wait_for_latency(sandbox: Sandbox) -> None:
    sandbox.arm("LISTSERVERS", Fault.latency(3600))
    with running(sandbox, ("127.0.0.1", 0), 0, accept_everything) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
        body = urlencode({"loginName": LOGIN_NAME, "loginPassword": LOGIN_PASSWORD, "action": "LISTSERVERS"})
        connection.request("POST", ENDPOINT, body, {"Content-Type": "application/x-www-form-urlencoded"})

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


def test_control_over_http(server: AdminServer, sandbox: Sandbox) -> None:
    assert control(server, "GET", "summary") == (200, sandbox.summary())
    assert control(server, "GET", "nonsense")[0] == 404
    assert control(server, "POST", "summary", {})[0] == 405
    assert control(server, "POST", "faults", {"kind": "nonsense"})[0] == 400


def test_control_takes_json_only(server: AdminServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.request("POST", "/_sandbox/clock", "days=1", {"Content-Type": "application/x-www-form-urlencoded"})
    assert connection.getresponse().status == 415
    connection.close()


def test_control_is_for_loopback_only(server: AdminServer, monkeypatch: pytest.MonkeyPatch) -> None:
    accept = server.get_request
    monkeypatch.setattr(server, "get_request", lambda: (accept()[0], ("192.0.2.1", 50000)))

    assert control(server, "GET", "summary") == (403, {"error": "The control endpoint is for loopback only"})


def status_of_control(server: AdminServer, method: str, host: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    body = None if method == "GET" else "{}"
    connection.request(method, "/_sandbox/clock", body, {"Host": host, "Content-Type": "application/json"} | headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8901", "localhost:8901", "LOCALHOST", "[::1]", "[::1]:8901"])
def test_control_answers_to_the_names_of_loopback(server: AdminServer, host: str) -> None:
    assert status_of_control(server, "GET", host) == 200
    assert status_of_control(server, "POST", host) == 200
    assert status_of_control(server, "POST", host, Origin=f"http://{host}") == 200


@pytest.mark.parametrize(
    "host",
    ["", "rebound.example", "rebound.example:8901", "127.0.0.1.rebound.example", "localhost.", "x@localhost", "::1"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_control_answers_to_no_other_name(server: AdminServer, host: str, method: str) -> None:
    assert status_of_control(server, method, host) == 403


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://localhost:8000", "null", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_control_answers_no_page_of_another_origin(server: AdminServer, origin: str, method: str) -> None:
    assert status_of_control(server, method, "localhost:8901", Origin=origin) == 403


def test_other_pages_do_not_exist(server: AdminServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    for method in ("GET", "POST"):
        connection.request(method, "/products/!AutoApplyOrder")
        response = connection.getresponse()
        assert (response.status, response.headers.get_content_type()) == (404, "text/html")
        response.read()
    connection.close()
