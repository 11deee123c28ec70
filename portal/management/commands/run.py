"""`manage.py run`: a local installation in one process tree, against the sandbox. `make run` calls it."""

import fcntl
import io
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from portal.processes import (
    PAUSES,
    STARTED_AGAIN,
    LogFiles,
    Ports,
    Supervisor,
    commands,
    environment,
    wait_until_ready,
)
from subscriptions.models import WorkerHeartbeat

READY_WITHIN = 60  # seconds


class Command(BaseCommand):
    """Migrates, starts web, workers, beat and sandbox, seeds the demo, and stops them all on Ctrl-C."""

    help = "Run the portal here with its sandbox. Ports: PORT, SANDBOX_PORT, SANDBOX_ACME_PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until stopped; raise CommandError where something cannot start."""
        if not settings.CAAS_SANDBOX:
            raise CommandError("`manage.py run` is for the sandbox (CAAS_SANDBOX=true). See README.md, Server set-up.")
        os.umask(0o077)  # sessions and password hashes lie in files here: they are this user's alone
        ports = _ports()
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        settings.VAR_DIR.chmod(0o700)
        with _only_one(settings.VAR_DIR / "run.lock"):
            if WorkerHeartbeat._meta.db_table in connection.introspection.table_names():
                WorkerHeartbeat.objects.all().delete()  # one that was killed leaves its own, which would count as ready
            call_command("upgrade", verbosity=0, stdout=io.StringIO())
            connections.close_all()
            self._run(ports)

    def _run(self, ports: Ports) -> None:
        self.problem = ""
        self.logs = LogFiles(settings.VAR_DIR / "log")
        self.supervisor = Supervisor(self.logs, lambda: self._announce(ports))
        state = settings.VAR_DIR / "sandbox" / "state.sqlite3"
        state.parent.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("EMAIL_URL", _mail_folder(settings.VAR_DIR / "mail"))
        for name, command in commands(ports, state=state).items():
            pauses = PAUSES if name in STARTED_AGAIN else ()
            environ = environment(name, ports, os.environ)
            self.supervisor.add(name, command, environ, settings.BASE_DIR, pauses=pauses)
        signal.signal(signal.SIGHUP, lambda number, frame: self.supervisor.terminate())
        self.supervisor.loop()
        self._report()

    def _announce(self, ports: Ports) -> None:
        answer = wait_until_ready(ports.web, seconds=READY_WITHIN)
        if answer:
            self.problem = f"Not ready after {READY_WITHIN} seconds: {answer}"
            self.supervisor.terminate()
            return
        note = ""
        try:
            call_command("demo", stdout=self.stdout, stderr=self.stderr)
        except CommandError as error:
            note = f"The demo is not complete: {error} See {self.logs.folder}."
        finally:
            connections.close_all()
        environ = os.environ
        self.stdout.write(f"Portal: http://127.0.0.1:{ports.web}")
        self.stdout.write(f"Staff: {environ['DEMO_STAFF_EMAIL']} / {environ['DEMO_STAFF_PASSWORD']}")
        self.stdout.write(f"Customer: {environ['DEMO_CUSTOMER_EMAIL']} / {environ['DEMO_CUSTOMER_PASSWORD']}")
        self.stdout.write(f"Passkeys and links in mails: http://localhost:{ports.web}")
        self.stdout.flush()
        if note:
            self.stderr.write(note)
        elif os.environ.get("DEMO_EACH_STATE", "true") == "true":
            self._fill(ports)

    def _fill(self, ports: Ports) -> None:
        """Make examples of what becomes of subscriptions while people look around already."""
        try:
            call_command("demo", each_state=f"http://127.0.0.1:{ports.sandbox}", stdout=self.stdout, stderr=self.stderr)
        except CommandError as error:
            self.stderr.write(f"Not all examples were made: {error} See {self.logs.folder}.")
        finally:
            connections.close_all()

    def _report(self) -> None:
        failed = self.supervisor.first_to_fail()
        stopped_on_request = self.supervisor.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
        if self.problem:
            for name in ("sandbox", "worker-now", "web"):
                self.stderr.write(f"--- {name}\n{self.logs.tail(name)}")
            raise CommandError(self.problem)
        if failed and not stopped_on_request:
            self.stderr.write(self.logs.tail(failed))
            raise CommandError(f"{failed} stopped. Its log: {self.logs.path(failed)}")


def _mail_folder(path: Path) -> str:
    """Make the folder mails go to, and give it as EMAIL_URL: the log leaves out the links that people need."""
    path.mkdir(mode=0o700, exist_ok=True)
    return f"filemail:///{quote(str(path.resolve()))}"


def _ports() -> Ports:
    try:
        ports = Ports.from_environment(os.environ)
    except ValueError as error:
        raise CommandError(f"PORT, SANDBOX_PORT and SANDBOX_ACME_PORT are numbers: {error}") from error
    if taken := ports.taken():
        raise CommandError(
            f"Port {taken[0]} is in use. Give others: make run PORT=8010 SANDBOX_PORT=8911 SANDBOX_ACME_PORT=8912"
        )
    return ports


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("The portal is running here already.") from None
        yield
