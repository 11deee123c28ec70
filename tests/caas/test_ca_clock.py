from datetime import UTC, datetime, timedelta

import pytest

from subscriptions.caas.errors import CaasError
from subscriptions.caas.last_look import Moment

from .scripted_ca import reply, scripted

WALL = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


class Ticking:
    """A wall clock that is four seconds further at each look at it."""

    def __init__(self) -> None:
        self._wall = WALL.timestamp() - 4

    def __call__(self) -> Moment:
        self._wall += 4
        return Moment(host=self._wall, wall=self._wall)


def test_it_is_unknown_before_any_answer_told_the_time() -> None:
    with scripted(reply({"Servers": []})) as (client, _):
        assert client.ca_clock_offset() is None
        client.list_servers()
        assert client.ca_clock_offset() is None


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        ("Wed, 25 Nov 2026 10:00:02 GMT", timedelta(0)),
        ("Wed, 25 Nov 2026 09:50:02 GMT", timedelta(minutes=-10)),
        ("Wed, 25 Nov 2026 11:00:02 GMT", timedelta(hours=1)),
        ("Wednesday, 25-Nov-26 10:00:12 GMT", timedelta(seconds=10)),
    ],
)
@pytest.mark.parametrize("status", [200, 503])
def test_it_is_the_difference_at_the_middle_of_the_exchange(date: str, offset: timedelta, status: int) -> None:
    answer = reply({"Servers": []}, status, date=date)
    with scripted(answer, clock=Ticking()) as (client, _):
        try:
            client.list_servers()
        except CaasError:
            assert status == 503
        assert client.ca_clock_offset() == offset


@pytest.mark.parametrize("date", ["", "now", "Wed, 99 Nov 2026 10:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -0500"])
def test_an_answer_that_tells_no_time_leaves_the_last_one(date: str) -> None:
    good = reply({"Servers": []}, date="Wed, 25 Nov 2026 10:00:02 GMT")
    with scripted(good, reply({"Servers": []}, date=date), clock=Ticking()) as (client, _):
        client.list_servers()
        client.list_servers()
        assert client.ca_clock_offset() == timedelta(0)
