from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from subscriptions.caas import calls
from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import AccountInfo

from .scripted_ca import reply, scripted

PENDING = {
    "acmeAccountID": "ABc_123xYZ456",
    "accountStatus": "pending",
    "eabMACKeyb64url": "ZyX321_abc654DeF1",
    "eabMACIDb64url": "ghM4321abc_D8765xyZ",
}
REGISTERED = {
    "acmeAccountID": "654ZYx321_cBA",
    "accountStatus": "valid",
    "userAgent": "CertbotACMEClient/0.31.0",
    "ipAddress": "10.0.1.64",
    "lastActivity": "2019-03-14T14:37:42Z",
}


def page(*entries: Any) -> httpx.Response:
    return reply({"Accounts": list(entries)})


def numbered(number: int) -> dict[str, str]:
    return {"acmeAccountID": f"id-{number}", "accountStatus": "valid"}


def test_it_works() -> None:
    with scripted(page(PENDING, REGISTERED), page()) as (client, ca):
        assert client.list_accounts() == (
            AccountInfo(
                acme_account_id="ABc_123xYZ456",
                status="pending",
                eab_key_id="ghM4321abc_D8765xyZ",
                user_agent="",
                ip_address="",
                last_activity_at=None,
            ),
            AccountInfo(
                acme_account_id="654ZYx321_cBA",
                status="valid",
                eab_key_id=None,
                user_agent="CertbotACMEClient/0.31.0",
                ip_address="10.0.1.64",
                last_activity_at=datetime(2019, 3, 14, 14, 37, 42, tzinfo=UTC),
            ),
        )
    assert ca.forms() == [
        [("action", "LISTACCOUNTS"), ("page", "0"), ("size", "100")],
        [("action", "LISTACCOUNTS"), ("page", "1"), ("size", "100")],
    ]
    assert ca.connections == ["reads", "reads"]


@pytest.mark.parametrize(
    ("scope", "sent"),
    [
        ({"acme_account_id": "A1"}, [("acmeAccountID", "A1"), ("includeAdditionalAccounts", "Y")]),
        ({"eab_key_id": "K1"}, [("eabKeyID", "K1")]),
        (
            {"acme_account_id": "A1", "eab_key_id": "K1"},
            [("acmeAccountID", "A1"), ("includeAdditionalAccounts", "Y")],
        ),
    ],
)
def test_the_scope_is_sent_where_it_counts(scope: dict[str, str], sent: Any) -> None:
    with scripted(page()) as (client, ca):
        assert client.list_accounts(**scope) == ()
    rest = [("page", "0"), ("size", "100")]
    assert ca.forms() == [[("action", "LISTACCOUNTS"), *sent, *rest]]


def test_a_state_nobody_documented_is_kept() -> None:
    with scripted(page({**PENDING, "accountStatus": "Suspended?"}), page()) as (client, _):
        assert client.list_accounts()[0].status == "Suspended?"


@pytest.mark.parametrize("entry", [{"accountStatus": "valid"}, {**PENDING, "lastActivity": "soon"}, "x", 7])
def test_an_entry_that_cannot_be_read_is_not_left_out_in_silence(entry: Any) -> None:
    with scripted(page(PENDING, entry)) as (client, _), pytest.raises(UnreadableReply):
        client.list_accounts()


def test_pages_are_read_until_one_brings_nothing_new_whatever_their_size() -> None:
    pages = [page(numbered(1), numbered(2)), page(numbered(3)), page(numbered(4), numbered(5)), page()]
    with scripted(*pages) as (client, ca):
        found = client.list_accounts()
    assert [account.acme_account_id for account in found] == ["id-1", "id-2", "id-3", "id-4", "id-5"]
    assert [dict(form)["page"] for form in ca.forms()] == ["0", "1", "2", "3"]


def test_a_ca_that_ignores_the_page_number_is_asked_twice() -> None:
    with scripted(page(numbered(1), numbered(2)), page(numbered(1), numbered(2))) as (client, _):
        assert [account.acme_account_id for account in client.list_accounts()] == ["id-1", "id-2"]


def test_what_moved_between_two_pages_is_there_once() -> None:
    with scripted(page(numbered(1), numbered(2)), page(numbered(2), numbered(3)), page()) as (client, _):
        assert [account.acme_account_id for account in client.list_accounts()] == ["id-1", "id-2", "id-3"]


def test_a_list_without_end_is_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MAX_PAGES", 3)
    pages = [page(numbered(number)) for number in range(3)]
    expected = pytest.raises(UnreadableReply, match=r"^The CA's list did not end after 3 pages\.$")
    with scripted(*pages) as (client, _), expected:
        client.list_accounts()


def test_a_page_that_fails_fails_the_whole_reading() -> None:
    with scripted(page(numbered(1)), reply("<html>", 200)) as (client, _), pytest.raises(UnreadableReply):
        client.list_accounts()
