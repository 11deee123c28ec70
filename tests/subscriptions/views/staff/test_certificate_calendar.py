"""The calendar of ends: each day counts what its links list."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import Subscription
from subscriptions.selectors import calendar
from tests import cast

URL = reverse("subscriptions:certificate-calendar")


def ends_of(client: Client, month: str) -> dict[date, dict[str, Any]]:
    days = client.get(URL, {"month": month}).context["month"].days
    return {day.day: {ends.sort: ends for ends in day.ends} for day in days if day.ends}


@pytest.fixture
def busy(customer: Customer, running_subscription: Subscription) -> None:
    """On 10 March 2031 two certificates, a term and a pre-validation end; a certificate on the last of the month."""
    on_the_day = datetime(2031, 3, 10, 12, tzinfo=UTC)
    names = [*running_subscription.domains.all(), cast.make_domain(running_subscription, "last.example.com")]
    for name, until in zip(names, [on_the_day, on_the_day, cast.utc(2031, 3, 31, 23)], strict=True):
        cast.make_certificate(name, valid_until=until)
    cast.make_subscription(customer, expires_at=cast.utc(2031, 3, 10, 23, 59))
    cast.make_prevalidation(customer, valid_until=date(2031, 3, 10))


def test_each_day_leads_to_exactly_what_it_counts(staff_client: Client, busy: None) -> None:
    shown = ends_of(staff_client, "2031-03")
    assert list(shown) == [date(2031, 3, 10), date(2031, 3, 31)]
    assert [ends.words for ends in shown[date(2031, 3, 10)].values()] == [
        "2 certificates",
        "1 term",
        "1 pre-validation",
    ]
    for ends in [ends for day in shown.values() for ends in day.values()]:
        assert len(staff_client.get(ends.url).context["table"].rows) == ends.number


@pytest.mark.parametrize(
    ("zone", "day", "last"), [("Asia/Tokyo", 10, date(2031, 4, 1)), ("America/Los_Angeles", 10, date(2031, 3, 31))]
)
def test_a_certificate_ends_by_the_readers_clock(
    staff_client: Client, operator: User, busy: None, zone: str, day: int, last: date
) -> None:
    User.objects.filter(pk=operator.pk).update(time_zone=zone)
    shown = ends_of(staff_client, "2031-03") | ends_of(staff_client, "2031-04")
    assert list(shown) == [date(2031, 3, day), last]
    assert shown[date(2031, 3, day)]["terms"].number == 1  # a term ends on the same day for everyone
    for ends in [ends for day in shown.values() for ends in day.values()]:
        assert len(staff_client.get(ends.url).context["table"].rows) == ends.number


def test_of_very_many_only_that_there_are(staff_client: Client, busy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "MOST_COUNTED", 1)
    assert ends_of(staff_client, "2031-03")[date(2031, 3, 10)]["certificates"].words == "more than 1 certificates"


def test_the_ways_to_other_months(staff_client: Client) -> None:
    month = staff_client.get(URL, {"month": "2031-01"}).context["month"]
    assert (month.previous, month.first, month.following) == (date(2030, 12, 1), date(2031, 1, 1), date(2031, 2, 1))
    page = staff_client.get(URL, {"month": "2031-01"}).content.decode()
    assert "Nothing ends in this month." in page
    assert "?month=2030-12" in page
    assert "?month=2031-02" in page


@pytest.mark.parametrize("asked", ["", "x", "2031-13", "1999-12", "2101-01", "9999-12", "2031-1", "²031-01"])
def test_what_is_no_month_is_this_one(staff_client: Client, asked: str) -> None:
    month = staff_client.get(URL, {"month": asked}).context["month"]
    assert month.first == timezone.localdate().replace(day=1)


@pytest.mark.parametrize(("asked", "way"), [("2000-01", "previous"), ("2100-12", "following")])
def test_the_calendar_has_ends(staff_client: Client, asked: str, way: str) -> None:
    assert getattr(staff_client.get(URL, {"month": asked}).context["month"], way) is None


def test_today_is_marked(staff_client: Client) -> None:
    days = staff_client.get(URL).context["month"].days
    assert [day.day for day in days if day.is_today] == [timezone.localdate()]
    assert days[-1].day + timedelta(days=1) == (days[0].day + timedelta(days=32)).replace(day=1)


def test_who_does_not_work_here(client: Client, owner: User) -> None:
    assert cast.sign_in(client, owner).get(URL).status_code == 404
