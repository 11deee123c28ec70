"""The looks at a name with BIND: signed zones, a broken one, CAA records, and a resolver that validates."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from subscriptions.preflight.examine import examine
from subscriptions.preflight.question import Ports
from subscriptions.preflight.results import Look, Topic
from tests.preflight.bind import bind

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    with bind(tmp_path_factory.mktemp("bind")) as ports:
        yield ports


@pytest.fixture(autouse=True)
def _reaching_out(servers: tuple[int, int]) -> Iterator[None]:
    on = {"OUTBOUND": True, "OUTBOUND_RESOLVERS": [f"127.0.0.1:{servers[1]}"]}
    with override_settings(**on, OUTBOUND_ALLOWED_NETWORKS=["127.0.0.0/8"]):
        yield


def looked(servers: tuple[int, int], name: str) -> dict[Topic, list[Look]]:
    ports = Ports(dns=servers[0], http=1, https=1)  # nobody is at those
    found: dict[Topic, list[Look]] = {topic: [] for topic in Topic}
    for look in examine(name, identifiers=["sectigo.com"], wants_http=True, ports=ports):
        found[look.topic].append(look)
    return found


def codes(found: dict[Topic, list[Look]]) -> dict[str, str]:
    return {str(topic): " ".join(look.code for look in looks) for topic, looks in found.items()}


def test_it_works(servers: tuple[int, int]) -> None:
    assert codes(looked(servers, "www.signed.test")) == {
        "dns": "addresses",
        "delegation": "delegated",
        "dnssec": "signed",
        "caa": "caa_none",
        "http": "http_silent",
        "acme_txt": "txt_delegated",
        "served": "served_nothing",
    }


def test_a_zone_whose_signatures_do_not_hold(servers: tuple[int, int]) -> None:
    found = looked(servers, "broken.test")

    seen = codes(found)
    assert (seen["dns"], seen["dnssec"], seen["delegation"]) == ("dns_failed", "broken", "delegated")
    assert found[Topic.DNSSEC][0].facts["name"] == "broken.test"


def test_a_zone_that_is_not_signed(servers: tuple[int, int]) -> None:
    assert codes(looked(servers, "unsigned.test"))["dnssec"] == "unsigned"


def test_a_zone_whose_servers_do_not_hold_it(servers: tuple[int, int]) -> None:
    found = looked(servers, "shop.lame.test")

    assert codes(found)["delegation"] == "lame"
    assert found[Topic.DELEGATION][0].facts["zone"] == "lame.test"
    assert codes(found)["caa"] == "caa_failed"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ours.signed.test", "caa_allows"),
        ("shop.ours.signed.test", "caa_allows"),
        ("theirs.signed.test", "caa_forbids"),
        ("shop.theirs.signed.test", "caa_forbids"),
        ("alias.signed.test", "caa_forbids"),
        ("wild.signed.test", "caa_forbids"),
        ("*.wild.signed.test", "caa_allows"),
        ("critical.signed.test", "caa_critical"),
        ("nobody.signed.test", "caa_forbids_all"),
    ],
)
def test_caa(servers: tuple[int, int], name: str, expected: str) -> None:
    assert codes(looked(servers, name))["caa"] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("signed.test", "txt_left"),
        ("unsigned.test", "txt_none"),
    ],
)
def test_challenges(servers: tuple[int, int], name: str, expected: str) -> None:
    assert codes(looked(servers, name))["acme_txt"] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gone.signed.test", "no_name"),
        ("nothing.signed.test", "no_address"),
        ("inside.signed.test", "not_public"),
        ("only6.signed.test", "not_public"),
    ],
)
def test_addresses(servers: tuple[int, int], name: str, expected: str) -> None:
    assert codes(looked(servers, name))["dns"] == expected


def test_a_circle_of_aliases(servers: tuple[int, int]) -> None:
    assert codes(looked(servers, "round.signed.test"))["dns"] in {"alias_loop", "dns_failed"}
