"""A mail server that accepts and never answers, behind a real web process and a real worker: nobody waits for it."""

import http.client
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal.processes import Ports, commands
from tests import cast
from tests.accounts.mail_servers import misbehaving, never_answers
from tests.chaos.installation import ROOT, Installation, free_port
from tests.loopback import LoopbackServer
from tests.waiting import wait_for

pytestmark = pytest.mark.long

RESETS = 60
OLGA = "olga@northwind.example"
MAKE_OLGA = f"from accounts.models import User; User.objects.create_user('{OLGA}', '{cast.PASSWORD}')"
TIME_OUT = 30  # seconds for which whoever speaks with the mail server would wait


def a_second() -> float:
    """A second on a machine that does nothing else: one whose cores many want takes as much longer."""
    return max(1.0, 1.5 * os.getloadavg()[0] / (os.cpu_count() or 1))


class Web:
    """The web process, as people reach it: each from an address of their own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = self.token = ""
        self.opened: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        for connection in self.opened:
            connection.close()

    def send(
        self, method: str, path: str, host: int, fields: Mapping[str, str] | None = None
    ) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=4 * TIME_OUT)
        self.opened.append(connection)
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token}) if fields else None
        headers = {"X-Forwarded-For": f"192.0.2.{host}", "Cookie": f"csrftoken={self.cookie}"}
        connection.request(method, path, body, headers | {"Content-Type": "application/x-www-form-urlencoded"})
        return connection

    def is_up(self) -> bool:
        try:
            status, _ = self.look()
        except OSError:
            return False
        return status == http.client.OK

    def open_form(self) -> None:
        """Take the token that every form sends, and the cookie that goes with it."""
        answer = self.send("GET", "/auth/login/", 250).getresponse()
        self.cookie = re.findall(r"csrftoken=([^;]+)", answer.getheader("Set-Cookie") or "")[0]
        self.token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())[0]

    def ask_for_reset(self, number: int) -> http.client.HTTPConnection:
        fields = {"email": f"person{number}@northwind.example"}
        return self.send("POST", "/auth/password/reset/", 1 + number, fields)

    def look(self) -> tuple[int, float]:
        """Give the status of the health check, and how long it took."""
        return self._timed("GET", "/healthz/live", 200)

    def sign_in(self) -> tuple[int, float]:
        return self._timed("POST", "/auth/login/", 201, {"login": OLGA, "password": cast.PASSWORD})

    def _timed(self, method: str, path: str, host: int, fields: Mapping[str, str] | None = None) -> tuple[int, float]:
        began = time.monotonic()
        answer = self.send(method, path, host, fields).getresponse()
        answer.read()
        return answer.status, time.monotonic() - began


@pytest.fixture
def mail_server() -> Iterator[LoopbackServer]:
    with misbehaving(never_answers) as server:
        yield server


@pytest.fixture
def web(tmp_path: Path, mail_server: LoopbackServer) -> Iterator[Web]:
    """The web process and the worker that sends mails, by a server that hangs."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}", "")
    made.environ |= {
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
        "EMAIL_TIMEOUT": str(TIME_OUT),
        "TRUSTED_PROXY_COUNT": "1",
        "STAFF_MFA_REQUIRED": "false",
    }
    for command in (["migrate", "--verbosity=0"], ["shell", "--verbosity=0", "--command", MAKE_OLGA]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=made.environ, check=True)
    ports = Ports(free_port(), made.port, made.acme_port)
    started = Web(ports.web)
    try:
        for name in ("web", "worker-now"):
            made.spawn(name, *commands(ports, state=tmp_path)[name][1:])
        wait_for(started.is_up, seconds=60, what="the web process")
        started.open_form()
        yield started
    finally:
        started.close()
        made.close()


def test_it_keeps_nobody_waiting(web: Web, mail_server: LoopbackServer, tmp_path: Path) -> None:
    assert web.ask_for_reset(0).getresponse().status == http.client.FOUND
    wait_for(lambda: mail_server.connections, seconds=60, what="the worker at the mail server")

    asked = [web.ask_for_reset(number) for number in range(1, RESETS)]
    with ThreadPoolExecutor() as pool:
        live, signed_in = [one.result() for one in (pool.submit(web.look), pool.submit(web.sign_in))]

    assert (live[0], signed_in[0]) == (http.client.OK, http.client.FOUND)
    assert max(live[1], signed_in[1]) < a_second()
    assert {one.getresponse().status for one in asked} == {http.client.FOUND}
    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        states = dict(database.execute("SELECT state, count(*) FROM accounts_mail GROUP BY state"))
    assert sum(states.values()) == RESETS
    assert states["queued"] >= RESETS - 1
    assert mail_server.connections == 1  # one thread of the worker, and no other, waits for it
