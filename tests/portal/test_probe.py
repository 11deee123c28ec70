"""The health check of each container."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from subscriptions.models import WorkerHeartbeat


class Web(BaseHTTPRequestHandler):
    status = 200
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Web]]:
    monkeypatch.setattr(Web, "seen", [])
    with HTTPServer(("127.0.0.1", 0), Web) as server:
        monkeypatch.setenv("PORT", str(server.server_port))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Web
        server.shutdown()
        thread.join()


def test_web_that_answers(web: type[Web]) -> None:
    call_command("probe", "web")

    assert web.seen == ["/healthz/live"]


def test_web_that_answers_with_an_error(web: type[Web], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "status", 500)

    with pytest.raises(CommandError, match="answered 500"):
        call_command("probe", "web")


def test_web_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(unused.getsockname()[1]))
        with pytest.raises(CommandError, match="No answer"):
            call_command("probe", "web")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "age", "is_well"),
    [(socket.gethostname(), 0, True), (socket.gethostname(), 61, False), ("elsewhere", 0, False)],
)
def test_worker(host: str, age: int, is_well: bool) -> None:
    WorkerHeartbeat.objects.create(name=f"{host}:1", beat_at=timezone.now() - timedelta(seconds=age))

    if is_well:
        call_command("probe", "worker")
    else:
        with pytest.raises(CommandError, match="No fresh sign of life"):
            call_command("probe", "worker")


@pytest.mark.parametrize(("age", "is_well"), [(0, True), (601, False)])
def test_beat(settings: Settings, tmp_path: Path, age: int, is_well: bool) -> None:
    settings.VAR_DIR = tmp_path
    schedule = tmp_path / "beat-schedule.dat"
    schedule.touch()
    os.utime(schedule, (time.time() - age,) * 2)

    if is_well:
        call_command("probe", "beat")
    else:
        with pytest.raises(CommandError, match="not kept"):
            call_command("probe", "beat")


def test_beat_that_never_ran(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path

    with pytest.raises(CommandError, match="not kept"):
        call_command("probe", "beat")
