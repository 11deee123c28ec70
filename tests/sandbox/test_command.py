"""`manage.py sandbox` as a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from subscriptions.management.commands.sandbox import Command, chosen_checks, default_login, login, resolver
from subscriptions.sandbox import DEMO_LOGIN_NAME, DEMO_LOGIN_PASSWORD, Switches
from subscriptions.sandbox.acme.caa import permit_everything
from subscriptions.sandbox.acme.validation import accept_everything

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_stops_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "manage.py", "sandbox", "--port", "0", "--acme-port", "0", "--no-validation"]
    process = subprocess.Popen(
        [*command, "--state", str(tmp_path / "deep" / "state.sqlite3"), "--login", "northwind:secret"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    announced = [process.stdout.readline().split()[0] for _ in range(3)]
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)

    assert announced == ["Admin", "ACME:", "Trust:"]
    assert (process.returncode, errors) == (0, "")
    assert (tmp_path / "deep" / "ca.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert (tmp_path / "deep" / "state.sqlite3").stat().st_mode & 0o077 == 0


def test_default_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAAS_LOGIN_NAME", "northwind")
    monkeypatch.setenv("CAAS_LOGIN_PASSWORD", "from the environment")
    assert default_login() == ("northwind", "from the environment")

    monkeypatch.delenv("CAAS_LOGIN_PASSWORD")
    assert default_login() == (DEMO_LOGIN_NAME, DEMO_LOGIN_PASSWORD)


def test_option_values() -> None:
    assert login("northwind:pass:word") == ("northwind", "pass:word")
    assert resolver("127.0.0.1:5353") == ("127.0.0.1", 5353)
    assert resolver("127.0.0.1") == ("127.0.0.1", 53)


def parsed(*options: str) -> dict[str, Any]:
    return vars(Command().create_parser("manage.py", "sandbox").parse_args(options))


@pytest.mark.parametrize(
    ("options", "resolver_address", "http_port", "https_port"),
    [
        ([], None, 80, 443),
        (["--resolver", "127.0.0.1:5353"], ("127.0.0.1", 5353), 80, 443),
        (["--http-port", "5002", "--https-port", "5003"], None, 5002, 5003),
    ],
)
def test_where_challenges_and_records_are_looked_up(
    options: list[str], resolver_address: object, http_port: int, https_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "subscriptions.management.commands.sandbox"
    monkeypatch.setattr(f"{module}.Lookups", lambda address: ("lookups at", address))
    monkeypatch.setattr(f"{module}.RealValidator", lambda lookups, **ports: (lookups, ports))
    monkeypatch.setattr(f"{module}.RealCaaCheck", lambda lookups: lookups)
    lookups = ("lookups at", resolver_address)
    chosen: Any = chosen_checks(parsed(*options))
    assert chosen == ((lookups, {"http_port": http_port, "https_port": https_port}), lookups)


def test_demos_check_nothing() -> None:
    assert chosen_checks(parsed("--no-validation")) == (accept_everything, permit_everything)


@pytest.mark.parametrize(
    ("options", "anchors", "processing_seconds"),
    [([], None, 1), (["--strict-anchors", "1,22", "--processing", "10"], frozenset({"1", "22"}), 10)],
)
def test_switches_that_options_set(
    options: list[str],
    anchors: frozenset[str] | None,
    processing_seconds: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Switches] = []

    def refuse(*args: Any, switches: Switches, **kwargs: Any) -> None:
        seen.append(switches)
        raise CommandError("enough was seen")

    monkeypatch.setattr("subscriptions.management.commands.sandbox.Sandbox", refuse)
    with pytest.raises(CommandError, match="enough was seen"):
        call_command("sandbox", *options, "--state", str(tmp_path / "state"))
    assert [(switches.strict_anchors, switches.processing_seconds) for switches in seen] == [
        (anchors, processing_seconds)
    ]


@pytest.mark.parametrize("options", [["--login", "northwind"], ["--resolver", "127.0.0.1:dns"]])
def test_bad_option_is_refused(options: list[str], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"NAME:PASSWORD|ADDRESS:PORT"):
        call_command("sandbox", *options, "--state", str(tmp_path / "state"))


def test_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot listen"):
        call_command("sandbox", "--host", "192.0.2.1", "--state", str(tmp_path / "state"))
