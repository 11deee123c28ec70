"""However many workers look at a time, and wherever one is killed: nothing is told twice, and nothing is lost."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connections
from django.utils import timezone

from accounts import outbox, telling
from accounts.models import Mail, Matter, Telling
from accounts.roles import CustomerRole
from tests import cast
from tests.accounts.clock import Clock
from tests.accounts.told import HeldNotice, hold_only, send, watch

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

WORKERS = 4
READERS = 3


@pytest.fixture
def notice(monkeypatch: pytest.MonkeyPatch, no_broker: Any) -> HeldNotice:
    """Something that is the case for a customer with several people and a role address."""
    held = HeldNotice()
    hold_only(monkeypatch, held)
    customer = cast.make_customer("Northwind Traders")
    customer.contact_email = "certificates@northwind.example"
    customer.save()
    for _ in range(READERS - 1):
        cast.add_person(customer, cast.make_user(), CustomerRole.OWNER)
    for number in range(7):
        held.hold(str(number), customer_id=customer.pk)
    return held


def at_once(step: Callable[[], object]) -> list[Exception]:
    """Let several workers do the same at the same moment; give what went wrong."""
    ready, wrong = threading.Barrier(WORKERS), list[Exception]()

    def work() -> None:
        ready.wait(timeout=10)
        try:
            step()
        except Exception as error:  # noqa: BLE001 - whatever it is, no worker may fail
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def sent() -> dict[str, list[str]]:
    """What each address got."""
    send()
    got: dict[str, list[str]] = {}
    for message in django_mail.outbox:
        got.setdefault(message.to[0], []).append(str(message.subject))
    return got


def test_several_workers_look_and_deliver(notice: HeldNotice, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    assert at_once(lambda: telling.look(now)) == []
    assert (Matter.objects.count(), Telling.objects.count()) == (7, 7 * READERS)
    assert at_once(lambda: telling.deliver(now)) == []
    assert Mail.objects.count() == READERS
    assert {tuple(subjects) for subjects in sent().values()} == {("7 notices: Thing 0 is wrong",)}

    notice.found.clear()
    clock = Clock(monkeypatch)
    assert at_once(lambda: telling.look(clock.now)) == []
    clock.forward(minutes=20)
    assert at_once(lambda: watch(clock.now)) == []
    assert Telling.objects.filter(is_solution=True).count() == 7 * READERS
    got = sent()
    assert len(got) == READERS
    assert {len(subjects) for subjects in got.values()} == {2}


def test_a_look_while_another_solves(notice: HeldNotice) -> None:
    """One worker's facts are old by then: what it solves comes back, and nobody is told of that."""
    now = timezone.now()
    watch(now)
    held, notice.found = notice.found, []
    telling.look(now + timedelta(minutes=1))
    assert Matter.objects.filter(solved_at=None).count() == 0
    notice.found = held
    assert at_once(lambda: telling.look(now + timedelta(minutes=2))) == []
    assert Matter.objects.filter(solved_at=None).count() == 7
    assert {len(subjects) for subjects in sent().values()} == {1}


class Killed(BaseException):
    """What `kill -9` is to the code: nothing catches it."""


STEPS = [
    ("accounts.telling", "_new"),
    ("accounts.telling", "tellings_of"),
    ("accounts.telling", "_damped_until"),
    ("accounts.telling", "_close"),
    ("accounts.telling", "_solution"),
    ("accounts.telling", "_write_to"),
    ("accounts.telling", "judge"),
    ("accounts.telling", "_carry"),
    ("accounts.outbox", "queue"),
    ("accounts.outbox", "_share"),
]


@pytest.fixture
def kill_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, int], None]:
    """Have a function kill its worker the so-many-th time, right after it was called."""

    def arm(module: str, name: str, times: int) -> None:
        target = {"accounts.telling": telling, "accounts.outbox": outbox}[module]
        original, calls = getattr(target, name), [0]

        def killing(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            calls[0] += 1
            if calls[0] == times:
                raise Killed
            return result

        monkeypatch.setattr(target, name, killing)

    return arm


@pytest.mark.parametrize(("module", "name"), STEPS)
@pytest.mark.parametrize("times", [1, 2])
def test_a_worker_is_killed(
    notice: HeldNotice,
    kill_in: Callable[[str, str, int], None],
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
    times: int,
) -> None:
    clock = Clock(monkeypatch)
    kills = [0]

    def watch_through() -> None:
        for _ in range(3):
            try:
                watch(clock.now)
            except Killed:
                kills[0] += 1

    kill_in(module, name, times)
    watch_through()
    assert {tuple(subjects) for subjects in sent().values()} == {("7 notices: Thing 0 is wrong",)}
    notice.found.clear()
    clock.forward(minutes=5)
    watch_through()
    clock.forward(minutes=20)
    watch_through()
    got = sent()
    assert kills[0] == 1
    assert len(got) == READERS
    assert {tuple(subjects) for subjects in got.values()} == {
        ("7 notices: Thing 0 is wrong", "7 notices: Solved: Thing 0 is wrong")
    }
