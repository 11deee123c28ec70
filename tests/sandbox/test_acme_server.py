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


def send_over(context: ssl.SSLContext, method: str, url: str, body: bytes) -> Answer:
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


def test_client_that_does_not_trust_the_root(base: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError):
            send_over(ssl.create_default_context(), "GET", f"{base}/v2/OV", b"")

    assert capfd.readouterr().err == ""


def test_servers_are_listed_where_they_listen(sandbox: Sandbox, base: str) -> None:
    assert sandbox.switches.server_url("DV") == f"{base}/v2/DV"
    assert base.startswith("https://localhost:")
    assert base != "https://localhost:8902"
