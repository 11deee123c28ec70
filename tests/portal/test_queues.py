"""Which worker takes what, and how long a page waits for a broker that is away."""

from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

from portal.celery import LEFT_ALONE, App, app
from portal.processes import WORKER_QUEUES

app.loader.import_default_modules()
OUR_TASKS = sorted(name for name in app.tasks if not name.startswith("celery."))


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def test_every_task_has_a_queue_of_its_own_choice() -> None:
    assert sorted(settings.CELERY_TASK_ROUTES) == OUR_TASKS


def test_what_a_person_waits_for_is_not_behind_readings() -> None:
    names = {name.rpartition(".")[2]: queue_of(name) for name in OUR_TASKS}

    assert {name for name, queue in names.items() if queue == "now"} == {
        *("execute_operation", "price_quote", "sweep", "probe_ca", "compare_with_ca", "read_assigned_account")
    }
    assert {name for name, queue in names.items() if queue == "mail"} == {"send_mails", "watch"}


def test_each_queue_has_one_kind_of_worker() -> None:
    taken = [queue for queues in WORKER_QUEUES.values() for queue in queues.split(",")]

    assert sorted(taken) == sorted(queue.name for queue in settings.CELERY_TASK_QUEUES)
    assert WORKER_QUEUES["worker-later"] == "later"


def test_a_queue_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        app.amqp.queues["nwo"]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A broker that is away; give what was asked of it."""
    asked: list[Any] = []

    def refuse(app: App, *args: Any, **options: Any) -> None:
        asked.append(args)
        raise OperationalError("away")

    monkeypatch.setattr(Celery, "send_task", refuse)
    return asked


def test_a_page_waits_for_a_broker_that_is_away_once(away: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("portal.celery.time.monotonic", lambda: now[0])
    sender = App("trial")
    for number in range(20):
        with pytest.raises(OperationalError):
            sender.send_task("accounts.tasks.send_mails", (number,))
    assert away == [("accounts.tasks.send_mails", (0,))]

    now[0] += LEFT_ALONE
    with pytest.raises(OperationalError):
        sender.send_task("accounts.tasks.send_mails", (20,))
    assert len(away) == 2
