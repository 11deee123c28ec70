"""`manage.py run`, whole: from an empty folder to a seeded portal that stops in good order, twice."""

import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from portal.local_env import ensure_local_settings
from portal.process_secrets import ALL, NEEDED
from portal.processes import Ports, commands, environment
from subscriptions.management.demo_states import LABELS
from tests.waiting import wait_for

# What the examples come to, as far as it is recorded; terms, days and certificates make the other states.
EXAMPLES = {
    ("suspend_account", "succeeded"),
    ("deactivate_account", "succeeded"),
    ("remove_domain", "succeeded"),
    ("move_anchor", "succeeded"),
    ("extend_domains", "succeeded"),
    ("add_domain", "refused"),
    ("add_domain", "unknown"),
    ("pre-validation", "requested"),
    ("pre-validation", "in_validation"),
    ("pre-validation", "valid"),
    ("pre-validation", "replaced"),
    *(("subscription", label) for label in LABELS),
}
START_WITHIN = 150  # seconds, on a machine that runs other tests beside


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def ports() -> Ports:
    return Ports(free_port(), free_port(), free_port())


def installation(folder: Path, ports: Ports) -> dict[str, str]:
    """The environment of a fresh machine: an empty home, no setting but where the data is and the ports."""
    ensure_local_settings(folder / "local.env")
    (folder / "home").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "VAR_DIR": str(folder),
        "ENV_FILE": str(folder / "local.env"),
        "PORT": str(ports.web),
        "SANDBOX_PORT": str(ports.sandbox),
        "SANDBOX_ACME_PORT": str(ports.acme),
        "DEMO_EACH_STATE": "false",
    }


@contextmanager
def running(environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=settings.BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=START_WITHIN)


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def children(folder: Path) -> dict[str, int]:
    """The number of each process that was started, by its name."""
    lines = re.findall(r"^([\w-]+) started \(pid=(\d+)\)$", (folder / "log" / "system.log").read_text(), re.MULTILINE)
    return {name: int(number) for name, number in lines}


def starts(folder: Path) -> list[str]:
    """The name of each process, as often as it was started."""
    return re.findall(r"^([\w-]+) started \(pid=", (folder / "log" / "system.log").read_text(), re.MULTILINE)


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.long
def test_it_works(tmp_path: Path, ports: Ports) -> None:
    environ = installation(tmp_path, ports)
    passwords = dict(line.split("=", 1) for line in (tmp_path / "local.env").read_text().splitlines() if "=" in line)
    printed = [
        f"Portal: http://127.0.0.1:{ports.web}\n",
        f"Staff: staff@reseller.example / {passwords['DEMO_STAFF_PASSWORD']}\n",
        f"Customer: owner@northwind.example / {passwords['DEMO_CUSTOMER_PASSWORD']}\n",
        f"Passkeys and links in mails: http://localhost:{ports.web}\n",
    ]
    for stop in (signal.SIGINT, signal.SIGTERM):
        with running(environ) as process:
            assert process.stdout
            assert [process.stdout.readline() for _ in printed] == printed
            status, body = get(ports.web, "/healthz/ready")
            assert (status, json.loads(body)["ready"]) == (200, True)
            assert get(ports.web, "/auth/login/")[0] == 200
            assert get(ports.web, "/static/css/tokens.css")[0] == 200
            assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700  # its links let people in
            readable = [
                path for path in (tmp_path, *tmp_path.rglob("*")) if path.exists() and path.stat().st_mode & 0o077
            ]
            assert [path for path in readable if path != tmp_path / "home"] == []  # sessions, password hashes
            os.kill(children(tmp_path)["worker-now"], signal.SIGKILL)
            wait_for(lambda: starts(tmp_path).count("worker-now") == 2, what="another worker")
            numbers = children(tmp_path)
            assert sorted(numbers) == ["beat", "sandbox", "web", "worker-later", "worker-now"]

            os.killpg(process.pid, stop)  # what a terminal does on Ctrl-C: make and the command both get it

            assert process.wait(timeout=30) == 0
            assert [number for number in numbers.values() if is_alive(number)] == []
            assert process.stderr
            assert process.stderr.read() == ""
    assert ports.taken() == []
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.long
def test_the_demo_has_an_example_of_each_state(tmp_path: Path, ports: Ports) -> None:
    with running(installation(tmp_path, ports) | {"DEMO_EACH_STATE": "true"}) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Portal: ")  # people look around while the rest is made
        wait_for(lambda: examples_in(tmp_path) >= EXAMPLES, seconds=START_WITHIN, what="the examples")
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def examples_in(folder: Path) -> set[tuple[str, str]]:
    """What the database of a running demo holds of examples."""
    with closing(sqlite3.connect(f"file:{folder / 'portal.sqlite3'}?mode=ro", uri=True)) as database:
        return set(
            database.execute(
                "SELECT kind, state FROM subscriptions_operation"
                " UNION SELECT 'pre-validation', recorded_status FROM subscriptions_prevalidation"
                " UNION SELECT 'subscription', label FROM subscriptions_subscription"
            )
        )


def test_a_port_in_use_is_named(tmp_path: Path, ports: Ports) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.acme))
        other.listen()
        with running(installation(tmp_path, ports)) as process:
            output, errors = process.communicate(timeout=START_WITHIN)

    assert output == ""
    assert f"Port {ports.acme} is in use. Give others: make run PORT=8010" in errors
    assert process.returncode == 1


def test_wrong_settings_are_shown_before_anything_starts(tmp_path: Path, ports: Ports) -> None:
    environ = installation(tmp_path, ports) | {"CAAS_LEASE": "900"}
    with running(environ) as process:
        output, errors = process.communicate(timeout=START_WITHIN)

    assert output == ""
    assert "portal.E008" in errors
    assert process.returncode == 1


SUPERVISE = """
import json, sys
from pathlib import Path
from portal import processes
folder, script, pauses = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
processes.STEADY_AFTER = float(sys.argv[4])
logs = processes.LogFiles(folder / "log")
supervisor = processes.Supervisor(logs, started=lambda: None)
supervisor.add("steady", ["sh", "-c", sys.argv[5]], {"PATH": "/usr/bin:/bin"}, Path("/"))
supervisor.add("broken", ["sh", "-c", script], {"PATH": "/usr/bin:/bin"}, folder, pauses=pauses)
supervisor.loop()
print(supervisor.returncode, supervisor.first_to_fail(), logs.tail("broken"), sep="|")
"""


def supervise(
    folder: Path, script: str, *, pauses: list[float], steady_after: float = 60, other: str = "exec sleep 60"
) -> str:
    """Run `script` beside an other one, until all have ended; give how that was."""
    result = subprocess.run(
        [sys.executable, "-c", SUPERVISE, str(folder), script, json.dumps(pauses), str(steady_after), other],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=START_WITHIN,
        check=True,
    )
    assert [number for number in children(folder).values() if is_alive(number)] == []
    return result.stdout


def test_a_process_that_fails_stops_the_rest_and_is_named(tmp_path: Path) -> None:
    assert supervise(tmp_path, "echo out of paper; exit 3", pauses=[]) == "3|broken|out of paper\n"


def test_a_process_that_keeps_ending_is_started_again_and_in_the_end_stops_the_rest(tmp_path: Path) -> None:
    output = supervise(tmp_path, "echo out of paper; exit 3", pauses=[0.01, 0.02])

    assert output.splitlines() == [
        "3|broken|out of paper",
        "broken ended (3) and is started again in 0.01 seconds.",
        "out of paper",
        "broken ended (3) and is started again in 0.02 seconds.",
        "out of paper",
    ]
    assert sorted(starts(tmp_path)) == ["broken", "broken", "broken", "steady"]


def test_a_steady_life_makes_up_for_earlier_ends(tmp_path: Path) -> None:
    (tmp_path / "lives").touch()
    until_six = f"until [ $(wc -l < {tmp_path}/lives) -ge 6 ]; do sleep 0.05; done; exit 4"

    supervise(tmp_path, "echo one >> lives; exit 3", pauses=[0.01], steady_after=0, other=until_six)

    assert starts(tmp_path).count("broken") >= 6


def test_local_settings_are_made_once_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "local.env"

    assert ensure_local_settings(path) is True
    first = path.read_text()
    assert ensure_local_settings(path) is False
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other.env"
    ensure_local_settings(other)
    assert not set(re.findall(r"(?:KEYS?|PASSWORD)=.*", first)) & set(
        re.findall(r"(?:KEYS?|PASSWORD)=.*", other.read_text())
    )


def test_only_workers_and_the_sandbox_are_told_the_login(tmp_path: Path, ports: Ports) -> None:
    told = {"CAAS_LOGIN_NAME": "northwind", "CAAS_LOGIN_PASSWORD": "secret", "HOME": "/nowhere"}

    knowing = {
        name: environment(name, ports, told)["CAAS_LOGIN_PASSWORD"]
        for name in commands(ports, state=tmp_path / "state.sqlite3")
    }

    assert knowing == {"sandbox": "secret", "web": "", "worker-now": "secret", "worker-later": "secret", "beat": ""}
    assert environment("web", ports, told)["CAAS_API_URL"] == f"http://127.0.0.1:{ports.sandbox}/products/!ACMEAdmin"


def test_each_process_is_told_its_own_secrets_only(tmp_path: Path, ports: Ports) -> None:
    told = dict.fromkeys(ALL, "secret") | dict.fromkeys((f"{name}_FILE" for name in ALL), "/run/secrets/one")

    for name in ("web", "worker-now", "worker-later", "beat"):
        own, kind = environment(name, ports, told), name.partition("-")[0]
        assert own["PORTAL_PROCESS"] == kind
        assert {secret for secret in ALL if own.get(secret) or own.get(f"{secret}_FILE")} == NEEDED[kind]


def test_ports_come_from_the_environment() -> None:
    assert Ports.from_environment({}) == Ports(8000, 8901, 8902)
    assert Ports.from_environment({"PORT": "81", "SANDBOX_PORT": "82", "SANDBOX_ACME_PORT": "83"}) == Ports(81, 82, 83)
    with pytest.raises(ValueError, match="eighty"):
        Ports.from_environment({"PORT": "eighty"})
