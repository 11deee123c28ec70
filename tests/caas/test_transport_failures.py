from typing import Any

import httpx
import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, NotSent, OutcomeUnknown, UnreadableReply
from subscriptions.caas.transport import Timeouts

from .scripted_ca import LOGIN_PASSWORD, reply, scripted, yes

NEVER_SENT = [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout]
MAYBE_SENT = [
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.LocalProtocolError,
    httpx.ProxyError,
    httpx.DecodingError,
    TimeoutError,
]


def call(client: CaasClient, method: str) -> object:
    if method == "list_servers":
        return client.list_servers()
    if method == "preregister":
        return client.preregister(directory_url="https://acme.example/v2/DV", years=1, last_look=yes)
    if method == "add_domain":
        return client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    return client.quote_domain(acme_account_id="A1", name="domain.com")


METHODS = ["list_servers", "preregister", "quote_domain", "add_domain"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("failure", NEVER_SENT)
def test_without_a_connection_nothing_was_sent(failure: type[Exception], method: str) -> None:
    with scripted(failure("no route")) as (client, ca), pytest.raises(NotSent) as caught:
        call(client, method)
    assert caught.value.evidence["failure"] == f"{failure.__name__}: no route"
    assert caught.value.evidence["http_status"] is None
    assert len(ca.requests) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("failure", MAYBE_SENT)
def test_every_later_failure_leaves_the_outcome_unknown(failure: type[Exception], method: str) -> None:
    with scripted(failure("gone")) as (client, ca), pytest.raises(OutcomeUnknown) as caught:
        call(client, method)
    assert type(caught.value) is OutcomeUnknown
    assert caught.value.evidence["failure"].endswith(": gone")
    assert caught.value.evidence["http_status"] is None
    assert len(ca.requests) == 1


LOST = "The connection to the CA was lost before its answer was complete."


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (httpx.ConnectError("no route"), "No connection to the CA could be made: no route."),
        (httpx.ConnectError(""), "No connection to the CA could be made: ConnectError."),
        (httpx.ConnectTimeout(""), "No connection to the CA could be made within 1 second."),
        (httpx.PoolTimeout(""), "No connection to the CA could be made within 1 second."),
        (httpx.ReadTimeout(""), "The CA did not answer within 3 seconds."),
        (httpx.WriteTimeout(""), "The CA did not answer within 3 seconds."),
        (TimeoutError(), "The CA did not answer within 60 seconds."),
        (httpx.ReadError("reset"), LOST),
        (httpx.RemoteProtocolError("Server disconnected"), LOST),
        (OSError("bad record"), LOST),
        (httpx.DecodingError("gzip"), "The CA's answer could not be read."),
    ],
)
def test_people_read_a_sentence(failure: Exception, sentence: str) -> None:
    timeout = Timeouts(connect=1, read=3, total=60)
    with scripted(failure, timeout=timeout) as (client, _), pytest.raises(CaasError) as caught:
        client.list_servers()
    assert str(caught.value) == sentence


@pytest.mark.parametrize("body", ["<html>", "[]", {"Servers": 5}])
def test_people_read_that_an_answer_could_not_be_read_and_the_evidence_says_why(body: Any) -> None:
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply) as caught:
        client.list_servers()
    assert str(caught.value) == "The CA's answer could not be read."
    assert caught.value.evidence["failure"] in ("not a JSON object", "servers: list_type")


def test_a_failed_page_fails_the_reading() -> None:
    page = reply({"Domains": [{"domainName": "a.example"}]})
    with scripted(page, httpx.ReadError("gone")) as (client, _), pytest.raises(OutcomeUnknown):
        client.list_domains(acme_account_id="A1")


def test_the_call_after_a_failed_one_works() -> None:
    with scripted(httpx.ReadError("gone"), reply({"Servers": []})) as (client, _):
        with pytest.raises(OutcomeUnknown):
            client.list_servers()
        assert client.list_servers() == ()


def test_words_of_the_server_in_a_failure_are_redacted() -> None:
    failure = httpx.RemoteProtocolError(f"illegal status line: {LOGIN_PASSWORD}")
    with scripted(failure) as (client, _), pytest.raises(OutcomeUnknown) as caught:
        client.list_servers()
    assert caught.value.evidence["failure"] == "RemoteProtocolError: illegal status line: [redacted]"
