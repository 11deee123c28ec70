import pytest

from subscriptions.caas.errors import UnreadableReply

from .scripted_ca import reply, scripted

CONTACTS = {"Contacts": [{"emailAddress": "a@example.com"}, {"emailAddress": "b@example.com"}]}


def test_it_works() -> None:
    with scripted(reply(CONTACTS)) as (client, ca):
        assert client.list_contacts(acme_account_id="A1") == ("a@example.com", "b@example.com")
    assert ca.forms() == [[("action", "LISTCONTACTS"), ("acmeAccountID", "A1")]]
    assert ca.connections == ["reads"]


@pytest.mark.parametrize("rows", [[], [{}], [{"emailAddress": ""}], [{"emailAddress": None}]])
def test_an_account_without_contacts(rows: list[object]) -> None:
    with scripted(reply({"contacts": rows})) as (client, _):
        assert client.list_contacts(acme_account_id="A1") == ()


def test_an_address_stands_once() -> None:
    rows = [{"EmailAddress": "a@example.com"}, {"emailAddress": "a@example.com", "verified": True}]
    with scripted(reply({"Contacts": rows})) as (client, _):
        assert client.list_contacts(acme_account_id="A1") == ("a@example.com",)


def test_what_is_too_long_for_an_address_is_passed_over() -> None:
    rows = [{"emailAddress": f"{'a' * 300}@example.com"}, {"emailAddress": "b@example.com"}]
    with scripted(reply({"Contacts": rows})) as (client, _):
        assert client.list_contacts(acme_account_id="A1") == ("b@example.com",)


@pytest.mark.parametrize("body", [{}, {"Contacts": "a@example.com"}, {"Contacts": ["a@example.com"]}, "<html>"])
def test_what_is_no_list_of_contacts_is_unreadable(body: object) -> None:
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.list_contacts(acme_account_id="A1")
