"""What the CA charged and refunded in twelve months, and how it is drawn."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.models import Subscription
from subscriptions.selectors.costs import Costs, CostYear, cost_years
from subscriptions.templatetags.charts import MOST_STEPS, cost_chart, scale_of, short
from tests import cast

NOW = cast.utc(2026, 3, 15, 12)
AMOUNTS = st.lists(st.decimals(min_value=0, max_value=10**9, places=2), min_size=1, max_size=12)


def test_months_are_those_of_utc(subscription: Subscription) -> None:
    cast.make_transaction(subscription, "1.00", executed_at=cast.utc(2025, 3, 31, 23, 59))
    cast.make_transaction(subscription, "2.00", executed_at=cast.utc(2025, 4, 1))
    cast.make_transaction(subscription, "4.00", executed_at=cast.utc(2025, 4, 30, 23, 59))
    cast.make_transaction(subscription, "8.00", executed_at=cast.utc(2026, 3, 1))
    cast.make_transaction(subscription, "16.00", executed_at=cast.utc(2026, 4, 1))

    [year] = cost_years(NOW)

    assert [one.month for one in year.months] == [
        *(date(2025, month, 1) for month in range(4, 13)),
        *(date(2026, month, 1) for month in range(1, 4)),
    ]
    assert [one.charged for one in year.months] == [6, *[0] * 10, 8]
    assert (year.charged, year.refunded, year.net) == (Decimal(14), Decimal(0), Decimal(14))


def test_refunds_are_no_charges_whatever_their_sign_and_case(subscription: Subscription) -> None:
    at = cast.utc(2026, 3, 2)
    cast.make_transaction(subscription, "95.00", executed_at=at)
    cast.make_transaction(subscription, "300.00", executed_at=at, kind="extendDomains")
    cast.make_transaction(subscription, "45.00", executed_at=at, kind="refundDomain")
    cast.make_transaction(subscription, "-5.00", executed_at=at, kind="RefundDomain")

    [year] = cost_years(NOW)

    assert year.months[-1] == Costs(date(2026, 3, 1), Decimal("395.00"), Decimal("50.00"))
    assert year.months[-1].net == year.net == Decimal("345.00")


def test_amounts_of_either_sign_do_not_cancel_out(subscription: Subscription) -> None:
    for amount, kind in (("95.00", "addDomain"), ("-30.00", "addDomain"), ("45.00", "refundDomain")):
        cast.make_transaction(subscription, amount, executed_at=NOW, kind=kind)
    cast.make_transaction(subscription, "-5.00", executed_at=NOW, kind="refundDomain")

    [year] = cost_years(NOW)

    assert (year.charged, year.refunded) == (Decimal(95), Decimal(80))


def test_currencies_are_never_added(subscription: Subscription) -> None:
    cast.make_transaction(subscription, "95.00", executed_at=NOW)
    cast.make_transaction(subscription, "80.00", executed_at=NOW, currency="EUR")
    cast.make_transaction(subscription, "7.00", executed_at=NOW, currency="GBP", kind="refundDomain")

    assert [(one.currency, one.charged, one.refunded) for one in cost_years(NOW)] == [
        ("EUR", Decimal(80), Decimal(0)),
        ("GBP", Decimal(0), Decimal(7)),
        ("USD", Decimal(95), Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("up", "down", "top", "bottom", "step"),
    [
        ("1140.00", "95.00", "1500", "-500", "500"),
        ("6170.50", "0", "8000", "0", "2000"),
        ("95.00", "0", "100", "0", "25"),
        ("100.00", "0", "100", "0", "25"),
        ("0", "7.00", "2", "-8", "2"),
        ("0.10", "0", "0.1", "0", "0.025"),
        ("0", "0", "1", "0", "1"),
    ],
)
def test_the_scale_has_few_and_round_steps(up: str, down: str, top: str, bottom: str, step: str) -> None:
    scale = scale_of([Decimal(up)], [Decimal(down)])

    assert (scale.top, scale.bottom, scale.step) == (Decimal(top), Decimal(bottom), Decimal(step))


@given(up=AMOUNTS, down=AMOUNTS)
def test_everything_is_on_the_scale(up: list[Decimal], down: list[Decimal]) -> None:
    scale = scale_of(up, down)

    assert scale.bottom <= -max(down) <= 0 <= max(up) <= scale.top
    assert 1 <= (scale.top - scale.bottom) / scale.step <= 2 * MOST_STEPS
    assert all(0 <= scale.y(amount) <= 100 for amount in [*up, *(-one for one in down)])


def test_bars_stand_on_the_line_and_refunds_hang_from_it() -> None:
    months = [Costs(date(2026, month, 1), Decimal(month * 100), Decimal(50 if month == 1 else 0)) for month in (1, 2)]

    drawn = cost_chart(CostYear("USD", months), "costs-usd")

    # From 200 at the top to -50 at the bottom.
    first, second = drawn["columns"]
    assert (first.charged.y, first.charged.height) == ("40.00%", "40.00%")
    assert (first.refunded.y, first.refunded.height) == ("80.00%", "20.00%")
    assert (second.charged.y, second.charged.height, second.refunded) == ("0.00%", "80.00%", None)
    assert (first.left, second.left, drawn["column_width"]) == ("0.00%", "50.00%", "50.00%")


def test_a_year_is_named_where_there_is_room() -> None:
    def named(first: int) -> list[int]:
        days = [date(2025 + number // 12, number % 12 + 1, 1) for number in range(first, first + 12)]
        year = CostYear("USD", [Costs(day, Decimal(1), Decimal(0)) for day in days])
        return [place for place, one in enumerate(cost_chart(year, "c")["columns"]) if one.shows_year]

    assert named(0) == [0]  # January first
    assert named(1) == [0, 11]
    assert named(9) == [0, 3]
    assert named(11) == [1]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"),
        ("-500", "−500"),
        ("2500", "2.5k"),
        ("10000", "10k"),
        ("7.5", "7.5"),
        ("2.5E+6", "2.5M"),
        ("1E+9", "1G"),
    ],
)
def test_labels_are_short(amount: str, text: str) -> None:
    assert short(Decimal(amount)) == text
