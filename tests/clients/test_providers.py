"""The DNS plug-ins and variables that the pages name are those of the installed clients."""

import subprocess
from pathlib import Path

import pytest

from subscriptions.recipes.plugins import acme_sh, certbot, lego
from tests.services import require_service

from .customer import missing_tools

pytestmark = pytest.mark.clients

# Plug-ins and variables that came after the versions run here (acme.sh 3.1.1, lego 4.9.1).
NEWER_IN_ACME_SH = {"dns_hetznercloud"}
NEWER_IN_LEGO = {
    "azuredns",
    "bunny",
    "GANDIV5_PERSONAL_ACCESS_TOKEN",
    "HETZNER_API_TOKEN",
    "SCW_PROJECT_ID",
    "SCW_SECRET_KEY",
}


def test_acme_sh() -> None:
    plugins = Path("/usr/share/acme.sh/dnsapi")
    require_service("acme.sh", plugins.is_dir(), "not installed: acme.sh")
    unknown = set()
    for plugin in acme_sh.PLUGINS.values():
        file = plugins / f"{plugin.name}.sh"
        text = file.read_text() if file.exists() else ""
        unknown |= {name for name in plugin.variables if name not in text} if text else {plugin.name}
    assert unknown == NEWER_IN_ACME_SH


def test_lego() -> None:
    missing = missing_tools("lego")
    require_service("lego", not missing, f"not installed: {missing}")
    unknown = set()
    for plugin in lego.PLUGINS.values():
        said = subprocess.run(["lego", "dnshelp", "-c", plugin.name], capture_output=True, text=True)
        known = said.returncode == 0
        unknown |= {name for name in plugin.variables if f'"{name}"' not in said.stdout} if known else {plugin.name}
    assert unknown == NEWER_IN_LEGO


def test_certbot_rfc2136() -> None:
    module = Path("/usr/lib/python3/dist-packages/certbot_dns_rfc2136/__init__.py")
    require_service("certbot-dns-rfc2136", module.exists(), "not installed: python3-certbot-dns-rfc2136")
    assert [name for name in certbot.PLUGINS["rfc2136"].variables if name not in module.read_text()] == []
