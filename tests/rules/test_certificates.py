"""When a certificate is due, late and over, from its own lifetime; and which state is shown where several hold."""

from datetime import timedelta

import pytest

from subscriptions.rules.certificates import Course, Standing, course_of, state_of, wildcard_over
from tests.cast import utc

ISSUED = utc(2026, 1, 1)


@pytest.mark.parametrize(("days", "due", "late"), [(90, 60, 69), (47, 31.333, 36.033), (6, 4, 4.6)])
def test_its_course_follows_its_own_lifetime(days: int, due: float, late: float) -> None:
    course = course_of(ISSUED, ISSUED + timedelta(days=days), late_percent=10)
    assert course.due_at is not None
    assert course.late_at is not None
    assert abs(course.due_at - ISSUED - timedelta(days=due)) < timedelta(minutes=1)
    assert abs(course.late_at - ISSUED - timedelta(days=late)) < timedelta(minutes=1)
    assert course.ends_at == ISSUED + timedelta(days=days)


def test_the_ca_itself_says_when_to_renew() -> None:
    end, said = ISSUED + timedelta(days=90), ISSUED + timedelta(days=20)
    assert course_of(ISSUED, end, late_percent=10, ari_starts_at=said) == Course(said, ISSUED + timedelta(days=29), end)


def test_nothing_is_due_after_its_end() -> None:
    end = ISSUED + timedelta(days=90)
    assert course_of(ISSUED, end, late_percent=10, ari_starts_at=end + timedelta(days=1)) == Course(end, end, end)
    assert course_of(ISSUED, end, late_percent=90).late_at == end


def test_without_dates_only_what_is_told_is_known() -> None:
    assert course_of(None, None, late_percent=10) == Course(None, None, None)
    assert course_of(None, ISSUED, late_percent=10) == Course(None, None, ISSUED)
    assert course_of(ISSUED, ISSUED, late_percent=10) == Course(None, None, ISSUED)


DUE, LATE, END = (ISSUED + timedelta(days=days) for days in (60, 69, 90))
COURSE = Course(DUE, LATE, END)
AN_INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.ISSUED, ["current", "due", "due", "late", "late", "expired"]),
        (Standing.REPLACED, ["replaced", "replaced", "replaced", "late", "late", "expired"]),
        (Standing.FAILING, ["failing", "failing", "failing", "failing", "failing", "expired"]),
        (Standing.REVOKED, ["revoked"] * 6),
    ],
)
def test_of_several_states_the_worst_is_shown(standing: Standing, expected: list[str]) -> None:
    instants = [DUE - AN_INSTANT, DUE, LATE - AN_INSTANT, LATE, END - AN_INSTANT, END]
    until = END + timedelta(days=100)
    shown = [state_of(standing, COURSE, is_issued=True, renewable_until=until, now=now) for now in instants]
    assert shown == expected


@pytest.mark.parametrize("renewable_until", [None, DUE])
def test_where_nothing_can_be_renewed_it_ends_and_is_not_late(renewable_until: object) -> None:
    until = DUE if renewable_until else None
    for standing in (Standing.ISSUED, Standing.FAILING):
        instants = [DUE, LATE, END]
        shown = [state_of(standing, COURSE, is_issued=True, renewable_until=until, now=now) for now in instants]
        assert shown == ["current", "current", "expired"]


def test_a_first_order_that_fails_is_failing_as_long_as_another_can_be_made() -> None:
    nothing = Course(None, None, None)
    for until, expected in ((END, "failing"), (None, "never_issued")):
        assert state_of(Standing.FAILING, nothing, is_issued=False, renewable_until=until, now=DUE) == expected
        assert state_of(Standing.NONE, nothing, is_issued=False, renewable_until=until, now=DUE) == "never_issued"


def test_one_label_stands_for_the_asterisk() -> None:
    assert wildcard_over("www.example.com") == "*.example.com"
    assert wildcard_over("a.b.example.com") == "*.b.example.com"
