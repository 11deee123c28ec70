"""The numbers of quotes and orders, as they are shown and as people write them."""

import pytest

from subscriptions.rules.numbers import key_of, number_of


def test_a_number_is_read_back() -> None:
    assert (number_of("Q", 1), number_of("O", 24)) == ("Q-1001", "O-1024")
    assert all(key_of("Q", number_of("Q", key)) == key for key in (1, 24, 999_999))


@pytest.mark.parametrize("typed", ["O-1024", "o-1024", "o1024", "#O-1024", " O 1024 ", "O–1024", "O- 1024"])
def test_it_is_found_as_people_write_it(typed: str) -> None:
    assert key_of("O", typed) == 24


@pytest.mark.parametrize("typed", ["", "1024", "Q-1024", "O-", "O-10x", "O-1024.example.com", "O-" + "9" * 16, "O-١٠"])
def test_nothing_else_is_a_number_of_an_order(typed: str) -> None:
    assert key_of("O", typed) is None
