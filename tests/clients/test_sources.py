"""What the table of sources says of a version, the client installed in that version knows."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from subscriptions.recipes.sources import Source, sources
from tests.services import require_service

from .customer import missing_tools

pytestmark = pytest.mark.clients

ACME_SH = Path("/usr/share/acme.sh")
CERTBOT_PLUGINS = Path("/usr/lib/python3/dist-packages")
MOD_MD = Path("/usr/lib/apache2/modules/mod_md.so")
NODE_LIBRARY = Path("/opt/node-acme-client/node_modules/acme-client")

Knows = Callable[[Source], bool]


def said_by(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


def holds(text: str, word: str) -> bool:
    """Whether the text has this word, whole."""
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text) is not None


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def unknown(client: str, installed: str, knows: Knows) -> Iterator[Source]:
    """The rows of this version or an older one that the client does not know."""
    for row in sources():
        if row.client == client and version(row.version) <= version(installed) and not knows(row):
            yield row


def needed(name: str, *tools: str) -> None:
    missing = missing_tools(*tools)
    require_service(name, not missing, f"not installed: {missing}")


def test_acme_sh() -> None:
    needed("acme.sh", "acme.sh", str(ACME_SH))
    script, usage = (ACME_SH / "acme.sh").read_text(), said_by("acme.sh", "--help")

    def knows(row: Source) -> bool:
        if row.kind == "flag":
            return holds(usage, row.word)
        plugin, _, variable = row.word.partition(" ")
        file = ACME_SH / "dnsapi" / f"{plugin}.sh"
        if row.kind == "provider":
            return file.exists()
        return holds(file.read_text() if variable else script, variable or row.word)

    assert list(unknown("acme-sh", "3.1.1", knows)) == []


def test_hooks_of_acme_sh() -> None:
    needed("acme.sh", "acme.sh", str(ACME_SH))
    hooks = {file.stem: file.read_text() for folder in ("deploy", "dnsapi") for file in (ACME_SH / folder).glob("*.sh")}
    text = "\n".join([(ACME_SH / "acme.sh").read_text(), *hooks.values()])
    usage = said_by("acme.sh", "--help")

    def knows(row: Source) -> bool:
        return holds(usage, row.word) if row.kind == "flag" else row.word in hooks or holds(text, row.word)

    assert list(unknown("hosting-panels", "3.1.1", knows)) == []


def test_certbot() -> None:
    needed("certbot", "certbot", str(CERTBOT_PLUGINS / "certbot_dns_rfc2136"))
    usage = said_by("certbot", "--help", "all")
    rfc2136 = (CERTBOT_PLUGINS / "certbot_dns_rfc2136" / "__init__.py").read_text()
    # Of its DNS plug-ins only this one is installed, and no plug-in for nginx.
    elsewhere = re.compile(r"(--dns-)?(?!rfc2136)(cloudflare|digitalocean|dnsimple|google|linode|nsone|ovh|route53)\b")

    def knows(row: Source) -> bool:
        if elsewhere.match(row.word) or row.word == "rfc2136":
            return True
        if row.word == "renew_before_expiry":
            return holds((CERTBOT_PLUGINS / "certbot" / "_internal" / "constants.py").read_text(), row.word)
        if row.kind == "variable":
            return holds(rfc2136, row.word.partition(" ")[2])
        return holds(usage, row.word if row.kind == "flag" else f"--{row.word}")

    assert list(unknown("certbot", "2.1.0", knows)) == []


def test_lego() -> None:
    needed("lego", "lego")
    usage = "\n".join(said_by("lego", *command, "--help") for command in ((), ("run",), ("renew",), ("list",)))
    program = Path("/usr/bin/lego").read_bytes()
    of_plugins: dict[str, str] = {}

    def knows(row: Source) -> bool:
        plugin, _, variable = row.word.partition(" ")
        if row.kind == "setting":
            return row.word.encode() in program
        if row.kind == "flag":
            return holds(usage, row.word)
        if plugin not in of_plugins:
            of_plugins[plugin] = said_by("lego", "dnshelp", "-c", plugin)
        return holds(of_plugins[plugin], variable or "Credentials:")

    assert list(unknown("lego", "4.9.1", knows)) == []


def test_dehydrated() -> None:
    needed("dehydrated", "dehydrated")
    usage = said_by("dehydrated", "--help")
    script = Path("/usr/bin/dehydrated").read_text()
    assert (
        list(unknown("dehydrated", "0.7.0", lambda row: holds(usage if row.kind == "flag" else script, row.word))) == []
    )


def test_uacme() -> None:
    needed("uacme", "uacme", "/usr/share/uacme/uacme.sh")
    known = {
        "flag": said_by("uacme", "--help").replace("|", " | "),
        "setting": Path("/usr/share/uacme/uacme.sh").read_text(),
    }
    assert list(unknown("uacme", "1.7.4", lambda row: holds(known[row.kind].replace("[", " "), row.word))) == []


def test_caddy() -> None:
    needed("caddy", "caddy")
    usage = said_by("caddy", "run", "--help") + said_by("caddy", "validate", "--help")
    program = Path("/usr/bin/caddy").read_bytes()

    def knows(row: Source) -> bool:
        # Its directives are words of the program; what it makes of them is read in tests/recipes/test_caddy.py.
        return (
            holds(usage, row.word.lstrip("-")) or holds(usage, row.word)
            if row.kind == "flag"
            else row.word.encode() in program
        )

    rows = [row for row in sources() if row.client == "caddy" and row.kind in ("flag", "setting")]
    assert [row for row in rows if not knows(row)] == []


def test_mod_md() -> None:
    needed("Apache", "apache2", str(MOD_MD))
    module = MOD_MD.read_bytes()
    assert list(unknown("apache-mod-md", "2.6.10", lambda row: b"%b\0" % row.word.encode() in module)) == []


def test_node_acme_client() -> None:
    needed("acme-client for Node.js", "node", str(NODE_LIBRARY))
    listing = (
        "const acme = require(process.argv[1]);"
        "const names = [acme, acme.crypto, acme.Client.prototype].flatMap(Object.getOwnPropertyNames);"
        "console.log(names.join(' '))"
    )
    exported = said_by("node", "-e", listing, str(NODE_LIBRARY))
    text = "\n".join(file.read_text() for file in (NODE_LIBRARY / "src").rglob("*.js"))
    called = {
        "createPrivateEcdsaKey",
        "createCsr",
        "readCertificateInfo",
        "Client",
        "auto",
        "createAccount",
        "getAccountUrl",
    }
    assert [name for name in called if not holds(exported, name)] == []
    assert list(unknown("node-acme-client", "5.4.0", lambda row: holds(f"{exported}\n{text}", row.word))) == []
