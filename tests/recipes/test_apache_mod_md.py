"""The page for Apache with mod_md: its lines, and that what it writes reads back whatever the values hold."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, SandboxTrust, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values
from .test_hostile_values import here_document, hostile, in_bash, names, text_of

MOD_MD = recipe_by_slug("apache-mod-md")
WILDCARDS = ("*.northwind.example", "northwind.example")

many_processes = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def directives(text: str) -> dict[str, list[list[str]]]:
    """The words of each line by its first one. httpd reads words apart at blanks; nothing the page writes is quoted."""
    found: dict[str, list[list[str]]] = {}
    for line in text.splitlines():
        assert not set(line) & set("\"'\\#$")
        directive, *words = line.split()
        found.setdefault(directive, []).append(words)
    return found


@many_processes
@given(key_id=hostile, hmac_key=hostile)
def test_any_credentials_read_back_from_the_file(key_id: str, hmac_key: str) -> None:
    rendered = render_recipe(MOD_MD, setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key))
    if rendered.refusals:
        assert [refusal.code for refusal in rendered.refusals if refusal.code != "bad-credential"] == []
        return
    script = text_of(rendered, "apache-mod-md-credentials").replace("cat > /etc/apache2/md-eab.json", "cat")
    (written,) = in_bash(f"{script}\nprintf '\\0'")
    assert json.loads(written) == {"kid": key_id, "hmac": hmac_key}


@settings(max_examples=40)
@given(email=st.emails(), path=st.one_of(hostile, st.text("abz019._~:/@+=,*?&-", min_size=1)), names=names)
def test_addresses_and_names_read_back_or_are_refused(email: str, path: str, names: tuple[str, ...]) -> None:
    url = f"https://acme.sectigo.com/{path}"
    rendered = render_recipe(MOD_MD, setup_values(email=email, directory_url=url, names=names))
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    found = directives(text_of(rendered, "apache-mod-md-site"))
    assert found["MDContactEmail"] == [[email]]
    assert found["MDCertificateAuthority"] == [[url]]
    assert found["MDomain"] == [list(names)]
    assert found["ServerName"] == [[names[0]]] * 2
    assert found.get("ServerAlias", []) == [[name] for name in names[1:]] * 2


@pytest.mark.parametrize("email", ["${HOME}@northwind.example", "o'brien@northwind.example", "#a@northwind.example"])
def test_email_that_httpd_would_misread(email: str) -> None:
    rendered = render_recipe(MOD_MD, setup_values(email=email))
    assert [refusal.code for refusal in rendered.refusals] == ["unwritable"]


def test_key_lines() -> None:
    rendered = render_recipe(MOD_MD, setup_values())
    assert text_of(rendered, "apache-mod-md-credentials").splitlines() == [
        " (umask 077; cat > /etc/apache2/md-eab.json) <<'EOF'",
        f'{{"kid": "r5xYmBnYZ2fI4LN7RpCEAg", "hmac": "{HMAC_KEY}"}}',
        "EOF",
    ]
    assert text_of(rendered, "apache-mod-md-site").splitlines() == [
        "MDCertificateAuthority https://acme.sectigo.com/v2/OV",
        "MDCertificateAgreement accepted",
        "MDContactEmail tls@northwind.example",
        "MDExternalAccountBinding /etc/apache2/md-eab.json",
        "MDPrivateKeys secp256r1",
        "MDCAChallenges http-01",
        "MDomain northwind.example www.northwind.example",
        "<VirtualHost *:80>",
        "  ServerName northwind.example",
        "  ServerAlias www.northwind.example",
        "  DocumentRoot /var/www/html",
        "</VirtualHost>",
        "<VirtualHost *:443>",
        "  ServerName northwind.example",
        "  ServerAlias www.northwind.example",
        "  DocumentRoot /var/www/html",
        "  SSLEngine on",
        "</VirtualHost>",
    ]
    assert "ExecStart=/usr/sbin/apachectl graceful" in text_of(rendered, "apache-mod-md-timer")


@pytest.mark.parametrize(
    ("names", "name", "aliases"),
    [
        (WILDCARDS, "northwind.example", ["*.northwind.example"]),
        (WILDCARDS[:1], "www.northwind.example", ["*.northwind.example"]),
    ],
    ids=["with-bare-name", "wildcard-alone"],
)
def test_wildcard_lines(names: tuple[str, ...], name: str, aliases: list[str]) -> None:
    rendered = render_recipe(MOD_MD, setup_values(names=names, challenge=Challenge.DNS_01))
    found = directives(text_of(rendered, "apache-mod-md-site"))
    assert found["MDCAChallenges"] == [["dns-01"]]
    assert found["MDChallengeDns01"] == [["/etc/apache2/md-dns"]]
    assert found["MDomain"] == [sorted(names, key=lambda name: name.startswith("*"))]
    assert found["ServerName"] == [[name]] * 2
    assert found["ServerAlias"] == [[alias] for alias in aliases] * 2


def test_sandbox_root_is_named() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")
    rendered = render_recipe(MOD_MD, setup_values(trust=trust))
    found = directives(text_of(rendered, "apache-mod-md-site"))
    assert found["MDCACertificateFile"] == [["/etc/apache2/sandbox-root.pem"]]


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (["setup", "northwind.example", "v4lue"], 'update add _acme-challenge.northwind.example. 60 TXT "v4lue"'),
        (["setup", "*.northwind.example", "v4lue"], 'update add _acme-challenge.northwind.example. 60 TXT "v4lue"'),
        (["teardown", "northwind.example"], "update delete _acme-challenge.northwind.example. TXT"),
    ],
)
def test_hook(tmp_path: Path, arguments: list[str], sent: str) -> None:
    """The command of the page with a stand-in for nsupdate that shows what it gets."""
    done = run_hook(tmp_path, arguments)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["-k /etc/apache2/md-dns.key", "server 192.0.2.53", sent, "send"]


def test_hook_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    done = run_hook(tmp_path, ["other", "northwind.example"])
    assert (done.returncode, done.stdout) == (1, "")


def run_hook(directory: Path, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    rendered = render_recipe(MOD_MD, setup_values(names=WILDCARDS, challenge=Challenge.DNS_01))
    hook = directory / "md-dns"
    hook.write_text(here_document(text_of(rendered, "apache-mod-md-hook")))
    for tool, script in (("nsupdate", 'echo "$@"; cat'), ("sleep", "")):
        (directory / tool).write_text(f"#!/bin/sh\n{script}\n")
        (directory / tool).chmod(0o755)
    environment = {"PATH": f"{directory}:{os.defpath}"}
    return subprocess.run(["sh", str(hook), *arguments], capture_output=True, text=True, env=environment)


def test_each_surprise_stands_on_the_page() -> None:
    html = " ".join(render_recipe(MOD_MD, setup_values()).html.split())
    expected = [
        "waits for a reload",
        "decoded wrongly",
        "account.json",
        "mode 0644",
        "&lt;MDomainSet NAMES&gt;",
        "md-status",
        "503 Service Unavailable",
    ]
    assert [text for text in expected if text not in html] == []
    assert not re.search(r"md-dns", html)
