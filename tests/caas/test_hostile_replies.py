"""Whatever comes back, a method gives its type or raises from the tree; nothing else escapes."""

import copy
import inspect
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, UnreadableReply
from subscriptions.caas.transport import Timeouts

from .scripted_ca import URL, Unlimited, reply, scripted, yes

Fuzzed = tuple[CaasClient, dict[str, Any]]

CALLS: dict[str, dict[str, Any]] = {
    "list_servers": {},
    "preregister": {"directory_url": "https://acme.example/v2/DV", "years": 1, "last_look": yes},
    "list_accounts": {},
    "list_bindings": {},
    "list_contacts": {"acme_account_id": "A"},
    "suspend_account": {"acme_account_id": "A", "whole_key": True, "last_look": yes},
    "reinstate_account": {"acme_account_id": "A", "whole_key": True, "last_look": yes},
    "deactivate_account": {"acme_account_id": "A", "whole_key": True, "last_look": yes},
    "quote_domain": {"acme_account_id": "A", "name": "a.example"},
    "add_domain": {"acme_account_id": "A", "name": "a.example", "last_look": yes},
    "remove_domain": {"acme_account_id": "A", "name": "a.example", "last_look": yes},
    "list_domains": {"acme_account_id": "A"},
    "quote_extension": {"acme_account_id": "A", "years": 1},
    "extend_domains": {"acme_account_id": "A", "years": 1, "last_look": yes},
    "move_domains": {
        "acme_account_id": "A",
        "old_ov_anchor_order_number": "1",
        "ov_anchor_order_number": "2",
        "last_look": yes,
    },
    "list_transactions": {"acme_account_id": "A"},
    "last_orders": {"acme_account_id": "A"},
}
ACCOUNT = {
    "acmeAccountID": "A",
    "accountStatus": "valid",
    "eabMACKeyb64url": "S",
    "eabMACIDb64url": "K",
    "lastActivity": "2019-03-14T14:37:42Z",
    "Contacts": [{"emailAddress": "a@northwind.example"}],
}
UPDATED = {"nRecordsUpdated": 1, "success": True}
GOOD = {
    "list_servers": {"Servers": [{"serverUrl": "https://acme.example", "productID": 608}]},
    "preregister": {"Accounts": [ACCOUNT]},
    "list_accounts": {"Accounts": [ACCOUNT]},
    "list_bindings": {"Bindings": [ACCOUNT | {"reusable": True}]},
    "list_contacts": {"Contacts": [{"emailAddress": "a@northwind.example"}]},
    "suspend_account": UPDATED,
    "reinstate_account": UPDATED,
    "deactivate_account": UPDATED,
    "quote_domain": {"cost": 1, "currency": "USD", "domains": [{"domainName": "a.example"}]},
    "add_domain": {"orderNumber": 1, "cost": 1, "currency": "USD", "domains": [{"domainName": "a.example"}]},
    "remove_domain": {"success": True, "Domains": [{"domainName": "a.example"}]},
    "list_domains": {"Domains": [{"domainName": "a.example", "expiresAt": "2025-09-20T23:59:59Z"}]},
    "quote_extension": {"cost": 1, "currency": "USD", "extensionDurationDays": 365},
    "extend_domains": {"orderNumber": 1, "cost": 1, "currency": "USD"},
    "move_domains": UPDATED,
    "list_transactions": {
        "subscriptions": [
            {
                "subscriptionStartDate": "2025-09-20",
                "transactions": [{"orderNumber": 1, "cost": 1, "currency": "USD", "domains": [{"name": "a.b"}]}],
            }
        ]
    },
    "last_orders": {"Orders": [{"domainName": "a.example", "statusCode": 6, "validNotAfter": "2025-09-20"}]},
}
# One for each reader of answers.
READERS = sorted(CALLS.keys() - {"reinstate_account", "deactivate_account", "move_domains"})

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(2**63), 1e308, "0001-01-01T00:00:00+05:00", "9" * 5000, "1E+999999", "NaN"])
    | st.floats(allow_nan=True)
    | st.text()
    | st.datetimes().map(str)
)
KEYS = st.sampled_from(["Servers", "Accounts", "Domains", "type", "detail", "success", "cost"]) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 429, 500, 503])


@pytest.fixture(scope="module")
def ca() -> Iterator[Fuzzed]:
    current: dict[str, Any] = {}
    transport = httpx.MockTransport(lambda _: httpx.Response(current["status"], content=current["body"]))
    client = CaasClient(
        url=URL,
        login_name="northwind",
        login_password="a password",
        timeout=Timeouts(connect=5, read=5, total=5),
        limiter=Unlimited(),
        read_transport=transport,
        change_transport=transport,
    )
    with client:
        yield client, current


def call(ca: Fuzzed, name: str, *, status: int, body: bytes) -> Any:
    """The result, or what was raised from the tree; the evidence of both must be storable as JSON."""
    client, current = ca
    current.update(status=status, body=body)
    try:
        result = getattr(client, name)(**CALLS[name])
    except CaasError as failure:
        result = failure
    evidence = json.dumps(getattr(result, "evidence", {}), ensure_ascii=False)
    assert "\\u0000" not in evidence.replace(r"\\", "")  # an escaped NUL, not an escaped backslash before "u0000"
    evidence.encode()
    return result


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_no_method_is_forgotten() -> None:
    methods = {name for name, _ in inspect.getmembers(CaasClient, inspect.isfunction) if not name.startswith("_")}
    assert methods - {"close", "ca_clock_offset"} == set(CALLS) == set(GOOD)


@pytest.mark.parametrize("name", CALLS)
def test_the_good_reply_is_good(ca: Fuzzed, name: str) -> None:
    assert not isinstance(call(ca, name, status=200, body=json.dumps(GOOD[name]).encode()), CaasError)


@pytest.mark.parametrize("name", READERS)
@FUZZ
@given(value=JSON, status=STATUSES)
def test_any_json(ca: Fuzzed, name: str, value: Any, status: int) -> None:
    call(ca, name, status=status, body=json.dumps(value).encode())


@pytest.mark.parametrize("name", READERS)
@FUZZ
@given(data=st.data())
def test_a_good_reply_with_one_value_exchanged(ca: Fuzzed, name: str, data: st.DataObject) -> None:
    body = copy.deepcopy(GOOD[name])
    exchange_one(body, data)
    call(ca, name, status=200, body=json.dumps(body).encode())


@FUZZ
@given(body=st.binary(), status=STATUSES)
def test_any_bytes(ca: Fuzzed, body: Any, status: int) -> None:
    call(ca, "add_domain", status=status, body=body)


def exchange_one(node: Any, data: st.DataObject) -> None:
    """Replace one value somewhere below the node by an arbitrary one."""
    places = list(node) if isinstance(node, dict) else list(range(len(node)))
    place = data.draw(st.sampled_from(places))
    if isinstance(node[place], (dict, list)) and node[place] and data.draw(st.booleans()):
        exchange_one(node[place], data)
    else:
        node[place] = data.draw(JSON)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"Servers": [], "more": ' + "[" * 60 + "]" * 60 + "}",
        '{"cost": 1e99999999999999999999}',
        '{"cost": ' + "9" * 5000 + "}",
        "Infinity",
        "\ufeff{}",
        b"\xff\xfe{\x00}\x00",
        b"\x80abc",
    ],
)
def test_a_body_made_to_break_a_parser(body: Any) -> None:
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.list_servers()


def test_numbers_never_pass_through_a_float() -> None:
    body = '{"cost": 9007199.25474099312345, "currency": "USD", "domains": [{"domainName": "a.b"}]}'
    with scripted(reply(body)) as (client, _):
        cost = client.quote_domain(acme_account_id="A", name="a.b").cost
    assert (cost.amount, cost.text) == (Decimal("9007199.254741"), "9007199.25474099312345")
