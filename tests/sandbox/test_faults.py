"""Faults through the real HTTP library: what a caller sees and what changed."""

import json

import httpx
import pytest

from subscriptions.sandbox import Fault, Sandbox
from tests.sandbox_transport import sandbox_transport

from .conftest import LOGIN_NAME, Desk

URL = "https://caas.example/products/!ACMEAdmin"


class Caller:
    """Adds one name over httpx."""

    def __init__(self, sandbox: Sandbox, desk: Desk) -> None:
        self.http = httpx.Client(transport=sandbox_transport(sandbox), timeout=5)
        self.form = desk.login | {"acmeAccountID": desk.new_account(), "domainName": "northwind.example"}

    def add(self, **arguments: str) -> httpx.Response:
        return self.http.post(URL, data=self.form | {"action": "ADDDOMAIN"} | arguments)


@pytest.fixture
def caller(sandbox: Sandbox, desk: Desk) -> Caller:
    return Caller(sandbox, desk)


def charged(sandbox: Sandbox) -> int:
    return len(sandbox.summary()["charges"])


@pytest.mark.parametrize(
    ("fault", "error", "charges"),
    [
        (Fault.unreachable(), httpx.ConnectError, 0),
        (Fault.cut_before(), httpx.ReadError, 0),
        (Fault.cut_after(), httpx.ReadError, 1),
        (Fault.after_caller_gave_up(), httpx.ReadTimeout, 1),
        (Fault.latency(60), httpx.ReadTimeout, 1),
    ],
)
def test_no_answer(sandbox: Sandbox, caller: Caller, fault: Fault, error: type[httpx.HTTPError], charges: int) -> None:
    sandbox.arm("ADDDOMAIN", fault)

    with pytest.raises(error):
        caller.add()

    assert charged(sandbox) == charges
    assert sandbox.summary()["calls"]["ADDDOMAIN"] == {"received": 1, "quotes": 0, "refused": 0, "faults": 1}


@pytest.mark.parametrize(
    ("fault", "status", "charges"),
    [
        (Fault.server_error(), 503, 0),
        (Fault.server_error(502, after=True), 502, 1),
        (Fault.wrong_json(), 200, 0),
        (Fault.wrong_json(after=True), 200, 1),
    ],
)
def test_unreadable_answer(sandbox: Sandbox, caller: Caller, fault: Fault, status: int, charges: int) -> None:
    sandbox.arm("ADDDOMAIN", fault)

    response = caller.add()

    assert response.status_code == status
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert charged(sandbox) == charges


@pytest.mark.parametrize(
    ("fault", "status", "type_", "detail"),
    [
        (Fault.unauthorized(), 401, "unauthorized", "Incorrect login details"),
        (Fault.too_many_requests(), 429, "rateLimited", "Too many requests"),
        (Fault.error("tier1-credit"), 403, "unauthorized", "The Tier 1 account has reached its credit limit!"),
        (Fault.error_body(418, "urn:x:teapot", "short and stout"), 418, "urn:x:teapot", "short and stout"),
    ],
)
def test_error_rows(sandbox: Sandbox, caller: Caller, fault: Fault, status: int, type_: str, detail: str) -> None:
    sandbox.arm("*", fault)

    response = caller.add()

    assert response.status_code == status
    assert response.json()["type"].endswith(type_)
    assert response.json()["detail"].startswith(detail)
    assert charged(sandbox) == 0


def test_held_change_waits_for_release(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.arm("ADDDOMAIN", Fault.after_caller_gave_up(hold=True))

    with pytest.raises(httpx.ReadTimeout):
        caller.add()
    before = charged(sandbox)
    sandbox.release()
    sandbox.release()

    assert (before, charged(sandbox)) == (0, 1)


def test_faults_are_met_in_order_and_used_up(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.arm("ADDDOMAIN", Fault.server_error(500), count=2)
    sandbox.arm("ADDDOMAIN", Fault.server_error(502))
    sandbox.arm("LISTDOMAINS", Fault.server_error(504))

    assert [caller.add().status_code for _ in range(4)] == [500, 500, 502, 200]


def test_fault_without_count_lasts_until_disarmed(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.arm("ADDDOMAIN", Fault.server_error(500), count=None)

    statuses = [caller.add().status_code for _ in range(3)]
    sandbox.disarm()

    assert statuses == [500, 500, 500]
    assert caller.add().status_code == 200


def test_fault_may_spare_quotes_and_other_names(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.arm("ADDDOMAIN", Fault.server_error(500), quoteOnly="N", domainName="contoso.example")

    assert caller.add(quoteOnly="Y", domainName="contoso.example").status_code == 200
    assert caller.add().status_code == 200
    assert caller.add(domainName="contoso.example").status_code == 500


def test_list_name_case(sandbox: Sandbox, desk: Desk, caller: Caller) -> None:
    sandbox.arm("*", Fault.list_name_case(), count=2)

    assert sorted(caller.add().json()) == ["Domains", "cost", "currency", "orderNumber", "success"]
    assert list(desk.ask("LISTBINDINGS")) == ["bindings"]
    assert list(desk.ask("LISTBINDINGS")) == ["Bindings"]


def test_refused_spelling_of_the_server_url(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.arm("PREREGISTER", Fault.server_url_refused())
    url = "https://localhost:8902/v2/DV"

    assert len(desk.ask("PREREGISTER", serverUrl=url)["Accounts"]) == 1
    assert desk.refusal("PREREGISTER", serverURL=url) == (400, "'serverURL' is an unrecognized argument!")
    assert len(desk.ask("LISTBINDINGS")["Bindings"]) == 1


def test_latency_below_the_time_out_is_not_waited_for(sandbox: Sandbox, caller: Caller) -> None:
    sandbox.arm("ADDDOMAIN", Fault.latency(4))

    assert caller.add().json()["orderNumber"] == 200000001


def test_summary_adds_up(sandbox: Sandbox, caller: Caller) -> None:
    caller.add(quoteOnly="Y")
    caller.add(addAssociatedFQDN="Y")
    caller.add()

    summary = sandbox.summary()

    assert summary["calls"]["ADDDOMAIN"] == {"received": 3, "quotes": 1, "refused": 1, "faults": 0}
    assert summary["charges"] == [
        {
            "reseller": LOGIN_NAME,
            "orderNumber": 200000001,
            "type": "addDomain",
            "domains": ["northwind.example", "www.northwind.example"],
            "amount": "50.00",
            "currency": "USD",
        }
    ]
    assert summary["resellers"][LOGIN_NAME] == {
        "balance": "99950.00",
        "currency": "USD",
        "charged": "50.00",
        "refunded": "0.00",
        "net": "50.00",
    }
    assert sandbox.call_log() == ["PREREGISTER", "ADDDOMAIN", "ADDDOMAIN", "ADDDOMAIN"]
