"""The commands that renew by themselves: a package's timer, a cron line, a page's own timer."""

import re
import shlex
from pathlib import Path

from tests.services import require_service

from .customer import missing_tools
from .namespace import Namespace

LATER = ["faketime", "+65 days"]  # in front of a command: certificates of 90 days are due then

_CERTBOT_SERVICE = Path("/usr/lib/systemd/system/certbot.service")
_LEGO_SERVICE = "/etc/systemd/system/lego-caas.service"


def certbot_timer() -> list[str]:
    """What the timer of Debian's certbot runs."""
    return _exec_start(_CERTBOT_SERVICE.read_text())


def acme_sh_cron(namespace: Namespace) -> list[str]:
    """What the line in root's crontab runs."""
    (line,) = [line for line in namespace.run(["crontab", "-l"]).stdout.splitlines() if "acme.sh" in line]
    minute, hours, *days, command = re.split(r"\s+", line, maxsplit=5)
    assert minute.isdecimal()
    assert all(hour.isdecimal() for hour in hours.split(","))
    assert days == ["*", "*", "*"]
    return ["sh", "-c", command.removesuffix("> /dev/null")]


def page_timer(namespace: Namespace, unit: str) -> list[str]:
    """What a page's own timer of that name runs, with the variables that its service reads from a file."""
    lines = namespace.path(f"/etc/systemd/system/{unit}.service").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    variables = settings.get("EnvironmentFile")
    return ["sh", "-c", (f"set -a; . {variables}; set +a; " if variables else "") + f"exec {settings['ExecStart']}"]


def complaints_of_systemd(namespace: Namespace, unit: str) -> list[str]:
    """What systemd says against the timer of that name and its service."""
    missing = missing_tools("systemd-analyze")
    require_service("systemd-analyze", not missing, f"not installed: {missing}")
    files = [f"/etc/systemd/system/{unit}.{kind}" for kind in ("service", "timer")]
    said = namespace.run(["systemd-analyze", "verify", *files]).stdout
    return [line for line in said.splitlines() if unit in line]


def lego_timer(namespace: Namespace) -> list[str]:
    """What the timer of lego's page runs."""
    return _exec_start(namespace.path(_LEGO_SERVICE).read_text())


def lego_made_due(command: list[str]) -> list[str]:
    """The same renewal with a limit of 100 days for a certificate of 90, and without the random sleep before it."""
    limit = command.index("--days") + 1
    assert command[limit] == "30"
    return [*command[:limit], "100", "--no-random-sleep", *command[limit + 1 :]]


def _exec_start(unit: str) -> list[str]:
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    return shlex.split(line.removeprefix("ExecStart="))
