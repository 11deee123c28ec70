"""Amounts are exact: what is shown is what there is, in its currency's own number of digits or in more."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.prices import decimal_of, figures, plain, shown, summed
from subscriptions.templatetags.ui import money_tag, money_text

KEPT = st.decimals(min_value=-(10**11), max_value=10**11, places=6)
CURRENCIES = st.sampled_from(["USD", "EUR", "KWD", "JPY", "CLF", "XXX", ""]) | st.text(
    st.characters(min_codepoint=65, max_codepoint=90), min_size=3, max_size=3
)
JSON_VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,9})?", fullmatch=True)
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.integers())
)


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        ("50.005", "KWD", "KWD 50.005"),
        ("50", "KWD", "KWD 50.000"),
        ("1140", "USD", "USD 1,140.00"),
        ("200.100000", "USD", "USD 200.10"),
        ("200.100001", "USD", "USD 200.100001"),
        ("9800.000000", "JPY", "JPY 9,800"),
        ("9800.5", "JPY", "JPY 9,800.5"),
        ("0.000000", "USD", "USD 0.00"),
        ("-30", "USD", "USD -30.00"),
        ("1E+3", "USD", "USD 1,000.00"),
        ("12.3", "usd", "usd 12.30"),
        ("12.3", "", "12.30"),
    ],
)
def test_it_works(amount: str, currency: str, told: str) -> None:
    assert shown(Decimal(amount), currency) == money_text(Decimal(amount), currency) == told
    assert told.endswith(figures(Decimal(amount), currency))
    assert figures(Decimal(amount), currency) in money_tag(Decimal(amount), currency)


def test_what_is_not_known_is_said() -> None:
    assert shown(None, "USD") == "an unknown amount"
    assert money_text(None, "USD") == "–"


@given(KEPT | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40), CURRENCIES)
def test_what_is_shown_is_the_same_amount(amount: Decimal, currency: str) -> None:
    assert Decimal(figures(amount, currency).replace(",", "")) == Decimal(plain(amount, currency)) == amount


@given(KEPT, CURRENCIES)
def test_the_same_amount_is_shown_the_same_however_it_was_written(amount: Decimal, currency: str) -> None:
    assert figures(amount, currency) == figures(amount.normalize(), currency)


@given(JSON_VALUES)
def test_of_anything_kept_only_what_a_column_keeps_exactly_is_an_amount(value: object) -> None:
    number = decimal_of(value)

    if number is not None:
        assert number == Decimal(str(value))
        assert abs(number) < 10**12
        assert number == number.quantize(Decimal("0.000001"))


@given(KEPT)
def test_a_kept_amount_is_read_back(amount: Decimal) -> None:
    assert decimal_of(str(amount)) == amount


@pytest.mark.parametrize(
    "text", ["1E+999999999", "1E-999999999", "0E-999999999", "9" * 5000, "NaN", "sNaN", "-Infinity"]
)
def test_what_would_fill_the_memory_is_no_amount(text: str) -> None:
    number = decimal_of(text)

    assert number is None or len(figures(number, "USD")) < 30


def test_a_number_of_thousands_of_digits_is_no_amount() -> None:
    assert decimal_of(10**5000) is None


def test_a_sum_made_in_binary_is_what_it_would_be_in_decimal() -> None:
    assert summed(Decimal(0.1 + 0.2)) == Decimal("0.3")
    assert summed(None) == 0
