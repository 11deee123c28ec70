"""The certificate that is served: at each address, and what it is worth for the name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db.models import CharField
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.models import ServedCertificate
from subscriptions.preflight import served
from tests.preflight.certificates import (
    EXTENSION_TWICE,
    NEGATIVE_SERIAL,
    NUL_IN_ISSUER,
    VERSION_SIX,
    TlsServer,
    make_certificate,
    strange_certificate,
)
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


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("strange", "outcome", "code"),
    [(VERSION_SIX, "warning", "served_nothing"), (EXTENSION_TWICE, "unknown", "unreadable")],
)
def test_a_certificate_that_cannot_be_read(tmp_path: Path, strange: tuple[str, str], outcome: str, code: str) -> None:
    with TlsServer(tmp_path, strange_certificate([NAME], *strange)) as server:
        assert told(served.look(ask_about(https=server.port))) == [(outcome, code)]


@pytest.mark.usefixtures("site")
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_negative_serial_number_is_asked_about_by_no_id(tmp_path: Path) -> None:
    with TlsServer(tmp_path, strange_certificate([NAME], *NEGATIVE_SERIAL)) as server:
        (look,) = served.look(ask_about(https=server.port))

    assert (look.code, look.facts["serial_number"], look.facts["renewal_id"]) == ("served", "-dcb5433", "")


def test_the_texts_of_a_certificate_have_no_control_characters() -> None:
    certificate = x509.load_der_x509_certificate(strange_certificate([NAME], *NUL_IN_ISSUER))

    assert served.judged(NAME, certificate, datetime.now(UTC), {}).facts["issuer"] == r"Northwind CA\x00DV R1"


def test_what_is_read_is_not_longer_than_the_columns_that_keep_it() -> None:
    def longest(column: str) -> int | None:
        field = ServedCertificate._meta.get_field(column)
        assert isinstance(field, CharField)
        return field.max_length

    assert longest("renewal_id") == served.LONGEST_RENEWAL_ID
    assert longest("serial_number") == served.LONGEST_SERIAL
    assert longest("issuer") == longest("issuer_organization") == served.LONGEST_PART

    key = make_certificate([NAME], key_identifier=b"k" * 3000)
    assert served.renewal_id(key) == ""
    most = make_certificate([NAME], key_identifier=b"k" * 128, serial=0xFF)
    assert 0 < len(served.renewal_id(most)) <= served.LONGEST_RENEWAL_ID
    serial = x509.load_der_x509_certificate(_with_a_serial_of(70))
    assert served.serial_of(serial) == "11" * 50
    assert served.renewal_id(make_certificate([NAME], serial=1 << 158)) != ""


def _with_a_serial_of(length: int) -> bytes:
    """Make a certificate (DER) whose serial number has more bytes than a builder allows."""
    der = make_certificate([NAME]).public_bytes(Encoding.DER)
    old, new = bytes.fromhex("02041234abcd"), bytes([2, length]) + b"\x11" * length
    more = len(new) - len(old)
    whole, inner = (int.from_bytes(der[at : at + 2], "big") + more for at in (2, 6))  # both of the form 30 82 xx xx
    head = b"\x30\x82" + whole.to_bytes(2, "big") + b"\x30\x82" + inner.to_bytes(2, "big")
    return head + der[8:].replace(old, new, 1)


LABELS = st.text("abc", min_size=1, max_size=3)


@given(st.lists(LABELS, min_size=2, max_size=5))
def test_a_wildcard_holds_for_one_label_only(labels: list[str]) -> None:
    host = ".".join(labels)

    assert served.covers([host], host)
    assert served.covers([".".join(["*", *labels[1:]])], host)
    assert not served.covers([".".join(["*", *labels])], host)
    assert not served.covers([".".join(["*", *labels[2:]])], host)
