"""Live and ready."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal import health
from portal.celery import app
from subscriptions.models import Gate, Subscription, WorkerHeartbeat

WELL = {
    "ready": True,
    "database": "ok",
    "migrations": "ok",
    "worker": "ok",
    "ca": "ok",
    "broker": "ok",
    "secrets": "ok",
}


@pytest.fixture(autouse=True)
def nothing_is_known_yet() -> Iterator[None]:
    """As in a new process."""
    health._all_applied.clear()
    yield
    health._all_applied.clear()


@pytest.fixture(autouse=True)
def own_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A broker of this test's own: give its folder."""
    folders = ("data_folder_in", "data_folder_out", "control_folder", "processed_folder")
    monkeypatch.setitem(app.conf, "broker_write_url", "atomic-filesystem://localhost")
    options = dict.fromkeys(folders, str(tmp_path / "broker")) | {"max_retries": 0}
    monkeypatch.setitem(app.conf, "broker_transport_options", options)
    return tmp_path / "broker"


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/healthz/ready")
    assert response["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    return response.status_code, response.json()


def make_heartbeat(**fields: Any) -> WorkerHeartbeat:
    now = timezone.now()
    return WorkerHeartbeat.objects.create(**{"name": "w1", "started_at": now, "beat_at": now} | fields)


@pytest.mark.django_db
def test_it_works(client: Client) -> None:
    make_heartbeat(ca_reached_at=timezone.now())

    assert ready(client) == (200, WELL)


@pytest.mark.django_db
def test_the_gate_knows_first_that_the_ca_was_reached(client: Client) -> None:
    worker = make_heartbeat()
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults={"reached_at": worker.started_at + timedelta(seconds=1)})

    assert ready(client) == (200, WELL)


@pytest.mark.django_db
def test_a_ca_reached_before_the_workers_start_does_not_count(client: Client) -> None:
    worker = make_heartbeat()
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults={"reached_at": worker.started_at - timedelta(seconds=1)})

    assert ready(client) == (503, WELL | {"ready": False, "ca": "not reached since the worker's start"})


@pytest.mark.django_db
def test_a_ca_that_fails_later_changes_nothing(client: Client) -> None:
    make_heartbeat(ca_reached_at=timezone.now() - timedelta(days=1), ca_problem="no connection to 10.1.2.3")

    assert ready(client) == (200, WELL)


@pytest.mark.django_db
def test_no_worker(client: Client) -> None:
    make_heartbeat(beat_at=timezone.now() - timedelta(seconds=61), ca_reached_at=timezone.now())

    status, body = ready(client)
    assert status == 503
    assert body["worker"] == "none seen for 60 seconds"


@pytest.mark.django_db
def test_unapplied_migrations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *args: [object(), object()])

    status, body = ready(client)
    assert status == 503
    assert body == {
        "ready": False,
        "database": "ok",
        "migrations": "2 not applied",
        "worker": "unknown",
        "ca": "unknown",
        "broker": "ok",
        "secrets": "unknown",
    }


def test_a_database_that_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: object) -> None:
        raise OperationalError("connection to 10.1.2.3 refused")

    monkeypatch.setattr(health, "MigrationExecutor", refuse)

    status, body = ready(client)
    assert status == 503
    assert body["database"] == "does not answer"
    assert "10.1.2.3" not in str(body)


@pytest.mark.django_db
def test_migrations_are_looked_at_until_all_are_applied(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_heartbeat(ca_reached_at=timezone.now())
    plans: list[list[object]] = [[object()], [object()], []]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *args: plans.pop(0))

    assert [ready(client)[0] for _ in range(5)] == [503, 503, 200, 200, 200]
    assert plans == []


@pytest.mark.django_db
def test_a_database_that_does_not_answer_later(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_heartbeat(ca_reached_at=timezone.now())
    assert ready(client) == (200, WELL)

    def refuse(now: object) -> None:
        raise OperationalError("connection to 10.1.2.3 refused")

    monkeypatch.setattr(WorkerHeartbeat.objects, "fresh", refuse)

    assert ready(client)[1]["database"] == "does not answer"


@pytest.mark.django_db
def test_a_broker_that_takes_no_messages_is_told_and_takes_no_web_host_out(client: Client, own_broker: Path) -> None:
    make_heartbeat(ca_reached_at=timezone.now())
    own_broker.write_text("a file where a folder should be")

    assert ready(client) == (200, WELL | {"broker": "takes no messages"})


def test_secrets_that_cannot_be_read_are_told_and_take_no_web_host_out(
    client: Client, subscription: Subscription, settings: Settings
) -> None:
    make_heartbeat(ca_reached_at=timezone.now())
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert ready(client) == (200, WELL | {"secrets": "cannot be decrypted with ENCRYPTION_KEYS"})


@pytest.mark.django_db
def test_the_look_at_the_broker_leaves_nothing_there(client: Client, own_broker: Path) -> None:
    ready(client)

    assert list(own_broker.iterdir()) == []


def test_live_asks_nothing(client: Client) -> None:
    response = client.get("/healthz/live")

    assert response.status_code == 200
    assert response.json() == {"live": True}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
@pytest.mark.parametrize("host", ["10.0.0.7:8000", "portal-web", "other.example", "not a host", ""])
def test_whatever_host_and_scheme_the_probe_uses(client: Client, settings: Settings, path: str, host: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["portal.example.com"]

    plain = client.get(path, headers={"host": host})

    assert "json" in plain["Content-Type"]
    assert plain.status_code == client.get(path, headers={"host": host}, secure=True).status_code != 301
    assert client.get("/healthz/", headers={"host": host}, secure=True).status_code == 400


@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_wrong_method(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
