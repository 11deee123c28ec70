"""The processes of a local installation, run together: web, workers, beat and the sandbox."""

import http.client
import multiprocessing
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from portal.process_secrets import ALL, needs

WORKER_QUEUES = {"worker-now": "now,mail", "worker-later": "later"}
# What ends is started again, after pauses (seconds) that grow; a life of that length makes up for earlier ends.
STARTED_AGAIN = (*WORKER_QUEUES, "beat")
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
STEADY_AFTER = 60.0


@dataclass(frozen=True)
class Ports:
    """The loopback ports of a local installation."""

    web: int
    sandbox: int
    acme: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Ports":
        """Give the ports that PORT, SANDBOX_PORT and SANDBOX_ACME_PORT name; raise ValueError for no number."""
        return cls(
            web=int(environ.get("PORT") or 8000),
            sandbox=int(environ.get("SANDBOX_PORT") or 8901),
            acme=int(environ.get("SANDBOX_ACME_PORT") or 8902),
        )

    def taken(self) -> list[int]:
        """Give those ports on which something listens already."""
        return [port for port in (self.web, self.sandbox, self.acme) if not _can_bind("127.0.0.1", port)]


def _can_bind(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


def commands(ports: Ports, *, state: Path) -> dict[str, list[str]]:
    """Give the command line of each process by its name; `state` is the sandbox's file."""
    python = sys.executable
    # A browser may take `localhost` for either address; a machine without IPv6 has only one.
    hosts = ["127.0.0.1", *(["[::1]"] if _can_bind("::1", ports.web) else [])]
    binds = [f"--bind={host}:{ports.web}" for host in hosts]
    celery = [python, "-m", "celery", "-A", "portal"]
    alone = "--no-control-socket"  # which would be made in the home folder
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # workers have nothing to tell each other
    worker = [*celery, "worker", "--pool=threads", "--loglevel=INFO", *quiet]
    sandbox = [f"--port={ports.sandbox}", f"--acme-port={ports.acme}", f"--state={state}", "--no-validation"]
    return {
        "sandbox": [python, "manage.py", "sandbox", "--host=127.0.0.1", *sandbox],
        "web": [python, "-m", "gunicorn", "portal.wsgi", *binds, "--worker-class=gthread", "--threads=8", alone],
        **{name: [*worker, f"--queues={queues}", f"--hostname={name}@%h"] for name, queues in WORKER_QUEUES.items()},
        "beat": [*celery, "beat", "--loglevel=INFO"],
    }


def environment(name: str, ports: Ports, environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the process `name`, with its own secrets only; the sandbox, the CA's side, has all."""
    kind = "" if name == "sandbox" else name.partition("-")[0]
    own = dict(environ) | {
        "CAAS_API_URL": f"http://127.0.0.1:{ports.sandbox}/products/!ACMEAdmin",
        "PORTAL_URL": f"http://localhost:{ports.web}",
        "PORTAL_PROCESS": kind,
        "PYTHONUNBUFFERED": "1",
    }
    for secret in ALL:
        if not needs(kind, secret):
            own.pop(f"{secret}_FILE", None)
            own[secret] = ""  # so that the environment file cannot fill it
    return own


class LogFiles(Printer):  # type: ignore[misc]  # honcho has no types
    """Writes what each process prints to a file of its own, from the start anew."""

    def __init__(self, folder: Path) -> None:
        super().__init__(output=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._files: dict[str, IO[bytes]] = {}

    def write(self, message: Message) -> None:
        """Append one message to the file of its process."""
        if message.name not in self._files:
            self._files[message.name] = self.path(message.name).open("wb")
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        self._files[message.name].write(data)
        self._files[message.name].flush()

    def path(self, name: str) -> Path:
        """Give the log file of the process `name`."""
        return self.folder / f"{name}.log"

    def tail(self, name: str, lines: int = 25) -> str:
        """Give the last `lines` lines of what the process `name` printed."""
        path = self.path(name)
        text = path.read_text(errors="replace") if path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


class Steadfast(Process):  # type: ignore[misc]  # honcho has no types
    """A process that is started again when it ends, unless all are to stop or it keeps ending soon after its start."""

    def __init__(self, *args: Any, stopping: Connection, pauses: Sequence[float], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stopping = stopping
        self._pauses = pauses
        self._end: dict[str, int] = {}

    def run(self, events: Any, *_: Any) -> None:
        """Run the command until it is to stop for good; the supervisor calls this in a process of its own."""
        for number in (signal.SIGINT, signal.SIGTERM):  # passed over here, but not by what is started from here
            signal.signal(number, lambda *_: None)
        pauses = iter(self._pauses)
        while True:
            started = time.monotonic()
            super().run(events)
            if time.monotonic() - started >= STEADY_AFTER:
                pauses = iter(self._pauses)
            pause = next(pauses, None)
            if pause is None or self._stopping.poll():
                break
            self._say(f"{self.name} ended ({self._end['returncode']}) and is started again in {pause:g} seconds.")
            if self._stopping.poll(pause):
                break
        super()._send_message(self._end, type="stop")

    def _say(self, line: str) -> None:
        self._send_message(f"{line}\n".encode())

    def _send_message(self, data: Any, type: str = "line") -> None:  # noqa: A002  # honcho's name
        if type == "stop":
            self._end = data  # told when it is the last one
            return
        super()._send_message(data, type=type)
        if type == "start" and self._stopping.poll():
            self._child.terminate()  # started just when all were told to stop


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """Starts the processes, calls `started` in a thread of its own, and stops everything together."""

    def __init__(self, logs: LogFiles, started: Callable[[], None]) -> None:
        super().__init__(logs)
        self._started = started
        self._stopping, self._stop = multiprocessing.Pipe(duplex=False)  # never read: what is in it tells each process

    def add(
        self, name: str, command: list[str], environ: dict[str, str], folder: Path, *, pauses: Sequence[float] = ()
    ) -> None:
        """Add a process, started again after each of the `pauses`; then its end is the end of all.

        `exec` makes it, and not a shell around it, what is stopped.
        """
        self._process_ctor = partial(Steadfast, stopping=self._stopping, pauses=pauses)
        self.add_process(name, "exec " + shlex.join(command), env=environ, cwd=str(folder))

    def terminate(self) -> None:
        """Stop every process; later, where some have only just been asked to start and have no number yet."""
        self._stop.send_bytes(b"stop")
        if self._all_started():
            super().terminate()
        else:
            threading.Timer(0.1, self.terminate).start()

    def first_to_fail(self) -> str | None:
        """Give the name of a process that ended with an error, or None."""
        failed = (name for name, process in self._processes.items() if process.get("returncode", 0) > 0)
        return next(failed, None)

    def _start(self) -> None:
        super()._start()  # forks: no thread may run before it
        threading.Thread(target=self._started, daemon=True).start()


def wait_until_ready(port: int, *, seconds: float, pause: float = 0.2) -> str:
    """Ask `/healthz/ready` until it answers 200 and give an empty text, or after `seconds` its last answer."""
    deadline = time.monotonic() + seconds
    answer = "no answer"
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz/ready")
            response = connection.getresponse()
            answer = response.read().decode(errors="replace")
            if response.status == http.client.OK:
                return ""
        except (OSError, http.client.HTTPException) as error:
            answer = str(error)
        finally:
            connection.close()
        time.sleep(pause)
    return answer
