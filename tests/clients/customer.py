"""A customer at a machine: opens the set-up page, copies its blocks, runs them, and looks at what it got."""

import datetime as dt
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from subscriptions.recipes import Challenge, SandboxTrust, SetupValues, recipe_by_slug, render_recipe
from tests.recipes.page import blocks_from_html, words_of_item

from .acme_server import AcmeServer, Binding
from .dns import CUSTOMER_ZONE, UpdateKey, start_dns
from .namespace import Namespace
from .pebble import CREDENTIALS, DIRECTORY_URL, LIFETIME, start_pebble

PLAIN_NAMES = (CUSTOMER_ZONE, f"www.{CUSTOMER_ZONE}")
WILDCARD_NAMES = (f"*.{CUSTOMER_ZONE}", CUSTOMER_ZONE)
KEY_ID, SECOND_KEY_ID = CREDENTIALS

wrong_credentials = pytest.mark.parametrize(
    ("key_id", "hmac_key"),
    [("kid-unknown", CREDENTIALS[KEY_ID]), (KEY_ID, CREDENTIALS[SECOND_KEY_ID])],
    ids=["wrong-key-id", "wrong-hmac-key"],
)
EMAIL = "tls@northwind.test"

# Waits for other name servers, which a single BIND does not need: shortened, nothing else on a page is changed.
_SHORTER_WAITS = {
    "--dns-rfc2136-propagation-seconds 60": "--dns-rfc2136-propagation-seconds 1",
    "--dnssleep 60": "--dnssleep 1",
    "sleep 60 ;;": "sleep 1 ;;",
    "wait(60_000)": "wait(1_000)",
    "then sleep 60": "then sleep 1",
}
_ENVIRONMENT = {"RFC2136_SEQUENCE_INTERVAL": "1"}

# What the real machine's clients may have left there: the namespace shows it until it is removed.
_OTHERS_STATE = (
    "/etc/dehydrated/caas",
    "/etc/letsencrypt",
    "/etc/lego",
    "/etc/node-acme-client",
    "/etc/ssl/uacme",
    "/etc/uacme",
    "/root/.acme.sh",
    "/var/lib/caddy/.config",
    "/var/lib/caddy/.local",
    "/var/lib/letsencrypt",
    "/var/log/letsencrypt",
    "/var/spool/cron/crontabs/root",
    "/var/www/html",
)

# No service manager runs in the namespace: this one notes what it was asked.
_SYSTEMCTL = '#!/bin/sh\necho "$@" >> /var/log/systemctl.log\n'


@dataclass(frozen=True)
class Page:
    """A set-up page: the text of each block as the HTML shows it, the step it stands in, and which are whole files."""

    html: str
    texts: Mapping[str, str]
    steps: Mapping[str, str]
    languages: Mapping[str, str]
    files: Mapping[str, str]

    def trap(self, start: str) -> list[str]:
        """The words that the item of "What goes wrong" which starts so shows as those of a program or file."""
        return words_of_item(self.html, start)

    def script(self, *steps: str) -> str:
        """The blocks of these steps, one after the other for one shell: commands as pasted, files saved by their name.

        The check of the served certificate is left out: it needs a running web server (see `Customer.served`).
        """
        return "\n".join(
            text if self.languages[identifier] == "shell" else _saved(text, self.files[identifier])
            for identifier, text in self.texts.items()
            if self.steps[identifier] in steps
            and (self.languages[identifier] == "shell" or identifier in self.files)
            and not identifier.endswith("-served")
        )


def _saved(text: str, path: str) -> str:
    return f"cat > {shlex.quote(path)} <<'end of the file'\n{text}\nend of the file"


@dataclass(frozen=True)
class Customer:
    """Someone with ACME credentials of a CA, at a machine whose names can be changed with the update key."""

    namespace: Namespace
    ca: AcmeServer
    update_key: UpdateKey
    binding: Binding

    @classmethod
    def sits_down(
        cls,
        namespace: Namespace,
        *,
        trusting: bool = True,
        lifetime: dt.timedelta = LIFETIME,
        tls_alpn_port: int = 443,
    ) -> "Customer":
        """A machine as `prepare_machine` makes it, with Pebble as the CA (whose HTTPS it trusts, or not).

        `lifetime` and `tls_alpn_port` are Pebble's (see `start_pebble`).
        """
        update_key = prepare_machine(namespace)
        pebble = start_pebble(namespace, trusted=trusting, lifetime=lifetime, tls_alpn_port=tls_alpn_port)
        return cls(namespace, pebble, update_key, Binding(DIRECTORY_URL, KEY_ID, CREDENTIALS[KEY_ID]))

    def open_page(
        self,
        slug: str,
        *,
        names: tuple[str, ...] = PLAIN_NAMES,
        challenge: Challenge = Challenge.HTTP_01,
        options: Mapping[str, str] | None = None,
        key_id: str | None = None,
        hmac_key: str | None = None,
        trust: SandboxTrust | None = None,
    ) -> Page:
        """The page of one client as the portal shows it, with the customer's own DNS login put in.

        The EAB values are the customer's unless given; Pebble's other key ID brings its own HMAC key.
        """
        values = SetupValues(
            directory_url=self.binding.directory_url,
            eab_key_id=key_id or self.binding.key_id,
            eab_hmac_key=hmac_key or CREDENTIALS.get(key_id or "", self.binding.hmac_key),
            email=EMAIL,
            names=names,
            challenge=challenge,
            options=options or {},
            trust=trust,
            lifetime_days=LIFETIME.days,
        )
        rendered = render_recipe(recipe_by_slug(slug), values)
        texts = blocks_from_html(rendered.html)
        return Page(
            html=rendered.html,
            texts={identifier: self._filled_in(text) for identifier, text in texts.items()},
            steps={block.id: block.step for block in rendered.blocks},
            languages={block.id: block.language for block in rendered.blocks},
            files={block.id: str(block.filename) for block in rendered.blocks if block.is_file},
        )

    def _filled_in(self, text: str) -> str:
        own_values = {
            "192.0.2.53": "127.0.0.1",
            "YOUR_TSIG_NAME": self.update_key.name,
            "YOUR_TSIG_SECRET": self.update_key.secret,
        }
        for shown, value in {**own_values, **_SHORTER_WAITS}.items():
            text = text.replace(shown, value)
        return text

    def follow(self, page: Page, *steps: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Pastes the blocks of these steps into one shell that stops at the first failure."""
        return self.paste(page.script(*steps), check=check)

    def paste(self, script: str, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        assert script
        file = self.namespace.directory / "pasted.sh"
        file.write_text(f"{script}\n")
        return self.namespace.run(["bash", "-eu", str(file)], env=_ENVIRONMENT, check=check)

    def offer_sandbox_root(self) -> SandboxTrust:
        """Serves the root of the CA's HTTPS on port 8000, as the portal does while the sandbox is in use."""
        portal = self.namespace.directory / "portal"
        portal.mkdir()
        (portal / "root.pem").write_bytes(self.ca.https_ca.read_bytes())
        server = ["python3", "-m", "http.server", "8000", "--bind", "127.0.0.1", "--directory", str(portal)]
        self.namespace.popen(server)
        self.namespace.wait_for_port(8000)
        return SandboxTrust(ca_url="http://127.0.0.1:8000/root.pem")

    def serve_document_root(self) -> None:
        """A web server on port 80 for /var/www/html, as the webroot pages expect."""
        server = ["python3", "-m", "http.server", "80", "--bind", "127.0.0.1", "--directory", "/var/www/html"]
        self.namespace.popen(server)
        self.namespace.wait_for_port(80)

    def issued(self, path: str) -> x509.Certificate:
        """The certificate in that file (leaf first), verified with the root of this run."""
        pem = self.namespace.run(["cat", path]).stdout
        chain = self.namespace.directory / "chain.pem"
        chain.write_text(pem)
        root = self.namespace.directory / "root.pem"
        root.write_text(self.ca.root_pem)
        verify = ["openssl", "verify", "-CAfile", str(root), "-untrusted", str(chain), str(chain)]
        subprocess.run(verify, check=True, capture_output=True)
        return x509.load_pem_x509_certificates(pem.encode())[0]

    def served_serial(self, page: Page, *, chain: str, key: str) -> int:
        """The serial number that the page's check shows while a server uses the certificate on port 443."""
        server = ["openssl", "s_server", "-www", "-accept", "443", "-cert_chain", chain, "-cert", chain, "-key", key]
        self.namespace.popen(server)
        self.namespace.wait_for_port(443)
        (text,) = [text for identifier, text in page.texts.items() if identifier.endswith("-served")]
        (serial,) = re.findall(r"^serial=([0-9A-F]+)$", self.paste(text).stdout, re.MULTILINE)
        return int(serial, 16)

    def reloads(self) -> list[str]:
        """What the service manager was asked to reload so far."""
        log = self.namespace.run(["sh", "-c", "cat /var/log/systemctl.log 2>/dev/null || true"]).stdout
        return [line for line in log.splitlines() if line.startswith("reload ")]

    def files_holding(self, secret: str) -> set[str]:
        """The files written since the start that hold this text."""
        return {path for path, content in self.namespace.changed_files().items() if secret.encode() in content}


def prepare_machine(namespace: Namespace) -> UpdateKey:
    """Names, a stand-in for the service manager and an empty document root; nothing of the real machine's clients."""
    namespace.run(["rm", "-rf", *_OTHERS_STATE])
    update_key = start_dns(namespace)
    put_systemctl(namespace)
    namespace.path("/var/www/html").mkdir(parents=True, exist_ok=True)
    return update_key


def put_systemctl(namespace: Namespace) -> None:
    """Puts a stand-in for the service manager on the namespace's PATH."""
    (namespace.tools / "systemctl").write_text(_SYSTEMCTL)
    (namespace.tools / "systemctl").chmod(0o755)


def put_old_openssl(namespace: Namespace) -> None:
    """Lets `openssl` decode base64 in one line to nothing."""
    old = namespace.tools / "openssl"
    old.write_text(
        '#!/bin/sh\n[ "$*" != "base64 -d -A" ] || { cat > /dev/null; exit 0; }\nexec /usr/bin/openssl "$@"\n'
    )
    old.chmod(0o755)


def names_of(certificate: x509.Certificate) -> set[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names.get_values_for_type(x509.DNSName))


def missing_tools(*tools: str) -> str:
    """Which of these programs, or files by their whole path, are not installed, or an empty text."""
    return ", ".join(tool for tool in tools if not ((tool[0] == "/" and Path(tool).exists()) or shutil.which(tool)))


def mode_of(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)
