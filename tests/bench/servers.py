"""The measurements on PostgreSQL and Redis: a database of their own, and a process with its environment."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from tests.bench.latency import database
from tests.bench.rows import Row
from tests.chaos.installation import ROOT, free_port
from tests.on_servers import REDIS_URL

NAMES = ("charge", "additions", "quoted-again", "accounts", "quote", "confirm", "readings", "backlog")


def measured(names: list[str]) -> Iterator[dict[str, Any]]:
    """Give what was measured, one after the other: `name`, `title`, `rows`, and whatever else belongs to it."""
    with tempfile.TemporaryDirectory() as folder, database() as url:
        environ = _environment(Path(folder), url)
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=environ, check=True)
        command = [sys.executable, "-m", "tests.bench.installed", *names]
        with subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                answer = json.loads(line)
                yield answer | {"rows": [_row(row) for row in answer["rows"]]}
        if process.returncode:
            logs = "".join(f"\n{log.name}:\n{log.read_text()[-3000:]}" for log in Path(folder).glob("*.log"))
            raise RuntimeError(f"The measurements ended early. {logs}")


def _row(row: dict[str, Any]) -> Row:
    del row["ratio"]
    return Row(**row)


def _environment(folder: Path, database_url: str) -> dict[str, str]:
    """As in production (DEBUG keeps every statement in memory), with a CA on loopback and names under .example."""
    port = free_port()
    (folder / "var").mkdir()
    return dict(os.environ) | {
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "VAR_DIR": str(folder / "var"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "DEBUG": "false",
        "PORTAL_URL": "https://portal.example.com",
        "SECURE_COOKIES": "true",
        "CAAS_SANDBOX": "true",
        "CAAS_SANDBOX_ALLOWED": "true",
        "CAAS_API_URL": f"http://127.0.0.1:{port}/products/!ACMEAdmin",
        "CAAS_LOGIN_NAME": "northwind",
        "CAAS_LOGIN_PASSWORD": "generated-for-this-run",
        "CAAS_SYNC_INTERVAL": str(30 * 86400),  # readings only where they are measured
        "DATABASE_URL": database_url,
        "REDIS_URL": REDIS_URL,
        "BENCH_CA_PORT": str(port),
    }
