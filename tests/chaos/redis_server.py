"""A Redis server of a test's own, which can be killed, made to hang, made a read-only replica, and emptied."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from tests.chaos.installation import free_port
from tests.services import require_service
from tests.waiting import wait_for


class RedisServer:
    """One server on one port: `be_away` in one of its ways, then `come_back`."""

    def __init__(self, folder: Path) -> None:
        require_service("redis-server", shutil.which("redis-server") is not None, "it is not installed")
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._client = redis.Redis.from_url(self.url, socket_timeout=10)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            ["redis-server", *options, "--dir", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        wait_for(self._answers, what="redis-server")

    def _answers(self) -> bool:
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def be_away(self, how: str) -> None:
        """Be `killed`, `hanging`, a `replica` that takes no writes, or `flushed`."""
        if how == "killed":
            self.close()
        elif how == "hanging":
            os.kill(self.process.pid, signal.SIGSTOP)
        elif how == "replica":
            self._client.replicaof("127.0.0.1", "1")
        else:
            self._client.flushall()

    def come_back(self, how: str) -> None:
        """Be well again after `be_away(how)`."""
        if how == "killed":
            self.start()
        elif how == "hanging":
            os.kill(self.process.pid, signal.SIGCONT)
        elif how == "replica":
            self._client.replicaof("NO", "ONE")

    def close(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
