"""DirectAdmin's deploy hook of acme.sh, with the page's variables, against a stand-in for the panel."""

import json
from pathlib import Path

import pytest

from tests.services import require_service

from .acme_server import trust
from .customer import PLAIN_NAMES, Customer, missing_tools
from .dns import CUSTOMER_ZONE
from .namespace import Namespace
from .versions import acme_sh_of_sid, use_acme_sh_from_sid

pytestmark = pytest.mark.clients

PANEL_HOST = f"www.{CUSTOMER_ZONE}"
LOGIN = {
    "YOUR_DA_HOST": PANEL_HOST,
    "YOUR_DA_USER": "northwind",
    "YOUR_DA_LOGIN_KEY": "login-key",
    "YOUR_DA_MAIN_DOMAIN": CUSTOMER_ZONE,
}
DEBIAN_HOOKS = Path("/usr/share/acme.sh/deploy")

# Answers what DirectAdmin answers where all is well, and keeps what it was asked.
_PANEL = """
import http.server, json, pathlib, ssl, sys
class Panel(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = {"path": self.path, "login": self.headers["Authorization"], "body": body}
        pathlib.Path(sys.argv[1]).write_text(json.dumps(asked))
        self.send_response(200); self.end_headers(); self.wfile.write(b"error=0")
server = http.server.HTTPServer(("127.0.0.1", 2222), Panel)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@pytest.fixture(autouse=True)
def acme_sh() -> None:
    missing = missing_tools("acme.sh", "crontab")
    require_service("acme.sh", not missing, f"not installed: {missing}")


def start_panel(customer: Customer) -> Path:
    """Starts the panel on port 2222, trusted by the machine. Gives the file with what it was asked last."""
    directory = customer.namespace.directory
    certificate, asked = directory / "panel.pem", directory / "asked.json"
    customer.namespace.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "3650", "-subj", "/CN=panel",
         "-addext", f"subjectAltName=DNS:{PANEL_HOST}", "-keyout", str(certificate), "-out", f"{certificate}.crt"]
    )  # fmt: skip
    certificate.write_text(certificate.read_text() + Path(f"{certificate}.crt").read_text())
    both = directory / "trusted.pem"
    both.write_text(Path(f"{certificate}.crt").read_text() + customer.ca.https_ca.read_text())
    trust(customer.namespace, both)
    customer.namespace.popen(["python3", "-c", _PANEL, str(asked), str(certificate)])
    customer.namespace.wait_for_port(2222)
    return asked


def test_debians_package_lacks_the_hook(customer: Customer) -> None:
    page = customer.open_page("hosting-panels", options={"panel": "directadmin"})
    assert "Debian 13's package has 3.1.1" in " ".join(page.html.split())
    assert not (DEBIAN_HOOKS / "directadmin.sh").exists()


@pytest.mark.clients_all
@pytest.mark.parametrize("program", ["debian", "sid"])
def test_directadmin(customer: Customer, namespace: Namespace, program: str) -> None:
    """With Debian 13's acme.sh the hook is that of a later release, where acme.sh looks for hooks of one's own."""
    if program == "sid":
        use_acme_sh_from_sid(namespace)
    else:
        hooks = namespace.path("/root/.acme.sh/deploy")
        hooks.mkdir(parents=True)
        hook = acme_sh_of_sid() / "usr/share/acme.sh/deploy/directadmin.sh"
        (hooks / hook.name).write_text(hook.read_text())
    asked = start_panel(customer)
    namespace.path(f"/root/domains/{CUSTOMER_ZONE}").mkdir(parents=True)
    namespace.path(f"/root/domains/{CUSTOMER_ZONE}/public_html").symlink_to("/var/www/html")
    customer.serve_document_root()
    page = customer.open_page("hosting-panels", options={"panel": "directadmin"})
    texts = {identifier.removeprefix("hosting-panels-"): text for identifier, text in page.texts.items()}
    login = texts["deploy-login"]
    for word, value in LOGIN.items():
        login = login.replace(word, value)
    start = 'export LE_WORKING_DIR="$HOME/.acme.sh"'
    customer.paste("\n".join([start, texts["prepare"], texts["register"], texts["order"]]))
    without = customer.paste(f"{start}\n{texts['deploy']}", check=False)
    assert page.trap("DirectAdmin_ENDPOINT is not defined.")[0] in without.stdout
    done = customer.paste(f"{start}\n{login}\n{texts['deploy']}")
    assert "Success" in done.stdout
    said = json.loads(asked.read_text())
    assert said["path"] == "/CMD_API_SSL"
    assert said["login"] == "Basic bm9ydGh3aW5kOmxvZ2luLWtleQ=="  # northwind:login-key
    assert f'"domain":"{PLAIN_NAMES[0]}"' in said["body"]
    assert "BEGIN CERTIFICATE" in said["body"]
