"""PostgreSQL and Redis as docker-compose.yml sets them up, without a container: its own script, command and secrets."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
import yaml
from django.conf import settings

from tests.chaos.installation import free_port
from tests.chaos.postgres_server import PostgresServer
from tests.services import require_service
from tests.waiting import wait_for

ROOT: Path = settings.BASE_DIR
MOUNTED = "/run/secrets/"


def parsed() -> dict[str, Any]:
    """Give the compose file."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def make_secret(folder: Path, name: str) -> str:
    """Write the file of a secret as the README has it made, and give what is in it."""
    text = secrets.token_hex(24)
    (folder / name).write_text(f"{text}\n")
    return text


def make_database(postgres: PostgresServer, folder: Path) -> str:
    """Have the script make the portal's user and database on a server; give DATABASE_URL as the README writes it."""
    require_service("psql", shutil.which("psql") is not None, "it is not installed")
    password = make_secret(folder, "database_password")
    script = folder / "database.sql"
    script.write_text((ROOT / "deploy" / "database.sql").read_text().replace(MOUNTED, f"{folder}/"))
    psql = ["psql", "--no-psqlrc", "--no-password", "--quiet", f"--dbname={postgres.url}", f"--file={script}"]
    subprocess.run(psql, check=True, capture_output=True, text=True)
    return postgres.url.replace("postgres@", f"portal:{password}@").removesuffix("/postgres") + "/portal"


@contextmanager
def redis_of_compose(folder: Path) -> Iterator[str]:
    """Run Redis by the command of its service; give REDIS_URL as the README writes it."""
    require_service("redis-server", shutil.which("redis-server") is not None, "it is not installed")
    password, port = make_secret(folder, "redis_password"), free_port()
    *shell, script = parsed()["services"]["redis"]["command"]
    script = script.replace("/tmp/redis.conf", f"{folder}/redis.conf").replace(MOUNTED, f"{folder}/")
    process = subprocess.Popen(
        [*shell, f"{script.replace('$$', '$')} --port {port} --bind 127.0.0.1"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        wait_for(lambda: _answers(url), what="redis-server")
        yield url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=10)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()
