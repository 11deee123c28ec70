from typing import Any

import pytest

from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import ServerInfo

from .scripted_ca import reply, scripted

DV = {
    "serverUrl": "https://acme.sectigo.com/v2/DV",
    "productID": 608,
    "productDescription": "CaaS DV TLS Certificate",
    "certValidationType": "DV",
}
DV_SERVER = ServerInfo(
    directory_url="https://acme.sectigo.com/v2/DV",
    product_id=608,
    description="CaaS DV TLS Certificate",
    validation_type="DV",
)


def test_it_works() -> None:
    with scripted(reply({"Servers": [DV]})) as (client, ca):
        assert client.list_servers() == (DV_SERVER,)
    assert ca.forms() == [[("action", "LISTSERVERS")]]
    assert ca.connections == ["reads"]


def test_the_request_is_a_form_posted_to_the_address_as_it_is_written() -> None:
    with scripted(reply({"Servers": []})) as (client, ca):
        client.list_servers()
    (request,) = ca.requests
    assert request.method == "POST"
    assert request.url.raw_path == b"/products/!ACMEAdmin"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.content == (b"loginName=northwind&loginPassword=Tr0ub4dor+%26+3%25&action=LISTSERVERS")


@pytest.mark.parametrize("spelling", ["serverUrl", "serverURL", "SERVERURL"])
@pytest.mark.parametrize("top", ["Servers", "servers", "SERVERS"])
def test_names_match_in_any_case(top: str, spelling: str) -> None:
    entry = {**DV, spelling: DV["serverUrl"]}
    if spelling != "serverUrl":
        del entry["serverUrl"]
    with scripted(reply({top: [entry]})) as (client, _):
        assert client.list_servers() == (DV_SERVER,)


def test_only_the_address_is_needed_and_unknown_fields_and_types_do_no_harm() -> None:
    entries = [
        {"serverUrl": "https://acme.example/v2/Q", "certValidationType": "QWAC", "colour": ["blue"]},
        {"serverUrl": "https://acme.example/v2/X", "productID": None, "productDescription": ""},
    ]
    with scripted(reply({"Servers": entries, "more": {}})) as (client, _):
        assert client.list_servers() == (
            ServerInfo("https://acme.example/v2/Q", None, "", "QWAC"),
            ServerInfo("https://acme.example/v2/X", None, "", ""),
        )


def test_an_entry_that_cannot_be_read_is_not_left_out_in_silence() -> None:
    expected = pytest.raises(UnreadableReply)
    with scripted(reply({"Servers": [DV, {"productID": 1}]})) as (client, _), expected as caught:
        client.list_servers()
    assert str(caught.value) == "The CA's answer could not be read."
    assert caught.value.evidence["failure"] == "servers.1.serverurl: missing"


@pytest.mark.parametrize("body", [{}, {"Servers": None}, {"Servers": {}}, {"Servers": [None]}, {"Server": []}])
def test_a_reply_without_its_list_is_not_an_empty_list(body: Any) -> None:
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.list_servers()


def test_no_servers() -> None:
    with scripted(reply({"Servers": []})) as (client, _):
        assert client.list_servers() == ()
