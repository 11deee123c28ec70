"""The cache in the database: it forgets in time, adds once, and runs nothing that was written to it."""

import base64
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

pytestmark = pytest.mark.servers

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(codec="utf-8")), children),
)


@pytest.fixture
def cache(db: None) -> BaseCache:
    cache: BaseCache = caches["default"]
    cache.clear()
    return cache


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache")
        number: int = cursor.fetchone()[0]
    return number


def test_it_works(cache: BaseCache) -> None:
    assert cache.get("a") is None
    assert cache.get("a", 7) == 7
    cache.set("a", [1.5, "two"])
    cache.set("b", None)

    assert cache.get("a") == [1.5, "two"]
    assert cache.get("b", 7) is None
    assert cache.get_many(["a", "b", "c"]) == {"a": [1.5, "two"], "b": None}
    assert "a" in cache
    assert cache.add("n", 1) is True
    assert cache.incr("n", 2) == 3
    assert cache.delete("a") is True
    assert cache.delete("a") is False
    cache.clear()
    assert count() == 0


class AnyValue(TestCase):
    @given(json_values)
    def test_what_json_can_hold_comes_back_as_it_was(self, value: Any) -> None:
        caches["default"].set("a", value)
        assert caches["default"].get("a") == value


def test_it_is_forgotten_in_time(cache: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [timezone.now().timestamp()]
    monkeypatch.setattr("time.time", lambda: at[0])
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromtimestamp(at[0], timezone.get_current_timezone()))
    cache.set("minute", 1, 60)
    cache.set("usual", 2)
    cache.set("ever", 3, None)
    cache.set("never", 4, 0)

    assert cache.get_many(["minute", "usual", "ever", "never"]) == {"minute": 1, "usual": 2, "ever": 3}
    assert cache.add("minute", 5, 60) is False
    assert cache.touch("usual", 60) is True
    at[0] += 61
    assert cache.get_many(["minute", "usual", "ever"]) == {"ever": 3}
    assert cache.touch("usual", 60) is False
    assert cache.add("minute", 5, 60) is True
    assert cache.get("minute") == 5
    assert count() == 4
    cache.set("minute", 6, 60)
    cache.set("minute", 7, 60)
    assert count() == 2  # what has expired goes one by one


def test_it_grows_no_further_than_what_still_holds(cache: BaseCache) -> None:
    for number in range(50):
        cache.set(f"key-{number}", number, -1)
    assert count() == 1


def test_what_json_cannot_hold_is_refused(cache: BaseCache) -> None:
    with pytest.raises(TypeError):
        cache.set("a", object())
    assert count() == 0


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pytest.fail, ("code was run",)


def test_what_is_written_to_the_table_cannot_run_code(cache: BaseCache) -> None:
    cache.set("a", 1)
    planted = base64.b64encode(pickle.dumps(Trap())).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET value = %s", [planted])

    with pytest.raises(ValueError, match="Expecting value"):
        cache.get("a")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_wins() -> None:
    cache = caches["default"]
    cache.clear()
    together = Barrier(6)

    def add(number: int) -> bool:
        together.wait()
        try:
            return cache.add("lock", number, 10)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(add, range(6)))

    assert results.count(True) == 1
    assert cache.get("lock") == results.index(True)
    cache.clear()


def test_no_cache_of_the_project_is_outside_the_database() -> None:
    assert {one["BACKEND"] for one in settings.CACHES.values()} == {"portal.cache.DatabaseCache"}
    assert settings.SESSION_ENGINE == "portal.sessions"
