"""A whole portal as in production (DEBUG off, PostgreSQL, Redis), with secrets whose values the test knows."""

import base64
import hashlib
import hmac
import os
import re
import secrets
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx
import redis
from django.conf import settings

from portal.processes import Ports
from tests.bench.latency import database
from tests.chaos.redis_server import RedisServer
from tests.portal.test_run import children, free_port, installation, running
from tests.waiting import wait_for

KEYS = """
from subscriptions.models import EabBinding
print("\\n".join("key " + binding.eab_hmac_key.reveal() for binding in EabBinding.objects.all()))
"""


@dataclass
class House:
    """A running portal; `secrets` are the planted ones by name."""

    folder: Path
    ports: Ports
    environ: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where people reach it."""
        return f"http://localhost:{self.ports.web}"

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py beside it and give what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environ, check=True, capture_output=True, text=True
        )
        return done.stdout

    def mails(self) -> dict[str, str]:
        """The mails that were sent, by their files' names."""
        return {path.name: path.read_text() for path in sorted((self.folder / "mail").glob("*"))}

    def mail_with(self, words: str) -> str:
        """Wait for a mail with these words, and give it."""
        wait_for(lambda: any(words in text for text in self.mails().values()), seconds=60, what=f"a mail with {words}")
        return next(text for text in self.mails().values() if words in text)

    def pids(self) -> dict[str, int]:
        """The number of each process by its name."""
        return children(self.folder)


@contextmanager
def running_house(folder: Path) -> Iterator[House]:
    """Start everything, a Redis of its own too, seed the demo, and end it afterwards."""
    ports = Ports(free_port(), free_port(), free_port())
    # A worker of another installation on the same Redis would take this one's messages.
    with database() as database_url, closing(RedisServer(folder)) as redis_server:
        environ = installation(folder, ports)
        address = urlsplit(database_url)
        password = secrets.token_urlsafe(18)  # the server trusts loopback: any will do, and is a secret to look for
        environ |= {
            "DATABASE_URL": f"postgres://{address.username}:{quote(password)}@{address.netloc.rpartition('@')[2]}{address.path}",
            "REDIS_URL": redis_server.url,
            "CAAS_SANDBOX_ALLOWED": "true",
        }
        env_file = folder / "local.env"
        env_file.write_text(env_file.read_text().replace("DEBUG=true", "DEBUG=false"))
        house = House(folder, ports, environ, _settings_in(env_file) | {"database password": password})
        house.manage("collectstatic", "--noinput", "--verbosity=0")
        with running(environ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(4)]
            assert lines[0].startswith("Portal: "), process.stderr and process.stderr.read()
            shown = house.manage("shell", "--command", KEYS)
            keys = re.findall(r"^key (\S+)$", shown, re.M)
            assert keys, f"No account was made for the demo: {lines}\n{shown}"
            house.secrets |= {f"EAB HMAC key {number}": key for number, key in enumerate(keys)}
            try:
                yield house
            finally:
                for client in house.clients:
                    client.close()


def _settings_in(env_file: Path) -> dict[str, str]:
    given = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if re.match(r"[A-Z_]+=", line))
    wanted = ("SECRET_KEY", "ENCRYPTION_KEYS", "CAAS_LOGIN_PASSWORD", "DEMO_STAFF_PASSWORD", "DEMO_CUSTOMER_PASSWORD")
    return {name: given[name] for name in wanted}


class Visitor:
    """A browser without scripts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.client = httpx.Client(base_url=house.url, timeout=30, follow_redirects=True)
        house.clients.append(self.client)
        self.seen: dict[str, str] = {}

    def get(self, path: str) -> str:
        """Go to a page and give it."""
        self.seen[path] = text = self.client.get(path).text
        return text

    def post(self, path: str, to: str = "", **values: str) -> httpx.Response:
        """Fill in a form of the page at `path` and send it there, or where it says."""
        return self.submit(self.client.get(path), to, **values)

    def submit(self, page: httpx.Response, to: str = "", **values: str) -> httpx.Response:
        """Fill in a form of a page that is shown, and send it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.url
        given = values | {"csrfmiddlewaretoken": token[1]}
        return self.client.post(to or str(page.url), data=given, headers={"Referer": str(page.url)})

    def sign_in(self, email: str, password: str) -> None:
        """Sign in."""
        self.post("/auth/login/", login=email, password=password)
        self.note_session(email)

    def note_session(self, whose: str) -> None:
        """Keep the key of the session as a secret of the house; it changes with what the person does."""
        key = next(value for name, value in self.client.cookies.items() if name.endswith("sessionid"))
        self._house.secrets[f"session key of {whose}"] = key

    def crawl(self) -> None:
        """Go wherever links lead on this host, once, but not to the way out."""
        waiting, known = ["/"], {"/"}
        while waiting:
            text = self.get(waiting.pop())
            for link in re.findall(r'(?:href|hx-get|action)="([^"#]+)', text):
                address = urlsplit(urljoin(self._house.url, unescape(link)))
                path = address.path + (f"?{address.query}" if address.query else "")
                if address.netloc == urlsplit(self._house.url).netloc and path not in known and _is_page(path):
                    known.add(path)
                    waiting.append(path)


def _is_page(path: str) -> bool:
    is_sorted_or_paged = re.search(r"[?&](sort|page|o|_facets|e)=", path)
    return not is_sorted_or_paged and not path.startswith(("/static/", "/auth/logout", "/admin/logout"))


def totp(secret: str) -> str:
    """Give the code of an authenticator app at this moment (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def everything_in_redis(house: House) -> str:
    """Give all keys and values that its Redis holds."""
    store, found = redis.Redis.from_url(house.environ["REDIS_URL"]), []
    for key in store.scan_iter():
        found.append(key)
        match store.type(key):
            case b"string":
                found.append(store.get(key))
            case b"list":
                found += store.lrange(key, 0, -1)
            case b"hash":
                found += [part for pair in store.hgetall(key).items() for part in pair]
            case b"set":
                found += store.smembers(key)
            case b"zset":
                found += store.zrange(key, 0, -1)
    return "\n".join(part.decode(errors="replace") for part in found)


def environment_of(pid: int) -> str:
    """Give the environment of a process."""
    return Path(f"/proc/{pid}/environ").read_text().replace("\0", "\n")


def dump(house: House) -> str:
    """Give the database as its owner backs it up."""
    command = ["pg_dump", "--no-password", house.environ["DATABASE_URL"].replace("postgres://", "postgresql://")]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ)).stdout
