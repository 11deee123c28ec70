"""A machine of its own for real ACME clients: only loopback, ports 53, 80 and 443 free, and /etc, /opt, /root,
/usr/local and /var that can be written without touching the real ones.

Linux namespaces (unshare, nsenter) with overlay mounts. Everything in it ends and vanishes with `close()`, or with
the process that started it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

PRIVATE_DIRECTORIES = ("/etc", "/opt", "/root", "/usr/local", "/var")

_ENTER = """
set -eu
ip link set lo up
mount -t tmpfs tmpfs "$1"
for directory in $2; do
    mkdir -p "$1$directory/upper" "$1$directory/work"
    mount -t overlay overlay -o "lowerdir=$directory,upperdir=$1$directory/upper,workdir=$1$directory/work" "$directory"
done
echo ready
exec cat
"""

_WAIT_FOR_PORT = 'until (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.05; done'


def why_unavailable() -> str | None:
    """Why no namespace can be made on this machine, or None if one can."""
    if os.geteuid() != 0:
        return "network and mount namespaces need root"
    missing = [tool for tool in ("unshare", "nsenter", "ip", "mount") if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        Namespace.start().close()
    except (OSError, RuntimeError) as error:
        return f"cannot be made here: {error}"
    return None


class Namespace:
    """A running namespace. Commands run in it as root, with only the environment they are given."""

    def __init__(self, holder: "subprocess.Popen[bytes]", directory: Path) -> None:
        self._holder = holder
        self.directory = directory
        self.tools = directory / "tools"  # programs that are found before all others
        self.tools.mkdir()
        self._started: list[subprocess.Popen[bytes]] = []
        self._overlays = directory / "overlays"
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        self._pid = int(children[0])
        self.environment = {
            "HOME": "/root",
            "USER": "root",
            "LANG": "C.UTF-8",
            "PATH": f"{self.tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }

    @classmethod
    def start(cls) -> "Namespace":
        """A new namespace. Raises RuntimeError with the system's words where the machine allows none."""
        directory = Path(tempfile.mkdtemp(prefix="namespace-"))
        overlays = directory / "overlays"
        overlays.mkdir()
        unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        holder = subprocess.Popen(
            [*unshare, "sh", "-c", _ENTER, "sh", str(overlays), " ".join(PRIVATE_DIRECTORIES)],
            stdin=subprocess.PIPE,  # cat, process 1 of the namespace, ends when this end of the pipe closes
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert holder.stdout is not None
        assert holder.stderr is not None
        if holder.stdout.readline() != b"ready\n":
            said = holder.stderr.read().decode(errors="replace").strip()
            holder.communicate()
            shutil.rmtree(directory)
            raise RuntimeError(said or "the namespace did not start")
        return cls(holder, directory)

    @property
    def process_id(self) -> int:
        """A process of the namespace, for `nsenter --target`."""
        return self._pid

    def run(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
        check: bool = True,
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command to its end, standard output and error in `stdout` together.

        Raises AssertionError with that output if `check` and it fails, and after `timeout` seconds.
        """
        process = self.popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            raise AssertionError(f"{command} took over {timeout} s:\n{said.decode()}") from None
        text = said.decode(errors="replace")
        if check and process.returncode != 0:
            raise AssertionError(f"{command} ended with {process.returncode}:\n{text}")
        return subprocess.CompletedProcess(command, process.returncode, text, "")

    def popen(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdout: int | IO[Any] = subprocess.DEVNULL,
        stderr: int | IO[Any] = subprocess.DEVNULL,
    ) -> "subprocess.Popen[bytes]":
        """Starts a command; what still runs at `close()` is killed."""
        variables = self.environment | dict(env or {})
        process = subprocess.Popen(
            ["nsenter", "--target", str(self._pid), "--net", "--mount", "--pid", "--", *command],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def wait_for_port(self, port: int, *, timeout: float = 20) -> None:
        """Returns when something listens on that port of 127.0.0.1. Raises AssertionError after `timeout` seconds."""
        self.run(["bash", "-c", _WAIT_FOR_PORT, "bash", str(port)], timeout=timeout)

    def path(self, inside: str) -> Path:
        """Where a file of the namespace is seen from outside. Links to absolute paths are not followed rightly."""
        return Path(f"/proc/{self._pid}/root{inside}")

    def changed_files(self) -> dict[str, bytes]:
        """What was written below the private directories since the start, by path inside.

        Servers go on meanwhile: what they take away between the look at the folder and at the file is left out.
        """
        upper = {directory: self.path(f"{self._overlays}{directory}/upper") for directory in PRIVATE_DIRECTORIES}
        found = {}
        for directory, root in upper.items():
            for file in root.rglob("*"):
                with suppress(FileNotFoundError):
                    if file.is_file() and not file.is_symlink():
                        found[f"{directory}/{file.relative_to(root)}"] = file.read_bytes()
        return found

    def close(self) -> None:
        """Ends everything in the namespace and removes its files."""
        self._holder.communicate()
        for process in self._started:
            process.wait()
        shutil.rmtree(self.directory)
