"""`manage.py probe web|worker|beat`: the health check of one container, from inside it."""

import http.client
import os
import socket
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from subscriptions.models import WorkerHeartbeat

SCHEDULE_FRESH_FOR = 600  # seconds; beat writes its schedule down every three minutes


class Command(BaseCommand):
    """Ends with an error where the process of this container does not do its work."""

    help = "Check the health of the web, worker or beat process on this host."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=["web", "worker", "beat"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Raise CommandError with what is wrong."""
        problem = {"web": _web, "worker": _worker, "beat": _beat}[options["process"]]()
        if problem:
            raise CommandError(problem)


def _web() -> str:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=5)
    try:
        connection.request("GET", "/healthz/live")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"No answer: {error}"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"/healthz/live answered {status}"


def _worker() -> str:
    beats = WorkerHeartbeat.objects.filter(name__startswith=f"{socket.gethostname()}:")
    return "" if beats.fresh(timezone.now()).exists() else "No fresh sign of life."


def _beat() -> str:
    times = [path.stat().st_mtime for path in settings.VAR_DIR.glob("beat-schedule*")]
    return "" if times and time.time() - max(times) < SCHEDULE_FRESH_FOR else "The schedule is not kept."
