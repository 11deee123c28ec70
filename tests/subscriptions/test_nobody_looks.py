"""Where nothing runs by itself, staff learn of it: each worker looks once a minute, whoever else is away."""

import threading
from typing import Any

import pytest
from django.core import mail as django_mail

from accounts.models import Matter, PlannedRun, User
from subscriptions import tasks
from subscriptions.worker import heartbeat
from tests.accounts.clock import Clock
from tests.accounts.told import send
from tests.waiting import wait_for

pytestmark = pytest.mark.servers


def mind() -> None:
    """What a worker's heart does once a minute; and wait for what it began."""
    tasks._mind_the_plan()
    wait_for(lambda: not [one for one in threading.enumerate() if one.name == "watch"], what="the look")


@pytest.mark.django_db(transaction=True)
def test_that_nothing_runs_is_told_by_a_worker(
    monkeypatch: pytest.MonkeyPatch, reseller_admin: User, no_broker: Any
) -> None:
    clock = Clock(monkeypatch)
    mind()
    clock.forward(minutes=8)
    mind()
    assert Matter.objects.count() == 0, "the look is not overdue yet"

    clock.forward(minutes=3)
    mind()
    send()
    assert len(django_mail.outbox) == 1
    body = str(django_mail.outbox[0].body)
    assert "“Pick up work” did not run" in body
    assert PlannedRun.objects.get(name="watch").well_at == clock.now


def test_a_heart_does_it_at_once_and_then_once_a_minute(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    beats = iter(range(14))
    heart = heartbeat.Heart("worker", besides=lambda: done.append(0))
    monkeypatch.setattr(heartbeat, "beat", lambda *_: None)
    monkeypatch.setattr(heart._ended, "wait", lambda _: next(beats, None) is None)
    heart.run()
    assert len(done) == 3
