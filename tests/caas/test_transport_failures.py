import httpx
import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import NotSent, OutcomeUnknown

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
