"""Redis killed, hanging, read only or emptied: people sign in, see every page and confirm; workers come back."""

import http.cookiejar
import json
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.processes import Ports, commands
from tests.chaos.installation import Installation, free_port
from tests.chaos.redis_server import RedisServer
from tests.chaos.steps import EMAIL, PASSWORD
from tests.waiting import wait_for

pytestmark = pytest.mark.chaos

PATIENCE = 5  # seconds a visitor of these tests waits for an answer


class Visitor:
    """A person at a real web process, with cookies, who follows redirects and gives up after `PATIENCE`."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str, form: dict[str, str] | None = None) -> str:
        """Give the page; raise HTTPError for a refusal, TimeoutError for none in time."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        with self._opener.open(self.origin + path, data, timeout=PATIENCE) as answer:
            text: str = answer.read().decode()
        return text

    def submit(self, page: str, path: str, **fields: str) -> str:
        """Post a form with the token of the page it stands on; give the page it leads to."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(page))
        assert token
        return self.get(path, {"csrfmiddlewaretoken": token[1]} | fields)

    def sign_in(self) -> str:
        """Sign in as the one person of the installation; give the first page."""
        return self.submit("/auth/login/", "/auth/login/", login=EMAIL, password=PASSWORD)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.close()


@pytest.fixture
def installation(tmp_path: Path, redis_server: RedisServer) -> Iterator[Installation]:
    made = Installation(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}", redis_server.url)
    made.environ["STAFF_MFA_REQUIRED"] = "false"
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    port = free_port()
    installation.spawn("web", *commands(Ports(port, 0, 0), state=installation.folder)["web"][1:])
    visitor = Visitor(port)

    def answers() -> bool:
        try:
            return "true" in visitor.get("/healthz/live")
        except OSError:  # it is bound before it is loaded: an answer may take longer than a visitor waits
            return False

    wait_for(answers, what="web")
    return visitor


def _readiness(visitor: Visitor) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(visitor.get("/healthz/ready"))
    return state


def _workers(installation: Installation) -> dict[str, subprocess.Popen[str]]:
    return {name: process for name, process in installation.processes.items() if name.startswith("worker")}


@pytest.mark.parametrize("how", ["killed", "hanging", "replica", "flushed"])
def test_redis_away(installation: Installation, redis_server: RedisServer, visitor: Visitor, how: str) -> None:
    code: str = installation.ask("subscribe")
    installation.settle()
    quote: str = installation.ask("quote", code, ["example.com"])
    wait_for(lambda: installation.ask("quote_state", quote) == "ready", what="the quote")
    assert _readiness(visitor)["broker"] == "ok"
    before = _workers(installation)

    redis_server.be_away(how)
    assert "Dashboard" in visitor.sign_in()
    for path in ("/staff/customers/", f"/staff/subscriptions/{code}/", "/staff/operations/", "/staff/servers/"):
        assert "Sign out" in visitor.get(path)
    assert _readiness(visitor)["broker"] == ("ok" if how == "flushed" else "takes no messages")
    visitor.submit(f"/staff/quotes/{quote}/", f"/staff/quotes/{quote}/confirm/")
    names = [row["name"] for row in installation.ask("operations") if row["kind"] == "add_domain"]
    assert names == ["example.com"]

    redis_server.come_back(how)
    wait_for(lambda: _readiness(visitor)["broker"] == "ok", what="the broker")
    installation.ask("forget_messages")
    installation.settle()
    assert installation.changes("ADDDOMAIN") == 1
    assert _workers(installation) == before
    assert [worker.poll() for worker in before.values()] == [None, None]
