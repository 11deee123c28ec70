"""A scanner goes through the portal as a customer and as an operator, and finds nothing that is not explained."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.on_servers import missing_servers
from tests.security.house import House, Visitor, running_house
from tests.services import require_service

# One portal for all tests of this module.
pytestmark = [pytest.mark.security, pytest.mark.xdist_group("wapiti")]

WAPITI = settings.BASE_DIR / ".venv-security" / "bin" / "wapiti"
# Those that need no other machine to call back, in place of ssrf, xxe, log4shell and spring4shell; none that guesses
# addresses of other products. Not ldap: nothing here speaks LDAP, and it takes a page that comes out otherwise twice in
# four times for a way in, as one does whose limit is reached meanwhile.
MODULES = (
    "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods", "permanentxss",
    "redirect", "sql", "upload", "xss",
)  # fmt: skip
PEOPLE = {"customer": ("owner@northwind.example", "CUSTOMER"), "operator": ("staff@reseller.example", "STAFF")}
LEFT_OUT = ("/auth/logout", "/admin/logout", "/static/", "/auth/sessions")
# This portal is reached by plain HTTP on loopback; behind a TLS proxy cookies are Secure and HSTS is a setting
# (tests/portal/test_behaviour.py).
EXPLAINED = ("Secure Flag cookie", "HTTP Strict Transport Security (HSTS)")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    require_service("PostgreSQL and Redis", not missing_servers(), "; ".join(missing_servers()))
    require_service("wapiti", WAPITI.exists(), "`make security` installs it")
    with running_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.mark.parametrize("person", PEOPLE)
def test_it_finds_nothing(house: House, person: str, tmp_path: Path) -> None:
    email, name = PEOPLE[person]
    visitor = Visitor(house)
    visitor.sign_in(email, house.secrets[f"DEMO_{name}_PASSWORD"])
    # The scanner's own form: by domain, path and name. It knows no domain without a dot.
    kept = {"secure": False, "version": 0, "port": None, "expires": None}
    cookies = {key: kept | {"value": value} for key, value in visitor.client.cookies.items()}
    (tmp_path / "cookies.json").write_text(json.dumps({"127.0.0.1": {"/": cookies}}))
    report, url = tmp_path / "report.json", f"http://127.0.0.1:{house.ports.web}"
    command = [
        str(WAPITI), f"--url={url}/", "--scope=folder", f"--module={','.join(MODULES)}", "--tasks=4", "--depth=4",
        f"--cookie={tmp_path / 'cookies.json'}", "--endpoint=http://127.0.0.1:9/", "--dns-endpoint=localhost",
        "--max-links-per-page=40", "--max-files-per-dir=12", "--max-scan-time=60", "--max-attack-time=10",
        "--verbose=0", "--no-bugreport", "--format=json", f"--output={report}", f"--store-session={tmp_path}",
        f"--store-config={tmp_path}", *(f"--exclude={url}{path}*" for path in LEFT_OUT),
    ]  # fmt: skip

    done = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert told["infos"]["crawled_pages_nbr"] > 20
    found = {
        (sort, one["parameter"], one["path"], one["info"])
        for kind in ("vulnerabilities", "anomalies")
        for sort, ones in told[kind].items()
        for one in ones
    }
    assert sorted(one for one in found if not one[0].startswith(EXPLAINED)) == []
