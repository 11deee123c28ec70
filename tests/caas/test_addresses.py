import pytest

from subscriptions.caas.errors import InsecureUrlError

from .scripted_ca import LOGIN_NAME, LOGIN_PASSWORD, reply, scripted


@pytest.mark.parametrize(
    "url",
    [
        "https://secure.trust-provider.com/products/!ACMEAdmin",
        "http://127.0.0.1:8901/products/!ACMEAdmin",
        "http://127.8.9.10:8901/",
        "http://localhost:8901/products/!ACMEAdmin",
        "http://[::1]:8901/",
    ],
)
def test_https_anywhere_and_plain_http_on_this_machine(url: str) -> None:
    with scripted(reply({"Servers": []}), url=url) as (client, ca):
        assert client.list_servers() == ()
    assert str(ca.requests[0].url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://secure.trust-provider.com/products/!ACMEAdmin",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://0.0.0.0/",
        "http://192.168.1.1/",
        "ftp://127.0.0.1/",
        "secure.trust-provider.com",
        "https:///products",
        "",
    ],
)
def test_any_other_address_is_refused_before_a_login_can_leak(url: str) -> None:
    with pytest.raises(InsecureUrlError) as caught, scripted(url=url):
        pass
    assert isinstance(caught.value, ValueError)
    assert LOGIN_PASSWORD not in str(caught.value)


def test_the_client_shows_its_host_only() -> None:
    with scripted() as (client, _):
        assert repr(client) == "<CaasClient for secure.trust-provider.com>"
        assert LOGIN_NAME not in repr(client)


def test_a_closed_client_makes_no_call() -> None:
    with scripted() as (client, ca):
        client.close()
        with pytest.raises(RuntimeError, match="closed"):
            client.list_servers()
        assert ca.requests == []
