"""A PostgreSQL cluster of a test's own, which can be stopped and started, and whose connections can be cut."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from tests.chaos.installation import free_port
from tests.services import require_service
from tests.waiting import wait_for

UNPRIVILEGED = ("postgres", "nobody")


def server_program(name: str) -> str:
    """Give the path of one of the server's programs, which Debian keeps out of PATH; empty where it is missing."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(newest[-1]) if newest else shutil.which(name) or ""


class PostgresServer:
    """One cluster on one port; as the server does not run as root, an unprivileged user runs it then."""

    def __init__(self) -> None:
        require_service("a PostgreSQL server", bool(server_program("initdb")), "initdb is not installed")
        self._folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = next(known[name] for name in UNPRIVILEGED if name in known)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._port = free_port()
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start()

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        command = [server_program(program), f"--pgdata={self._folder / 'data'}", *arguments]
        subprocess.run(
            command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **self._as_user
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self._port} -k {self._folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "--wait", f"--log={self._folder / 'log'}", f"--options={options}", "start")
        wait_for(self._answers, what="PostgreSQL")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    def stop(self) -> None:
        """End it at once, as a crash would: it recovers from its log at the next start."""
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")

    def cut_connections(self) -> None:
        """End every connection but this one."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )

    def close(self) -> None:
        """End it, and remove what it wrote."""
        self.stop()
        shutil.rmtree(self._folder)
