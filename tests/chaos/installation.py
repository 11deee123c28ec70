"""A whole installation in processes of its own: sandbox, workers, and a driver for what people do."""

import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from portal.processes import WORKER_QUEUES, Ports, commands
from tests.chaos.stand_in import StandIn
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
LOGIN, PASSWORD = "northwind", "generated-for-this-run"
SERVERS_PORTS = (20_000, 32_000)
PATIENCE = 120  # seconds for a process to begin, and for an answer of the driver, on a busy machine
SERVER_AWAY = ("OperationalError", "InterfaceError", "InternalError", "ConnectionError", "TimeoutError")


def free_port() -> int:
    """A loopback port nobody listens on.

    It is none of those that the system gives to connections: one of them could have it before the server that is
    meant to listen there, or get it while that server is away and be connected to itself.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(*SERVERS_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class ProblemError(Exception):
    """What a command of the driver raised."""

    @property
    def is_of_server(self) -> bool:
        """Whether the database or the broker was away, or cut the connection."""
        return str(self).startswith(SERVER_AWAY)


@dataclass
class Installation:
    """The processes and their environment; times are short, so that a lost answer is settled within seconds.

    With a stand-in (`has_stand_in`, over TLS where `has_tls`) the workers reach the sandbox through that.
    """

    folder: Path
    database_url: str
    redis_url: str
    has_stand_in: bool = False
    has_tls: bool = False
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port, self.acme_port = free_port(), free_port()
        self.environ = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")} | {
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": "generated-for-this-run",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DEBUG": "true",
            "CAAS_SANDBOX": "true",
            "CAAS_API_URL": f"http://127.0.0.1:{self.port}/products/!ACMEAdmin",
            "CAAS_LOGIN_NAME": LOGIN,
            "CAAS_LOGIN_PASSWORD": PASSWORD,
            "CAAS_TIMEOUT": "4",
            "CAAS_READ_TIMEOUT": "4",
            "CAAS_LEASE": "8",
            "CAAS_SETTLE_AFTER": "9",
            "CAAS_SETTLE_INTERVAL": "2",
            "CAAS_REQUESTS_PER_SECOND": "100",
            "DATABASE_URL": self.database_url,
        }
        if self.redis_url:
            self.environ["REDIS_URL"] = self.redis_url
        self.stand_in: StandIn | None = None
        if self.has_stand_in or self.has_tls:
            self.stand_in = StandIn(self.port, tls_folder=self.folder if self.has_tls else None)
            self.environ |= self.stand_in.environ

    def start(self) -> None:
        """Migrate, start everything, and wait until the worker has reached the CA."""
        state = self.folder / "sandbox.sqlite3"
        self.spawn(
            "sandbox",
            "manage.py",
            "sandbox",
            f"--port={self.port}",
            f"--acme-port={self.acme_port}",
            f"--state={state}",
            "--no-validation",
        )
        self.start_driver()
        self.ask("prepare")
        wait_for(self._sandbox_answers, seconds=PATIENCE, what="the sandbox")
        self.start_worker()
        wait_for(lambda: self.ask("is_up"), seconds=PATIENCE, what="the worker")

    def _sandbox_answers(self) -> bool:
        try:
            self.summary()
        except OSError:
            return False
        return True

    def start_driver(self) -> None:
        """Start the driver."""
        self.spawn("driver", "-m", "tests.chaos.driver", pipes=True)

    def end_driver(self) -> None:
        """End the driver, and with it its connection to the database."""
        _end(self.processes.pop("driver"))

    def start_worker(self, *names: str, beside: str = "") -> None:
        """Start the workers, or those of them that are named, `beside` others of that name where that is not empty."""
        local = commands(Ports(0, self.port, self.acme_port), state=self.folder)
        for name in names or WORKER_QUEUES:
            self.spawn(f"{name}{beside}", *local[name][1:])

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process."""
        self.processes[name].send_signal(number)

    def kill_worker(self, *names: str) -> None:
        """End the workers, or those of them that are named, as a power cut would."""
        for name in names or WORKER_QUEUES:
            worker = self.processes.pop(name)
            worker.send_signal(signal.SIGKILL)
            worker.wait()

    def spawn(self, name: str, *arguments: str, pipes: bool = False) -> None:
        """Start a Python process; what it prints is in a file of its name."""
        with (self.folder / f"{name}.log").open("a") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environ,
                text=True,
                stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else log,
                stderr=log,
            )

    def close(self) -> None:
        """End what is running."""
        if self.stand_in is not None:
            self.stand_in.close()
        for process in self.processes.values():
            _end(process)

    def ask(self, command: str, *arguments: object) -> Any:
        """Have the driver do something and give its answer; raises ProblemError with what it raised."""
        driver = self.processes["driver"]
        assert driver.stdin is not None
        assert driver.stdout is not None
        driver.stdin.write(json.dumps({"do": command, "with": arguments}) + "\n")
        driver.stdin.flush()
        is_answered, _, _ = select.select([driver.stdout], [], [], PATIENCE)
        assert is_answered, f"{command} was not answered within {PATIENCE} seconds"
        told = driver.stdout.readline()
        assert told, (self.folder / "driver.log").read_text()
        answer: dict[str, Any] = json.loads(told)
        if "problem" in answer:
            raise ProblemError(answer["problem"])
        return answer["answer"]

    def _control(self, topic: str, content: dict[str, Any] | None = None, *, method: str | None = None) -> Any:
        data = None if content is None else json.dumps(content).encode()
        url = f"http://127.0.0.1:{self.port}/_sandbox/{topic}"
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback, our own sandbox
            return json.load(answer)

    def ca_pem(self) -> str:
        """The root that the sandbox's ACME side is to be trusted by."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sandbox/ca.pem", timeout=10) as answer:
            given: bytes = answer.read()
        return given.decode()

    def arm(self, action: str, kind: str, **options: Any) -> None:
        """Let the CA misbehave at the next call of an action."""
        self._control("faults", {"action": action, "kind": kind, **options})

    def disarm(self) -> None:
        """Let the CA behave again."""
        self._control("faults", method="DELETE")

    def set_price(self, validation_type: str, price: int) -> None:
        """Set the price of a year of a name."""
        price_of = {"loginName": LOGIN, "certValidationType": validation_type, "domainType": "FQDN", "price": price}
        self._control("prices", price_of)

    def prepare_for_extensions(self) -> None:
        """Have terms end soon that begin from now on, and the reseller rich enough for another."""
        self._control("switches", {"termDaysGone": 300})
        self._control("balance", {"loginName": LOGIN, "balance": "1000000.00"})

    def summary(self) -> Any:
        """What happened at the CA."""
        return self._control("summary")

    def calls(self, action: str) -> int:
        """How many calls of an action reached the CA."""
        counts = self.summary()["calls"].get(action)
        return counts["received"] if counts else 0

    def changes(self, action: str) -> int:
        """How many calls of an action that were to change something reached the CA."""
        counts = self.summary()["calls"].get(action)
        return counts["received"] - counts["quotes"] if counts else 0

    def settle(self, state: str = "succeeded") -> list[dict[str, Any]]:
        """Sweep until every operation is in `state`, and give the ledger."""

        def settled() -> list[dict[str, Any]] | None:
            self.ask("sweep")
            rows: list[dict[str, Any]] = self.ask("operations")
            return rows if rows and all(row["state"] == state for row in rows) else None

        return wait_for(settled, seconds=150, every=0.5, what=f"every operation {state}") or []


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
