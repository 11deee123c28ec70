from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import Money, TransactionInfo

from .scripted_ca import reply, scripted

STARTS = datetime(2025, 9, 21, tzinfo=UTC)
ENDS = datetime(2026, 9, 20, 23, 59, 59, tzinfo=UTC)
ADD = {
    "orderNumber": 123456789,
    "transactionType": "addDomain",
    "transactionDate": "2025-09-20T10:00:00Z",
    "cost": 200.5,
    "currency": "USD",
    "debitedFor": 365,
    "domains": [{"name": "domain.com", "type": "FQDN"}, {"name": "WWW.domain.com"}],
}


def listed(*transactions: Any, top: str = "subscriptions") -> httpx.Response:
    ends = "2026-09-20T23:59:59Z"
    return reply(
        {top: [{"subscriptionStartDate": "2025-09-21", "subscriptionEndDate": ends, "transactions": transactions}]}
    )


@pytest.mark.parametrize("top", ["subscriptions", "Subscriptions"])
def test_it_works(top: str) -> None:
    with scripted(listed(ADD, top=top)) as (client, ca):
        (found,) = client.list_transactions(acme_account_id="A1")
    assert found == TransactionInfo(
        kind="addDomain",
        executed_at=datetime(2025, 9, 20, 10, tzinfo=UTC),
        executed_until=datetime(2025, 9, 20, 10, tzinfo=UTC),
        ca_order_number=123456789,
        cost=Money(Decimal("200.5"), "USD"),
        names=("domain.com", "www.domain.com"),
        subscription_starts_at=STARTS,
        subscription_expires_at=ENDS,
    )
    assert found.raw == {**ADD, "cost": "200.5"}
    assert ca.forms() == [[("action", "LISTTRANSACTIONS"), ("acmeAccountID", "A1")]]
    assert ca.connections == ["reads"]


def test_one_name() -> None:
    with scripted(listed()) as (client, ca):
        assert client.list_transactions(acme_account_id="A1", name="Domain.com.") == ()
    assert ca.forms() == [[("action", "LISTTRANSACTIONS"), ("acmeAccountID", "A1"), ("domainName", "domain.com")]]


def test_all_subscriptions_in_their_order() -> None:
    body = {"subscriptions": [{"transactions": [{"orderNumber": 2}]}, {}, {"transactions": [{"orderNumber": 1}]}]}
    with scripted(reply(body)) as (client, _):
        found = client.list_transactions(acme_account_id="A1")
    assert [item.ca_order_number for item in found] == [2, 1]


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"orderNumber": "soon", "transactionDate": "later", "cost": "free", "debitedFor": {}, "domains": 5},
        {"cost": 5, "domains": [None, 7, {"other": 1}]},
    ],
)
def test_what_is_missing_or_otherwise_than_guessed_is_left_open_and_kept_raw(entry: Any) -> None:
    with scripted(listed(entry)) as (client, _):
        (found,) = client.list_transactions(acme_account_id="A1")
    assert found == TransactionInfo("", None, None, None, None, (), STARTS, ENDS)
    assert found.raw == entry


def test_a_kind_nobody_documented_is_kept() -> None:
    with scripted(listed({"transactionType": "giftDomain"})) as (client, _):
        assert client.list_transactions(acme_account_id="A1")[0].kind == "giftDomain"


def test_a_password_echoed_in_an_entry_is_redacted() -> None:
    with scripted(listed({"loginPassword": "x", "note": "by Tr0ub4dor & 3%"})) as (client, _):
        (found,) = client.list_transactions(acme_account_id="A1")
    assert found.raw == {"loginPassword": "[redacted]", "note": "by [redacted]"}


@pytest.mark.parametrize("body", [{}, {"subscriptions": [{"transactions": [1]}]}, {"subscriptions": "none"}])
def test_a_list_that_is_not_there_is_not_empty(body: Any) -> None:
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.list_transactions(acme_account_id="A1")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-09-20T10:00:00Z", "2025-09-20T10:00:00", None),
        ("2025-09-20T10:00:00", "2025-09-20T10:00:00", None),
        ("2025-09-20 10:00:00.5", "2025-09-20T10:00:00.5", None),
        ("2025-09-20T00:00:00", "2025-09-20T00:00:00", None),
        ("2025-09-20T10:00:00+02:00", "2025-09-20T08:00:00", None),
        ("2025-09-20", "2025-09-20T00:00:00", "2025-09-20T23:59:59.999999"),
        (" 2025-09-20 ", "2025-09-20T00:00:00", "2025-09-20T23:59:59.999999"),
        ("20250920", "2025-09-20T00:00:00", "2025-09-20T23:59:59.999999"),
        ("2025-09-20Z", "2025-09-20T00:00:00", "2025-09-20T23:59:59.999999"),
        ("2025-09-20+02:00", "2025-09-19T22:00:00", "2025-09-20T21:59:59.999999"),
    ],
)
def test_when_it_was_executed_is_no_more_exact_than_the_ca_says(text: str, start: str, end: str | None) -> None:
    with scripted(listed({"transactionDate": text})) as (client, _):
        (found,) = client.list_transactions(acme_account_id="A1")
    assert found.executed_at == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert found.executed_until == datetime.fromisoformat(end or start).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["later", "9999-12-31-05:00", "9999-12-31-00:01", "2025-13-01", "2025-02-30", {}, [], True, "1e400", 10**30]
)
def test_a_date_that_cannot_be_read_is_left_open(text: Any) -> None:
    with scripted(listed({"transactionDate": text})) as (client, _):
        (found,) = client.list_transactions(acme_account_id="A1")
    assert (found.executed_at, found.executed_until) == (None, None)


@pytest.mark.parametrize("cost", ["200", 200, "free", -5, None])
def test_an_amount_without_a_currency_is_open(cost: Any) -> None:
    with scripted(listed({"orderNumber": 1, "cost": cost})) as (client, _):
        assert client.list_transactions(acme_account_id="A1")[0].cost is None
