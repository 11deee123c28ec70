"""Days and instants in words."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from subscriptions.rules.instants import day_text, instant_text


def test_a_day_and_an_instant_in_words() -> None:
    assert day_text(date(2026, 11, 5)) == "5 Nov 2026"
    assert instant_text(datetime(2026, 11, 5, 9, 7, 59, tzinfo=UTC)) == "5 Nov 2026, 09:07 UTC"


def test_an_instant_is_told_in_utc() -> None:
    assert instant_text(datetime(2026, 11, 6, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "5 Nov 2026, 23:30 UTC"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "6 Nov 2026, 00:30 CET"),
        ("America/Sao_Paulo", "5 Nov 2026, 20:30 UTC-03"),
        ("UTC", "5 Nov 2026, 23:30 UTC"),
    ],
)
def test_an_instant_is_written_in_the_reader_s_time_zone(zone: str, text: str) -> None:
    assert instant_text(datetime(2026, 11, 5, 23, 30, tzinfo=UTC), ZoneInfo(zone)) == text
