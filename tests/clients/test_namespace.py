"""The test machine keeps what runs in it to itself."""

import subprocess
from pathlib import Path

import pytest

from .namespace import PRIVATE_DIRECTORIES, Namespace

pytestmark = pytest.mark.clients


def test_only_loopback(namespace: Namespace) -> None:
    links = namespace.run(["ip", "-brief", "link"]).stdout.splitlines()
    assert [line.split()[0] for line in links] == ["lo"]


@pytest.mark.parametrize("directory", PRIVATE_DIRECTORIES)
def test_written_files_stay_inside(namespace: Namespace, directory: str) -> None:
    file = f"{directory}/northwind/file"
    namespace.run(["sh", "-c", f"mkdir {directory}/northwind && echo inside > {file}"])
    assert namespace.path(file).read_text() == "inside\n"
    assert namespace.changed_files() == {file: b"inside\n"}
    assert not Path(directory, "northwind").exists()


def test_failure_shows_what_was_said(namespace: Namespace) -> None:
    with pytest.raises(AssertionError, match=r"ended with 3:\nout\nerr"):
        namespace.run(["sh", "-c", "echo out; echo err >&2; exit 3"])


def test_command_that_does_not_end(namespace: Namespace) -> None:
    with pytest.raises(AssertionError, match=r"took over 0.5 s:\nwaiting"):
        namespace.run(["sh", "-c", "echo waiting; exec tail -f /dev/null"], timeout=0.5)


def test_close_ends_everything() -> None:
    machine = Namespace.start()
    process = machine.popen(["tail", "-f", "/dev/null"], stdout=subprocess.PIPE)
    machine.close()
    assert process.wait(timeout=10) != 0
    assert not machine.directory.exists()
    assert process.stdout is not None
    process.stdout.close()
