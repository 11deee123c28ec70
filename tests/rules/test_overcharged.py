"""What counts as charged too much: one rule for what stops an order and what its pages say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.models import Operation
from subscriptions.rules.prices import is_overcharged

AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=6)
CURRENCIES = st.sampled_from(["USD", "EUR", "KWD", ""])


@pytest.mark.parametrize(
    ("charged", "currency", "price", "is_too_much"),
    [
        ("30.00", "USD", "30.00", False),
        ("29.99", "USD", "30.00", False),
        ("30.01", "USD", "30.00", True),
        ("30.000001", "USD", "30.00", True),
        ("0.00", "USD", "0.00", False),
        ("0.01", "USD", "0.00", True),
        ("0.00", "EUR", "0.00", False),
        ("0.00", "EUR", "30.00", False),
        ("0.01", "EUR", "0.00", True),
        ("1.00", "EUR", "30.00", True),
        ("1.00", "", "30.00", True),
        (None, "", "30.00", False),
        (None, "EUR", "0.00", False),
        ("30.00", "USD", None, False),
    ],
)
def test_more_than_was_confirmed_in_usd(
    charged: str | None, currency: str, price: str | None, is_too_much: bool
) -> None:
    amount = None if charged is None else Decimal(charged)
    confirmed = None if price is None else Decimal(price)

    assert is_overcharged(amount, currency, confirmed, "USD") is is_too_much


@given(charged=AMOUNTS, price=AMOUNTS, charged_currency=CURRENCIES, currency=CURRENCIES)
def test_it_is_more_or_anything_in_another_currency(
    charged: Decimal, price: Decimal, charged_currency: str, currency: str
) -> None:
    allowed = price if charged_currency == currency else Decimal(0)

    assert is_overcharged(charged, charged_currency, price, currency) is (charged > allowed)


@pytest.mark.parametrize("state", Operation.State)
def test_only_what_was_done_is_overcharged(state: Operation.State) -> None:
    operation = Operation(state=state, charged=Decimal(31), charged_currency="USD", price=Decimal(30), currency="USD")

    assert operation.is_overcharged is (state == Operation.State.SUCCEEDED)
