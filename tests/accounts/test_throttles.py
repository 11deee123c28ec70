"""Tries are counted in the database: each one counts, and in time they are forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts import clearing, throttles
from accounts.models import Throttle
from accounts.throttles import Limit, refusing

pytestmark = pytest.mark.servers

MINUTE = timedelta(minutes=1)
FIVE = Limit("five", 5, MINUTE)


def test_it_works(db: None) -> None:
    now, one, other = timezone.now(), FIVE.of("192.0.2.1"), FIVE.of("192.0.2.2")

    assert [one.take(now) for _ in range(7)] == [True] * 5 + [False] * 2
    assert other.take(now) is True
    assert one.take(now + MINUTE - timedelta(microseconds=1)) is False
    assert [one.take(now + MINUTE) for _ in range(2)] == [True, False]
    later = now + timedelta(hours=1)
    assert [one.take(later) for _ in range(7)] == [True] * 5 + [False] * 2


def test_what_is_given_back_is_forgotten(db: None) -> None:
    now, one = timezone.now(), FIVE.of("a")
    for _ in range(20):
        assert one.take(now)
        one.give_back()
    assert [one.take(now) for _ in range(6)] == [True] * 5 + [False]
    one.clear()
    assert one.take(now)


def test_one_that_refuses_has_the_others_count_nothing(db: None) -> None:
    now, wide, narrow = timezone.now(), Limit("wide", 3, MINUTE).of("a"), Limit("narrow", 1, MINUTE).of("a")

    assert refusing([wide, narrow], now) is None
    assert [refusing([wide, narrow], now) for _ in range(9)] == [narrow] * 9
    assert [wide.take(now) for _ in range(3)] == [True, True, False]


def test_no_address_stands_in_the_database(db: None) -> None:
    FIVE.of("192.0.2.1", "owner@northwind.example").take(timezone.now())
    key = Throttle.objects.get().key
    assert key.startswith("five:")
    assert "192" not in key.removeprefix("five:")[:3] or "northwind" not in key
    assert FIVE.of("a", "b") != FIVE.of("ab")


def test_it_is_news_once_an_hour(db: None) -> None:
    now, one = timezone.now(), FIVE.of("a")
    one.take(now)
    assert [one.is_news(now), one.is_news(now), one.is_news(now + timedelta(hours=1))] == [True, False, True]


def test_what_is_long_past_is_cleared(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(clearing, "AT_ONCE", 2)
    for number in range(5):
        FIVE.of(number).take(now - timedelta(days=2))
    FIVE.of("new").take(now)

    assert throttles.clear_expired(now) == 5
    assert Throttle.objects.get().key == FIVE.of("new").key


class AnyTries(TestCase):
    @given(
        st.integers(1, 6),
        st.integers(1, 100).map(lambda seconds: timedelta(seconds=seconds)),
        st.lists(st.integers(0, 50), max_size=40),
    )
    def test_never_more_than_the_limit_says(self, at_once: int, every: timedelta, gaps: list[int]) -> None:
        """In any stretch of time no more get through than at once, and one for each `every` that it holds."""
        Throttle.objects.all().delete()
        now, counter, through = timezone.now(), Limit("any", at_once, every).of(), []
        for gap in gaps:
            now += timedelta(seconds=gap)
            if counter.take(now):
                through.append(now)
        for first, start in enumerate(through):
            for last, end in enumerate(through[first:], start=1):
                assert last <= at_once + (end - start) // every


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_counts() -> None:
    together, now = Barrier(12), timezone.now()

    def attempt(_: int) -> bool:
        together.wait()
        try:
            return FIVE.of("a").take(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(attempt, range(12)))

    assert results.count(True) == 5
    assert Throttle.objects.get().free_at == now + 5 * MINUTE
