"""Until when the CA refunds and from when to when it extends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.terms import (
    TERM_DAYS,
    expiry_of,
    extendable_expiries,
    extension_window,
    fits_term,
    last_day,
    new_term_from,
    possible_terms,
    refundable_since,
    refundable_until,
)

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 16, tzinfo=UTC)  # when the day of NOW is over
TICK = timedelta(microseconds=1)
DISTANCES = st.timedeltas(min_value=timedelta(days=-200), max_value=timedelta(days=200))


@pytest.mark.parametrize(
    ("expires_at", "is_open"),
    [
        (NIGHT + timedelta(days=99), False),
        (NIGHT + timedelta(days=99) - TICK, True),
        (NIGHT - timedelta(days=30), True),
        (NIGHT - timedelta(days=30) - TICK, False),
    ],
)
def test_the_window_of_an_extension_is_the_same_from_both_sides(expires_at: datetime, is_open: bool) -> None:
    assert extension_window(expires_at).holds(NOW) is extendable_expiries(NOW).holds(expires_at) is is_open


@given(distance=DISTANCES)
def test_windows_from_both_sides_agree_everywhere(distance: timedelta) -> None:
    instant = NOW + distance

    assert extension_window(instant).holds(NOW) is extendable_expiries(NOW).holds(instant)
    assert (refundable_until(instant) >= NOW) is (instant >= refundable_since(NOW))


def test_a_refund_is_sure_until_the_29th_day_is_over() -> None:
    assert refundable_until(NOW) == NIGHT + timedelta(days=29) - TICK


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles", "UTC"])
def test_the_last_day_is_that_of_utc_wherever_an_instant_was_written(zone: str) -> None:
    end = datetime(2028, 11, 24, 23, 59, 59, tzinfo=UTC).astimezone(ZoneInfo(zone))

    assert last_day(end) == last_day(date(2028, 11, 24)) == date(2028, 11, 24)


@given(distance=DISTANCES)
def test_a_window_has_whole_days_that_the_guide_surely_allows(distance: timedelta) -> None:
    expires_at = NOW + distance
    window = extension_window(expires_at)

    assert expires_at - timedelta(days=100) < window.opens_at <= expires_at - timedelta(days=99)
    assert expires_at + timedelta(days=29) <= window.closes_at < expires_at + timedelta(days=30)
    assert last_day(window.closes_at) - last_day(window.opens_at) == timedelta(days=99 + 29)


@given(distance=DISTANCES)
def test_a_new_term_can_start_in_all_of_the_day_that_is_told(distance: timedelta) -> None:
    expires_at = NOW + distance
    begins_at = new_term_from(expires_at)

    assert begins_at.astimezone(UTC).time() == time.min
    assert expires_at + timedelta(days=31) < begins_at <= expires_at + timedelta(days=32)


@pytest.mark.parametrize(("days", "fits"), [(363, True), (365, True), (367, True), (368, False), (362, False)])
def test_an_expiry_fits_its_term_to_two_days(days: int, fits: bool) -> None:
    assert fits_term(NOW + timedelta(days=days), first_added_at=NOW, years=1) is fits


@given(expiries=st.lists(st.none() | st.datetimes(timezones=st.just(UTC))))
def test_the_expiry_of_a_listing_is_its_latest(expiries: list[datetime | None]) -> None:
    expiry = expiry_of(iter(expiries))

    assert (expiry is None) is all(each is None for each in expiries)
    assert expiry is None or (expiry in expiries and all(each is None or each <= expiry for each in expiries))


@given(years=st.sampled_from(list(TERM_DAYS)), running=st.integers(0, 1094), off=st.integers(-2, 2))
def test_the_term_that_is_running_is_a_possible_one(years: int, running: int, off: int) -> None:
    expires_at = NOW + timedelta(days=TERM_DAYS[years] + off)

    assert years in possible_terms(expires_at, seen_at=NOW + timedelta(days=running))


@pytest.mark.parametrize(
    ("days", "possible"),
    [
        (-5, (1, 2, 3)), (1, (1, 2, 3)), (367, (1, 2, 3)), (368, (2, 3)), (732, (2, 3)), (733, (3,)), (1097, (3,)),
        (1098, (1, 2, 3)),
    ],
)  # fmt: skip
def test_an_expiry_far_ahead_leaves_the_longer_terms(days: int, possible: tuple[int, ...]) -> None:
    assert possible_terms(NOW + timedelta(days=days), seen_at=NOW) == possible


def test_without_an_expiry_every_term_is_possible() -> None:
    assert possible_terms(None, seen_at=NOW) == (1, 2, 3)
