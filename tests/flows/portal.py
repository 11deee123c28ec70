"""The whole portal in embedded mode inside a namespace, as `make run` starts it but with real challenges."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from portal.processes import Ports, commands, environment
from tests.clients.namespace import Namespace

ROOT = Path(__file__).resolve().parents[2]
PORTS = Ports(web=8000, sandbox=8901, acme=8902)
STAFF, CUSTOMER = "ada@reseller.example", "nora@northwind.example"
PASSWORD = "correct-horse-battery-staple"

_PEOPLE = f"""
from datetime import date, timedelta
from accounts.models import Customer, Membership, User
from subscriptions.models import Prevalidation
User.objects.create_user("{STAFF}", "{PASSWORD}", reseller_role="operator")
owner = User.objects.create_user("{CUSTOMER}", "{PASSWORD}", name="Nora Northwind")
customer = Customer.objects.create(name="Northwind Traders")
Membership.objects.create(customer=customer, user=owner, role="owner")
Prevalidation.objects.create(
    customer=customer, organization_name="Northwind Traders", ov_anchor_order_number="880000001",
    valid_until=date.today() + timedelta(days=200),
)
"""


@dataclass
class Portal:
    """Web, worker, beat and sandbox on the loopback of a namespace."""

    namespace: Namespace
    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    url = f"http://127.0.0.1:{PORTS.web}"
    sandbox_url = f"http://127.0.0.1:{PORTS.sandbox}"

    def start(self) -> None:
        """Migrate, make the people, and start everything; return when it says that it is ready."""
        environ = self._environ()
        manage = [sys.executable, str(ROOT / "manage.py")]
        self.namespace.run([*manage, "migrate", "--verbosity=0"], env=environ)
        self.namespace.run([*manage, "shell", "--command", _PEOPLE], env=environ)
        state = self.folder / "sandbox" / "state.sqlite3"
        state.parent.mkdir()
        for name, command in commands(PORTS, state=state).items():
            self._start(name, command, environment(name, PORTS, environ))
        self.namespace.wait_for_port(PORTS.web)
        ready = ["curl", "--fail", "--silent", "--retry", "60", "--retry-delay", "1", "--retry-all-errors"]
        self.namespace.run([*ready, f"{self.url}/healthz/ready"])

    def _start(self, name: str, command: list[str], environ: dict[str, str]) -> None:
        if name == "sandbox":
            command = [part for part in command if part != "--no-validation"] + ["--resolver=127.0.0.1:53"]
        script = f'cd "{ROOT}" && exec "$@"'
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes.append(
                self.namespace.popen(["sh", "-c", script, "sh", *command], env=environ, stdout=log, stderr=log)
            )

    def _environ(self) -> dict[str, str]:
        return {
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": "generated-for-this-run",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DEBUG": "true",
            "STAFF_MFA_REQUIRED": "false",
            "CAAS_SANDBOX": "true",
            "CAAS_API_URL": f"{self.sandbox_url}/products/!ACMEAdmin",
            "CAAS_LOGIN_NAME": "northwind",
            "CAAS_LOGIN_PASSWORD": "generated-for-this-run",
            "CAAS_WATCH_INTERVAL": "5",
            "PYTHONPATH": str(ROOT),
        }

    def logs(self) -> str:
        """The end of what each process wrote, for a failing test."""
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))
