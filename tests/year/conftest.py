"""The portal, the CA and a mail server for a year, with one clock for all of them."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from celery.app.task import Task

from accounts import sending
from subscriptions import tasks
from subscriptions.caas.client import CaasClient
from subscriptions.sandbox import Sandbox, Switches
from tests.accounts.mail_servers import mail_server
from tests.ledger.conftest import LOGIN, PASSWORD, FrozenClock, caas, clock
from tests.year.beat import Beat
from tests.year.business import READ_EVERY, Business

__all__ = ["caas", "clock"]


@pytest.fixture
def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - no secret is drawn


@pytest.fixture
def ca(tmp_path: Path, clock: FrozenClock) -> Iterator[Sandbox]:
    switches = Switches(acme_base="https://localhost:8902", processing_seconds=0, page_size=100)
    made = Sandbox(tmp_path / "sandbox.sqlite3", clock=clock, logins={LOGIN: PASSWORD}, switches=switches)
    yield made
    made.close()


@pytest.fixture
def business(
    transactional_db: None,
    ca: Sandbox,
    caas: CaasClient,
    clock: FrozenClock,
    chance: Random,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Business]:
    """A reseller whose portal's beat, tasks and outbox run as the clock moves."""
    beat = Beat(clock, chance)
    monkeypatch.setattr(Task, "apply_async", lambda task, *given, **named: beat.send(task, *given, **named))
    monkeypatch.setattr(tasks, "ca_client", lambda **_: caas)
    monkeypatch.setattr(sending, "REST", 0.0)  # of this host's clock, which stands still beside the portal's
    with mail_server() as (mailbox, port):
        settings.EMAIL_BACKEND = "portal.smtp.EmailBackend"
        settings.CAAS_SYNC_INTERVAL = READ_EVERY.total_seconds()
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield Business(beat, ca, mailbox, clock, chance)
