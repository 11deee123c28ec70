"""Port 80 of every address, as an HTTP-01 challenge meets it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from subscriptions.preflight import http
from subscriptions.preflight.results import Look
from tests.portal.test_outbound_fetching import Web, redirect, web
from tests.preflight.certificates import TlsServer, make_certificate
from tests.preflight.conftest import NAME, ask_about, told
from tests.preflight.name_server import NameServer

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def site(loopback: NameServer) -> Iterator[Web]:
    loopback.records = {(NAME, "A"): ["127.0.0.1"], ("www.example.com", "A"): ["127.0.0.1"]}
    with web(MISSING) as server:
        yield server


def looked(site: Web, *, https: int = 1) -> list[Look]:
    return http.look(ask_about(http=site.port, https=https))


def test_it_works(site: Web) -> None:
    (look,) = looked(site)

    assert told([look]) == [("fine", "http_answers")]
    assert look.facts["addresses"] == [{"address": "127.0.0.1", "status": 404, "redirects": []}]
    assert site.requests[0].startswith(f"GET {look.facts['path']} HTTP/1.1\r\n")
    assert look.facts["path"].startswith("/.well-known/acme-challenge/")


def test_every_address_is_asked(site: Web, loopback: NameServer) -> None:
    loopback.records[NAME, "A"] = ["127.0.0.1", "127.0.0.9"]

    (look,) = looked(site)

    assert told([look]) == [("problem", "http_silent")]
    assert look.facts == {
        "addresses": [{"address": "127.0.0.9", "why": "unreachable"}],
        "answering": ["127.0.0.1"],
    }


def test_what_is_not_public_is_not_asked(site: Web, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []

    assert told(looked(site)) == [("unknown", "nothing_to_reach")]
    assert site.server.connections == 0


def test_a_redirect_with_the_path(site: Web) -> None:
    def same_path(_: object, connection: socket.socket) -> None:
        path = site.requests[-1].split(" ")[1]
        connection.sendall(redirect(f"http://www.example.com:{second.port}{path}"))

    site.answer = same_path
    with web(MISSING) as second:
        (look,) = looked(site, https=second.port)

    assert told([look]) == [("fine", "http_answers")]
    assert look.facts["addresses"][0]["redirects"] == [f"http://www.example.com:{second.port}{look.facts['path']}"]


def test_a_certificate_on_the_way_that_does_not_hold_does_not_matter(site: Web, tmp_path: Path) -> None:
    def to_https(_: object, connection: socket.socket) -> None:
        path = site.requests[-1].split(" ")[1]
        connection.sendall(redirect(f"https://{NAME}:{secured.port}{path}"))

    site.answer = to_https
    with TlsServer(tmp_path, make_certificate([NAME], days=1)) as secured:
        (look,) = looked(site, https=secured.port)

    assert told([look]) == [("fine", "http_answers")]
    assert look.facts["addresses"][0]["status"] is None


def test_a_redirect_that_loses_the_path(site: Web) -> None:
    with web(MISSING) as second:
        site.answer = redirect(f"http://www.example.com:{second.port}/")
        (look,) = looked(site, https=second.port)

    assert told([look]) == [("warning", "http_path_lost")]
    assert look.facts["to"] == f"http://www.example.com:{second.port}/"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://www.example.com:8080/", "port"),
        ("http://gone.example.com/", "no_name"),
        ("http://10.0.0.1/", "not_public"),
        ("/round", "too_many"),
    ],
)
def test_a_redirect_in_vain(site: Web, target: str, why: str) -> None:
    site.answer = redirect(target)
    (look,) = http.look(ask_about(http=site.port, https=80))
    assert (look.outcome, look.code, look.facts["why"]) == ("problem", "http_redirect_broken", why)


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_error_of_its_own(site: Web, status: int) -> None:
    site.answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    (look,) = looked(site)
    assert (look.outcome, look.code, look.facts["status"]) == ("warning", "http_error", status)


def test_what_is_not_asked(loopback: NameServer) -> None:
    assert told(http.look(ask_about(wants_http=False))) == [("fine", "not_needed")]
    assert told(http.look(ask_about("*.example.com"))) == [("problem", "wildcard_needs_dns")]
    assert told(http.look(ask_about())) == [("unknown", "nothing_to_reach")]
    loopback.rcodes[NAME] = "SERVFAIL"
    assert told(http.look(ask_about())) == [("unknown", "no_answer")]
