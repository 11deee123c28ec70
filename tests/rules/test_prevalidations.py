"""The life of a pre-validation: one rule for lists, warnings and what is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Customer
from subscriptions.explain.states import VOCABULARY
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import (
    RECORDED,
    WARNING_DAYS,
    PrevalidationStatus,
    RenewalMode,
    days_of_step,
    doubts_about,
    has_run_out,
    is_one_organization,
    status_of,
    step_words,
    takes_names,
    warning_of,
    warning_step,
    why_no_account,
    why_no_names,
)
from subscriptions.selectors.prevalidations import in_step, with_status
from tests import cast

TODAY = date(2026, 3, 15)
DAYS = st.dates(min_value=date(1, 3, 5), max_value=date(9999, 10, 1))
MANUAL, AUTOMATIC = RenewalMode.MANUAL, RenewalMode.AUTOMATIC
Status = PrevalidationStatus


@pytest.mark.parametrize(
    ("recorded", "first_in", "days_left", "status"),
    [
        ("valid", None, -400, "lapsed"),
        ("valid", None, -1, "lapsed"),
        ("valid", None, 0, "expiring"),
        ("valid", None, 60, "expiring"),
        ("valid", None, 61, "valid"),
        ("valid", 0, 4000, "valid"),
        ("valid", 1, 300, "in_validation"),
        ("requested", None, 300, "requested"),
        ("in_validation", None, -1, "in_validation"),
        ("replaced", None, 20, "replaced"),
    ],
)
def test_what_is_recorded_and_the_days_give_the_status(
    customer: Customer, recorded: str, first_in: int | None, days_left: int, status: str
) -> None:
    first = None if first_in is None else TODAY + timedelta(days=first_in)
    last = TODAY + timedelta(days=days_left)
    one = cast.make_prevalidation(customer, valid_until=last, valid_from=first, recorded_status=recorded)

    assert status_of(recorded, valid_from=first, valid_until=last, today=TODAY) == status
    assert [each for each in Status if with_status(Prevalidation.objects.all(), each, TODAY)] == [status]
    assert with_status(Prevalidation.objects.all(), status, TODAY).get() == one


def test_one_without_a_last_day_is_what_is_recorded() -> None:
    assert status_of("requested", valid_from=None, valid_until=None, today=TODAY) == "requested"


def test_each_is_recorded_or_follows_from_days_and_each_has_its_word() -> None:
    assert list(Prevalidation.Recorded.values) == [status.value for status in RECORDED]
    assert VOCABULARY["prevalidation"].keys() == set(Status)
    assert set(Status) - set(RECORDED) == {Status.EXPIRING, Status.LAPSED}


@given(last=DAYS, today=DAYS)
def test_only_what_is_valid_takes_names(last: date, today: date) -> None:
    for recorded in RECORDED:
        status = status_of(recorded, valid_from=None, valid_until=last, today=today)
        is_valid = recorded is Status.VALID
        assert takes_names(status, AUTOMATIC) is is_valid
        assert takes_names(status, MANUAL) is (is_valid and last >= today)
        assert has_run_out(status, MANUAL) is (is_valid and last < today)
        assert has_run_out(status, AUTOMATIC) is False
        for mode in RenewalMode:
            why = why_no_names(status, mode, valid_from=None, valid_until=last)
            assert bool(why) is not takes_names(status, mode)
        assert bool(warning_of(status, last)) is (is_valid and last < today)


def test_an_account_can_be_made_while_it_is_validated() -> None:
    refused = {status for status in Status if why_no_account(status, MANUAL, TODAY)}
    assert refused == {Status.LAPSED, Status.REPLACED}
    assert {status for status in Status if why_no_account(status, AUTOMATIC, TODAY)} == {Status.REPLACED}


@pytest.mark.parametrize(
    ("days_left", "step"), [(-1, 0), (0, 7), (7, 7), (8, 30), (30, 30), (31, 60), (60, 60), (61, None)]
)
def test_staff_are_warned_at_60_30_and_7_days(customer: Customer, days_left: int, step: int | None) -> None:
    last = TODAY + timedelta(days=days_left)
    cast.make_prevalidation(customer, valid_until=last)

    assert warning_step(last, TODAY) == step
    steps = [each for each in (0, *WARNING_DAYS) if in_step(Prevalidation.objects.all(), each, TODAY)]
    assert steps == ([] if step is None else [step])


def test_a_step_says_in_which_days() -> None:
    assert [step_words(step) for step in WARNING_DAYS] == ["in 31 to 60 days", "in 8 to 30 days", "within 7 days"]
    assert days_of_step(30, TODAY) == (date(2026, 3, 23), date(2026, 4, 14))


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, []),
        ({"number": "88-1"}, ["ov_anchor_order_number"]),
        ({"number": "٣٤"}, ["ov_anchor_order_number"]),  # digits, and none of the CA's
        ({"number": "0880000001"}, ["ov_anchor_order_number"]),
        ({"valid_until": TODAY + timedelta(days=398)}, []),
        ({"valid_until": TODAY + timedelta(days=399)}, ["valid_until"]),
        ({"valid_from": TODAY + timedelta(days=1), "valid_until": TODAY + timedelta(days=399)}, []),
        ({"valid_until": TODAY}, []),
        ({"valid_until": TODAY - timedelta(days=1)}, ["valid_until"]),
        ({"valid_until": TODAY - timedelta(days=1), "recorded": "replaced"}, []),
        ({"valid_until": None, "recorded": "requested"}, []),
    ],
)
def test_what_is_asked_about(given: dict[str, object], fields: list[str]) -> None:
    record = {"number": "880000001", "recorded": "valid", "valid_from": None, "valid_until": TODAY} | given
    assert [doubt.field for doubt in doubts_about(**record, today=TODAY)] == fields  # type: ignore[arg-type]  # of a table


def test_a_yes_to_one_value_is_none_to_another() -> None:
    keys = {
        doubt.key
        for number in ("A1", "A2")
        for doubt in doubts_about(number=number, recorded="valid", valid_from=None, valid_until=None, today=TODAY)
    }
    assert len(keys) == 2


def test_one_organization_is_known_by_its_name() -> None:
    assert is_one_organization("Northwind  Traders Ltd.", "northwind traders LTD")
    assert is_one_organization("Mu\u0308ller & So\u0308hne", "M\u00fcller & S\u00f6hne")  # pasted on a Mac
    assert not is_one_organization("Northwind Traders Ltd", "Northwind Traders AG")
