"""The installation that is measured: PostgreSQL, Redis, the stand-in CA, worker processes, and what people do.

This process plays the web host: it calls the services, and messages go from it to the workers.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

import redis
from django.conf import settings
from django.db import connection
from django.test import override_settings

from accounts.models import Customer, User
from portal.processes import Ports, commands
from subscriptions import tasks
from subscriptions.models import AcmeServer, Gate, Operation, Order, Quote, Subscription, WorkerHeartbeat
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription
from tests.bench.ca import LATENCY, CaDoor
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
FAST: dict[str, float] = {"CAAS_MAX_CONCURRENCY": 16, "CAAS_REQUESTS_PER_SECOND": 2000}
TICKS = os.sysconf("SC_CLK_TCK")

_numbers = count(1)


class Process:
    """A process of the installation, and what it costs; None where the system has no /proc."""

    def __init__(self, name: str, command: Sequence[str], environ: dict[str, str], folder: Path) -> None:
        with (folder / f"{name}.log").open("a") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def cpu(self) -> float | None:
        """User and system CPU in seconds."""
        return cpu_of(self._process.pid)

    def peak_memory(self) -> float | None:
        """The largest resident memory so far in megabytes."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return None
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def ask_to_end(self) -> None:
        """Have it end in good order."""
        self._process.terminate()

    def wait(self) -> None:
        """Wait for its end; bring it about where that takes more than fifteen seconds."""
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def cpu_of(pid: int, *, with_ended_children: bool = False) -> float | None:
    """Give the user and system CPU of a process in seconds, or None where that cannot be seen."""
    fields = _stat(pid)
    if not fields:
        return None
    return sum(int(field) for field in fields[11 : 15 if with_ended_children else 13]) / TICKS


def _stat(pid: int) -> list[str]:
    """Fields of proc(5)'s stat from the third on, or nothing where there is no such process here."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def database_server_cpu() -> float:
    """Give the CPU seconds of the whole database server so far, connections that have ended included; 0 if unseen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        if not (own := _stat(cursor.fetchone()[0])):
            return 0
        cursor.execute("SELECT pid FROM pg_stat_activity")
        living = sum(cpu_of(pid) or 0 for (pid,) in cursor.fetchall())
    return living + (cpu_of(int(own[1]), with_ended_children=True) or 0)


class Stage:
    """One installation for all measurements of a run: its database and accounts grow from one to the next."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._environ = dict(os.environ)
        self.ca = CaDoor(port)
        self.workers: list[Process] = []
        self._subscriptions: list[Subscription] = []
        self._ca_process = Process("ca", [sys.executable, "-m", "tests.bench.ca", str(port)], self._environ, folder)
        wait_for(self.ca.is_up, what="the stand-in CA")
        self.staff = User.objects.create_user("ada@reseller.example", uuid4().hex, reseller_role="reseller_admin")
        self.customer = Customer.objects.create(name="Northwind Traders")

    def close(self) -> None:
        """End the CA."""
        self._ca_process.ask_to_end()
        self._ca_process.wait()

    @contextmanager
    def running_workers(self, **changes: float) -> Iterator[None]:
        """Run the workers and beat with FAST or `changes` of it in the environment; this process has the same.

        They start on an empty broker: what waits is what the ledger sends.
        """
        values = {**FAST, **changes}
        known = {name: value for name, value in values.items() if hasattr(settings, name)}
        with self._processes({name: f"{value:g}" for name, value in values.items()}), override_settings(**known):
            yield

    @contextmanager
    def workers_at_defaults(self) -> Iterator[None]:
        """Run the workers and beat with the limits that the settings have where nobody says otherwise."""
        with self._processes({}):
            yield

    @contextmanager
    def _processes(self, changes: dict[str, str]) -> Iterator[None]:
        self.empty_the_broker()
        for schedule in settings.VAR_DIR.glob("beat-schedule*"):
            schedule.unlink()
        WorkerHeartbeat.objects.all().delete()
        environ = self._environ | changes
        named = _commands(self._folder)
        processes = {name: Process(name, command, environ, self._folder) for name, command in named.items()}
        self.workers = [process for name, process in processes.items() if name.startswith("worker")]
        try:
            wait_for(lambda: WorkerHeartbeat.objects.count() >= len(self.workers), what="the workers")
            # Each asks for a probe before its first beat; until that is through, all other calls are held back.
            wait_for(lambda: Gate.objects.filter(needs_probe=False).exists(), what="the probe")
            wait_for(AcmeServer.objects.exists, what="the CA's servers")
            yield
        finally:
            for process in processes.values():
                process.ask_to_end()
            for process in processes.values():
                process.wait()

    def empty_the_broker(self) -> None:
        """Lose every message that is out."""
        redis.Redis.from_url(settings.REDIS_URL).flushdb()

    def sweep(self) -> None:
        """What beat has done every few seconds."""
        tasks.sweep.delay()

    def create(self, number: int) -> list[Subscription]:
        """Submit the form for that many DV subscriptions."""
        server = AcmeServer.objects.get(validation_type="DV")
        return [
            create_subscription(
                actor=self.staff,
                customer=self.customer,
                server=server,
                term_years=1,
                prevalidation=None,
                form_token=uuid4(),
            )
            for _ in range(number)
        ]

    def running(self, number: int) -> list[Subscription]:
        """Give so many subscriptions that run, each with one name; what is missing is made by the real way at speed."""
        missing = number - len(self._subscriptions)
        if missing > 0:
            self.ca.set_latency(0)
            with self.running_workers():
                self._subscriptions += self._made_running(self.create(missing))
            self.ca.set_latency(LATENCY)
        return list(Subscription.objects.filter(pk__in=[one.pk for one in self._subscriptions[:number]]).order_by("pk"))

    def _made_running(self, made: list[Subscription]) -> list[Subscription]:
        mine = Subscription.objects.filter(pk__in=[one.pk for one in made])
        self._sweep_until(lambda: not mine.exclude(creation=Subscription.Creation.CREATED).exists(), "the accounts")
        quotes = [self.quote(one, self.new_names(1)) for one in mine]
        self.wait_for_prices(quotes)
        orders = [self.confirm(quote) for quote in quotes]
        self._sweep_until(lambda: not unsettled(orders), "the first names")
        wait_for(lambda: not mine.filter(expires_at=None).exists(), what="the expiries")
        # A new subscription is read within its first minute: here, and not while something else is measured.
        tasks.sync_due_subscriptions.delay()
        wait_for(lambda: not mine.filter(synced_at=None).exists(), seconds=120, what="the first readings")
        return list(mine)

    def _sweep_until(self, is_done: Callable[[], bool], what: str) -> None:
        def swept() -> bool:
            if is_done():
                return True
            self.sweep()
            return False

        wait_for(swept, seconds=600, every=0.5, what=what)

    def finish(self) -> None:
        """Bring what a measurement left under way to its end, at speed: the next one has the workers for itself."""
        unsettled = Operation.objects.filter(state__in=Operation.UNSETTLED)
        if unsettled.exists():
            self.ca.set_latency(0)
            with self.running_workers():
                self._sweep_until(lambda: not unsettled.exists(), "the end of what was left")
            self.ca.set_latency(LATENCY)

    def new_names(self, number: int) -> list[str]:
        """Give names that nothing here has had, each a registrable domain of its own."""
        return [f"shop{next(_numbers):07d}.example" for _ in range(number)]

    def quote(self, subscription: Subscription, names: list[str]) -> Quote:
        """Ask for the prices of names."""
        return request_quote(
            actor=self.staff,
            subscription=subscription,
            names=names,
            add_companions=False,
            prevalidation=None,
            form_token=uuid4(),
        )

    def wait_for_prices(self, quotes: list[Quote]) -> None:
        """Wait until every quote is ready to be confirmed."""
        rows = Quote.objects.filter(pk__in=[one.pk for one in quotes])
        wait_for(lambda: not rows.exclude(state=Quote.State.READY).exists(), seconds=300, what="the prices")

    def confirm(self, quote: Quote) -> Order:
        """Confirm a quote."""
        return confirm_quote(actor=self.staff, quote=Quote.objects.get(pk=quote.pk))

    def wait_until_settled(self, orders: list[Order], *, seconds: float = 300) -> None:
        """Wait until nothing of the orders is under way; raises AssertionError where one did not succeed."""
        wait_for(lambda: not unsettled(orders), seconds=seconds, every=0.05, what="the end of the orders")
        others = Operation.objects.filter(order__in=orders).exclude(state=Operation.State.SUCCEEDED)
        assert not others.exists(), [(one.domain_name, one.state, one.error_detail) for one in others[:3]]

    def used(self) -> dict[str, float]:
        """CPU seconds so far of the workers, the database server, this process and the CA; commits and connections."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute("SELECT xact_commit, sessions FROM pg_stat_database WHERE datname = current_database()")
            commits, sessions = cursor.fetchone()
        return {
            "workers": sum(one.cpu() or 0 for one in self.workers),
            "database": database_server_cpu(),
            "web": time.process_time(),
            "ca": self.ca.cpu(),
            "commits": commits,
            "connections": sessions,
        }


def unsettled(orders: list[Order]) -> int:
    """How many operations of the orders are under way."""
    return Operation.objects.filter(order__in=orders, state__in=Operation.UNSETTLED).count()


def _commands(folder: Path) -> dict[str, list[str]]:
    """The workers and beat as `make run` starts them; the one that makes charges is started twice, as on two hosts."""
    known = commands(Ports(web=0, sandbox=0, acme=0), state=folder / "sandbox.sqlite3")
    chosen = {name: command for name, command in known.items() if name.startswith("worker") or name == "beat"}
    chosen["worker-now-2"] = [*chosen["worker-now"], "--hostname=second@localhost"]
    return chosen
