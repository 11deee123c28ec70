"""How long a pre-validation holds: one rule for lists, warnings and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Customer
from subscriptions.explain.states import VOCABULARY
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import Validity, blocks_names, days_of, prevalidation_warning, validity_of
from subscriptions.selectors.prevalidations import with_validity
from tests import cast

TODAY = date(2026, 3, 15)
DAYS = st.dates(min_value=date(1, 2, 1), max_value=date(9999, 10, 1))


@pytest.mark.parametrize(
    ("days_left", "validity"),
    [(-400, "passed"), (-1, "passed"), (0, "ending"), (30, "ending"), (31, "valid"), (4000, "valid")],
)
def test_the_last_day_counts(customer: Customer, days_left: int, validity: str) -> None:
    last = TODAY + timedelta(days=days_left)
    prevalidation = cast.make_prevalidation(customer, valid_until=last)

    assert validity_of(last, TODAY) == validity
    assert [each for each in Validity if with_validity(Prevalidation.objects.all(), each, TODAY)] == [validity]
    assert with_validity(Prevalidation.objects.all(), validity, TODAY).get() == prevalidation


@given(last=DAYS, today=DAYS)
def test_every_day_has_one_validity(last: date, today: date) -> None:
    held = [each for each in Validity if days_of(each, today)[0] <= last <= days_of(each, today)[1]]

    assert held == [validity_of(last, today)]
    assert blocks_names(last, today, renewal_mode="automatic") is False
    assert blocks_names(last, today, renewal_mode="manual") is (last < today)
    assert bool(prevalidation_warning(last, today, renewal_mode="automatic")) is (last < today)


def test_each_has_its_word() -> None:
    assert VOCABULARY["prevalidation"].keys() == set(Validity)
