"""The ACME side over HTTPS, as clients meet it."""

import http.client
import ssl
from collections.abc import Iterator

import pytest

from subscriptions.sandbox import Sandbox
from subscriptions.sandbox.acme.validation import accept_everything
from subscriptions.sandbox.runner import running

from .acme_client import AcmeClient, Answer
from .conftest import Binding


@pytest.fixture
def base(sandbox: Sandbox) -> Iterator[str]:
    with running(sandbox, ("127.0.0.1", 0), 0, accept_everything):
        yield sandbox.switches.acme_base


def send_over(context: ssl.SSLContext, method: str, url: str, body: bytes | Iterator[bytes]) -> Answer:
    """The answer to one request; a body that is an iterator is sent in chunks."""
    host, path = url.removeprefix("https://").split("/", 1)
    connection = http.client.HTTPSConnection(host, timeout=10, context=context)
    try:
        connection.request(method, f"/{path}", body, {"Content-Type": "application/jose+json", "User-Agent": "t/1"})
        response = connection.getresponse()
        links = response.headers.get_all("Link", [])
        return Answer(response.status, dict(response.headers), response.read(), links)
    finally:
        connection.close()


def test_certificate_over_https(sandbox: Sandbox, base: str, binding: Binding) -> None:
    context = ssl.create_default_context(cadata=sandbox.authority.root_pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    client = AcmeClient(lambda *message: send_over(context, *message), f"{base}/v2/OV")

    registration = client.register(binding.key_id, binding.mac_key)
    chain = client.obtain("northwind.example")

    assert registration.links == [f'<{base}/v2/OV>;rel="index"']
    assert len(chain) == 2
    assert send_over(context, "HEAD", f"{base}/v2/OV/newNonce", b"").status == 200
    assert send_over(context, "GET", f"{base}/v2/OV/newNonce", b"").status == 204


def in_chunks(body: bytes) -> Iterator[bytes]:
    """The body in pieces of 100 bytes; one without content has none."""
    return iter([body[start : start + 100] for start in range(0, len(body), 100)])


def test_certificate_for_a_client_that_sends_in_chunks(sandbox: Sandbox, base: str, binding: Binding) -> None:
    context = ssl.create_default_context(cadata=sandbox.authority.root_pem.decode())

    def send(method: str, url: str, body: bytes) -> Answer:
        return send_over(context, method, url, in_chunks(body) if body else b"")

    client = AcmeClient(send, f"{base}/v2/OV")
    client.register(binding.key_id, binding.mac_key)
    assert len(client.obtain("northwind.example")) == 2


@pytest.mark.parametrize(
    "sent",
    [b"zz\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"100001\r\n"],
    ids=["no-number", "longer-than-it-says", "negative", "too-long"],
)
def test_malformed_chunks_are_no_request(
    sandbox: Sandbox, base: str, sent: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    context = ssl.create_default_context(cadata=sandbox.authority.root_pem.decode())
    connection = http.client.HTTPSConnection(base.removeprefix("https://"), timeout=10, context=context)
    connection.putrequest("POST", "/v2/OV/newAccount")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.putheader("Content-Type", "application/jose+json")
    connection.endheaders()
    connection.send(sent)
    response = connection.getresponse()
    assert response.status == 400
    assert b"The body is not JSON" in response.read()
    connection.close()
    assert capfd.readouterr().err == ""


def test_client_that_does_not_trust_the_root(base: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError):
            send_over(ssl.create_default_context(), "GET", f"{base}/v2/OV", b"")

    assert capfd.readouterr().err == ""


def test_servers_are_listed_where_they_listen(sandbox: Sandbox, base: str) -> None:
    assert sandbox.switches.server_url("DV") == f"{base}/v2/DV"
    assert base.startswith("https://localhost:")
    assert base != "https://localhost:8902"
