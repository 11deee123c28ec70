"""What a website serves beside what was issued: one state, one sentence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subscriptions.explain.served import Issued, ServedState, served_state, served_words
from subscriptions.models import Certificate, ServedCertificate

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LAST, OLDER = "0A:0B", "abc"


def served(serial: str = "a0b", **fields: Any) -> ServedCertificate:
    defaults = {"code": "served", "looked_at": NOW, "valid_from": NOW - 30 * DAY, "valid_until": NOW + 60 * DAY}
    return ServedCertificate(serial_number=serial, **{**defaults, **fields})


def state(row: ServedCertificate | None, *, subscribed: bool = True, issued: Issued | None = None) -> str:
    own = Issued(Certificate(serial_number=LAST), (LAST, "0" + OLDER), NOW - DAY)
    return served_state(row, issued or own, is_wildcard=False, is_subscribed=subscribed, now=NOW)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, "waiting"),
        (ServedCertificate(), "waiting"),
        (served(), "in_use"),
        (served(OLDER), "old"),
        (served(OLDER, valid_until=NOW - DAY), "old"),
        (served("ffff"), "other"),
        (served("ffff", valid_from=NOW - DAY / 2), "newer"),
        (served("ffff", valid_until=NOW - DAY), "expired"),
        (served(valid_until=NOW), "expired"),
        (served("ffff", valid_from=NOW + DAY), "early"),
        (served(code="served_other_name"), "other_name"),
        (served("ffff", code="served_self_signed"), "self_signed"),
        (served("", code="served_nothing"), "nothing"),
        (served("", code="no_answer"), "unreachable"),
        (served("", code="nothing_to_reach"), "unreachable"),
        (served("", code="unreadable"), "unreachable"),
    ],
)
def test_it_works(row: ServedCertificate | None, expected: str) -> None:
    assert state(row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (served(), "unpaid"),
        (served(OLDER), "unpaid"),
        (served(valid_until=NOW - DAY), "expired"),
        (served("ffff"), "other"),
        (served("", code="served_nothing"), "nothing"),
    ],
)
def test_a_name_that_is_no_longer_paid_for(row: ServedCertificate, expected: str) -> None:
    assert state(row, subscribed=False) == expected


def test_where_nothing_was_issued() -> None:
    nothing = Issued()
    assert state(served(), issued=nothing) == "newer"
    assert state(served(), issued=Issued(read_at=NOW)) == "other"
    assert state(served(), issued=Issued(Certificate(), (), NOW)) == "other"


def test_a_wildcard_is_never_looked_at() -> None:
    assert served_state(served(), Issued(), is_wildcard=True, is_subscribed=True, now=NOW) == "wildcard"


@pytest.mark.parametrize("each", list(ServedState))
def test_each_state_has_its_sentence(each: ServedState) -> None:
    said = served_words(each, None)
    assert said.sentence.endswith(".")
    assert not said.next_step or said.next_step.endswith(".")


def test_what_is_known_is_said() -> None:
    other = served_words(ServedState.OTHER, served("ffff", issuer_organization="Contoso Trust", differs=True))
    assert other.sentence == (
        "The server shows a certificate of Contoso Trust that was not issued here."
        " Its addresses show different ones: this is the one that ends first."
    )
    nobody = served_words(ServedState.UNREACHABLE, served("", code="no_answer", problem="timed_out"))
    assert nobody.sentence == "The website could not be reached from here. There was no answer within the time."
