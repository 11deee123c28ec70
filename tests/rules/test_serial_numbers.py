"""Serial numbers, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.serial_numbers import is_same_serial

SERIALS = st.integers(1, 2**160 - 1)


@given(SERIALS)
def test_each_writing_is_the_same(number: int) -> None:
    text = f"{number:x}"
    even = text.zfill(len(text) + len(text) % 2)
    pairs = ":".join(even[start : start + 2] for start in range(0, len(even), 2))

    for written in (text, text.upper(), f"0x{text}", f"00{text}", pairs, pairs.upper(), str(number), f" {number} "):
        assert is_same_serial(written, text)


@given(SERIALS, SERIALS)
def test_others_are_not(number: int, other: int) -> None:
    if number != other:
        assert not is_same_serial(f"{number:x}", f"{other:x}") or str(other) == f"{number:x}"


@pytest.mark.parametrize(("told", "served"), [("", "a"), ("a", ""), ("", ""), ("xyz", "a"), (" ", "0")])
def test_what_is_none_is_like_nothing(told: str, served: str) -> None:
    assert not is_same_serial(told, served)
