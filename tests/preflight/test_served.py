"""The certificate that is served: at each address, and what it is worth for the name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.preflight import served
from tests.preflight.certificates import TlsServer, make_certificate
from tests.preflight.conftest import NAME, ask_about, told
from tests.preflight.name_server import NameServer

DAY = timedelta(days=1)


@pytest.fixture
def site(loopback: NameServer) -> NameServer:
    loopback.records[NAME, "A"] = ["127.0.0.1"]
    return loopback


@pytest.mark.usefixtures("site")
def test_it_works(tmp_path: Path) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - DAY
    certificate = make_certificate([NAME, "www.example.com"], began=began, days=90)
    with TlsServer(tmp_path, certificate) as server:
        look, read = served.read(ask_about(https=server.port))

    assert read == certificate
    assert told([look]) == [("fine", "served")]
    assert look.facts == {
        "address": "127.0.0.1",
        "serials": {"127.0.0.1": "1234abcd"},
        "serial_number": "1234abcd",
        "issuer": "Northwind CA DV R1",
        "issuer_organization": "Northwind CA",
        "valid_from": began.isoformat(),
        "valid_until": (began + 90 * DAY).isoformat(),
        "names": [NAME, "www.example.com"],
        "names_count": 2,
        "covers_name": True,
        "self_signed": False,
        "renewal_id": served.renewal_id(certificate),
    }


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("names", "began", "issuer", "code"),
    [
        ([NAME], -100 * DAY, "CA", "served_expired"),
        ([NAME], 1 * DAY, "CA", "served_early"),
        (["other.example.com"], -1 * DAY, "CA", "served_other_name"),
        ([NAME], -1 * DAY, NAME, "served_self_signed"),
        (["*.example.com"], -1 * DAY, "CA", "served"),
        (["*.com", "*.shop.example.com", "*"], -1 * DAY, "CA", "served_other_name"),
    ],
)
def test_what_it_is_worth(tmp_path: Path, names: list[str], began: timedelta, issuer: str, code: str) -> None:
    certificate = make_certificate(names, began=datetime.now(UTC) + began, days=90, issuer=issuer)
    with TlsServer(tmp_path, certificate) as server:
        assert [look.code for look in served.look(ask_about(https=server.port))] == [code]


@pytest.mark.usefixtures("site")
def test_nothing_there() -> None:
    (look,) = served.look(ask_about(https=1))

    assert told([look]) == [("warning", "served_nothing")]
    assert look.facts == {"addresses": [{"address": "127.0.0.1", "why": "unreachable"}]}


def test_what_is_not_looked_at(resolver: NameServer) -> None:
    assert told(served.look(ask_about("*.example.com"))) == [("fine", "not_needed")]
    assert told(served.look(ask_about())) == [("unknown", "nothing_to_reach")]
    resolver.records[NAME, "A"] = ["127.0.0.1"]
    assert told(served.look(ask_about())) == [("unknown", "nothing_to_reach")]
    resolver.silent = {NAME}
    assert told(served.look(ask_about(seconds=0.1))) == [("unknown", "no_answer")]


def test_the_id_that_the_ca_is_asked_by() -> None:
    # RFC 9773 4.1: its example has this serial and key.
    key = bytes.fromhex("69885b6b87464041e1b37b847ba0ae2cde01c8d4")
    certificate = make_certificate([NAME], serial=0x8765432100, key_identifier=key)
    assert served.renewal_id(certificate) == "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyEA"


def test_a_certificate_that_names_no_key_has_none() -> None:
    assert served.renewal_id(make_certificate([NAME], key_identifier=b"")) == ""


LABELS = st.text("abc", min_size=1, max_size=3)


@given(st.lists(LABELS, min_size=2, max_size=5))
def test_a_wildcard_holds_for_one_label_only(labels: list[str]) -> None:
    host = ".".join(labels)

    assert served.covers([host], host)
    assert served.covers([".".join(["*", *labels[1:]])], host)
    assert not served.covers([".".join(["*", *labels])], host)
    assert not served.covers([".".join(["*", *labels[2:]])], host)
