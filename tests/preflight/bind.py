"""BIND on loopback: one server that holds a root, a top-level domain and zones below, and one that validates it."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import require_service
from tests.waiting import wait_for

NAMED = shutil.which("named", path="/usr/sbin:/usr/bin:/sbin:/bin") or ""
KEYGEN = shutil.which("dnssec-keygen", path="/usr/sbin:/usr/bin:/sbin:/bin") or ""
SIGNZONE = shutil.which("dnssec-signzone", path="/usr/sbin:/usr/bin:/sbin:/bin") or ""

_HEAD = """$TTL 60
@ SOA ns.test. hostmaster.test. 1 60 60 600 60
@ NS ns.test.
"""
ZONES = {
    "signed.test": """
@ A 127.0.0.1
www CNAME @
only6 AAAA ::1
nothing TXT "hello"
inside A 10.0.0.1
ours CAA 0 issue "sectigo.com"
theirs CAA 0 issue "ca.example.net"
wild CAA 0 issue "ca.example.net"
wild CAA 0 issuewild "sectigo.com"
critical CAA 128 unheardof "x"
nobody CAA 0 issue ";"
alias CNAME theirs
_acme-challenge TXT "left-over"
_acme-challenge.www CNAME challenge.unsigned.test.
round CNAME trip
trip CNAME round
""",
    "broken.test": '@ A 127.0.0.1\n@ CAA 0 issue "sectigo.com"\n',
    "unsigned.test": "@ A 127.0.0.1\n",
    "lame.test": "",
}
_OPTIONS = """
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    {more}
}};
controls {{ }};
"""


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _sign(folder: Path, zone: str) -> None:
    name = zone or "."
    for flags in (["-f", "KSK"], []):
        key = [KEYGEN, "-q", "-a", "ECDSAP256SHA256", "-K", str(folder), *flags, name]
        subprocess.run(key, check=True, capture_output=True)
    file = folder / f"{zone or 'root'}.zone"
    sign = [SIGNZONE, "-q", "-S", "-K", str(folder), "-d", str(folder), "-o", name, "-f", f"{file}.signed", str(file)]
    subprocess.run(sign, check=True, capture_output=True, cwd=folder)


def _write_zones(folder: Path) -> None:
    for zone, records in ZONES.items():
        (folder / f"{zone}.zone").write_text(_HEAD + records)
    for zone in ("signed.test", "broken.test"):
        _sign(folder, zone)
    broken = folder / "broken.test.zone.signed"
    broken.write_text(broken.read_text().replace("127.0.0.1", "127.0.0.2"))
    delegated = "".join(f"{zone.removesuffix('.test')} NS ns.test.\n" for zone in ZONES)
    secure = "".join((folder / f"dsset-{zone}.").read_text() for zone in ("signed.test", "broken.test"))
    (folder / "test.zone").write_text(_HEAD + "ns A 127.0.0.1\n" + delegated + secure)
    _sign(folder, "test")
    (folder / "root.zone").write_text(
        _HEAD + "test. NS ns.test.\nns.test. A 127.0.0.1\n" + (folder / "dsset-test.").read_text()
    )
    _sign(folder, "")


def _trusted_key(folder: Path) -> str:
    for path in folder.glob("K.+*.key"):
        if found := re.search(r"DNSKEY\s+257 3 13 (.+)", path.read_text()):
            return found[1].replace(" ", "")
    raise AssertionError("no key of the root")


@contextmanager
def _named(folder: Path, name: str, config: str, port: int) -> Iterator[None]:
    path = folder / f"{name}.conf"
    path.write_text(config)
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen([NAMED, "-g", "-c", str(path)], stdout=log, stderr=log)
    try:
        wait_for(lambda: _listens(port))
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def bind(folder: Path) -> Iterator[tuple[int, int]]:
    """Give the port of the server that holds the zones, and that of the one that validates."""
    missing = [tool for tool, path in (("named", NAMED), ("dnssec-signzone", SIGNZONE)) if not path]
    require_service("BIND", not missing, f"{', '.join(missing)} not found (bind9, bind9-utils)")
    _write_zones(folder)
    holding, validating = _free_port(), _free_port()
    files = {".": "root.zone.signed", "test": "test.zone.signed", "unsigned.test": "unsigned.test.zone"}
    files |= {zone: f"{zone}.zone.signed" for zone in ("signed.test", "broken.test")}
    zones = "".join(f'zone "{zone}" {{ type primary; file "{file}"; }};\n' for zone, file in files.items())
    own = "recursion no; dnssec-validation no;"
    asking = f"recursion yes; dnssec-validation yes; forward only; forwarders port {holding} {{ 127.0.0.1; }};"
    anchor = f'trust-anchors {{ . static-key 257 3 13 "{_trusted_key(folder)}"; }};\n'
    first = _OPTIONS.format(folder=folder, port=holding, more=own) + zones
    second = _OPTIONS.format(folder=folder, port=validating, more=asking) + anchor
    with _named(folder, "holding", first, holding), _named(folder, "validating", second, validating):
        yield holding, validating
