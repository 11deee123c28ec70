"""The Caddy page: its configuration is read by the real Caddy (`caddy adapt`), whatever the values hold."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust, SetupValues, recipe_by_slug, render_recipe
from subscriptions.recipes.plugins.caddy import PLUGINS
from tests.services import require_service

from .builders import HMAC_KEY, setup_values, values_with
from .test_hostile_values import here_document, hostile, names, text_of

CADDY = recipe_by_slug("caddy")
WILDCARDS = ("*.northwind.example", "northwind.example")

# Half of them are made of the signs that a plain word may hold, so that a page is shown.
values_of_any_kind = st.one_of(hostile, st.text("abz019._~:/@+=,*?&-", min_size=1))
mailboxes = st.text("abz019._+=*?&-", min_size=1).map("{}@northwind.example".format)

few_processes = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def caddy() -> None:
    require_service("caddy", shutil.which("caddy") is not None, "not installed: caddy")


def adapted(rendered: RenderedRecipe) -> "subprocess.CompletedProcess[str]":
    """What Caddy makes of the page's files, which it finds where the page puts them."""
    with tempfile.TemporaryDirectory() as directory:
        for name, block in (("acme-eab.conf", "caddy-credentials"), ("acme-dns.conf", "caddy-dns-login")):
            if any(found.id == block for found in rendered.blocks):
                Path(directory, name).write_text(here_document(text_of(rendered, block)))
        caddyfile = text_of(rendered, "caddy-caddyfile").replace("import /etc/caddy/", f"import {directory}/")
        Path(directory, "Caddyfile").write_text(f"{caddyfile}\n")
        command = ["caddy", "adapt", "--config", f"{directory}/Caddyfile", "--adapter", "caddyfile"]
        return subprocess.run(command, capture_output=True, text=True)


def read_back(values: SetupValues) -> dict[str, Any]:
    done = adapted(render_recipe(CADDY, values))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # no warning either, such as "input is not formatted"
    config: dict[str, Any] = json.loads(done.stdout)
    return config


def issuer_of(config: dict[str, Any]) -> dict[str, Any]:
    (policy,) = config["apps"]["tls"]["automation"]["policies"]
    (issuer,) = policy["issuers"]
    return dict(issuer)


def hosts_of(config: dict[str, Any]) -> list[str]:
    (server,) = config["apps"]["http"]["servers"].values()
    (route,) = server["routes"]
    return list(route["match"][0]["host"])


@pytest.mark.usefixtures("caddy")
@pytest.mark.parametrize("site", ["files", "proxy"])
def test_configuration_reads_back(site: str) -> None:
    config = read_back(setup_values(options={"site": site}))
    assert issuer_of(config) == {
        "module": "acme",
        "ca": "https://acme.sectigo.com/v2/OV",
        "email": "tls@northwind.example",
        "external_account": {"key_id": "r5xYmBnYZ2fI4LN7RpCEAg", "mac_key": HMAC_KEY},
    }
    assert sorted(hosts_of(config)) == ["northwind.example", "www.northwind.example"]
    handler = {"files": '"file_server"', "proxy": '"dial": "localhost:8080"'}[site]
    assert handler in json.dumps(config)


@pytest.mark.usefixtures("caddy")
def test_sandbox_root_reads_back() -> None:
    config = read_back(setup_values(trust=SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")))
    assert issuer_of(config)["trusted_roots_pem_files"] == ["/etc/caddy/sandbox-root.pem"]


@pytest.mark.usefixtures("caddy")
@few_processes
@given(key_id=values_of_any_kind, hmac_key=values_of_any_kind, names=names)
def test_hostile_values_read_back_or_are_refused(key_id: str, hmac_key: str, names: tuple[str, ...]) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, names=names)
    if render_recipe(CADDY, values).refusals:
        assert render_recipe(CADDY, values).blocks == ()
        return
    config = read_back(values)
    assert issuer_of(config)["external_account"] == {"key_id": key_id, "mac_key": hmac_key}
    assert sorted(hosts_of(config)) == sorted(names)


@pytest.mark.usefixtures("caddy")
@few_processes
@given(email=st.one_of(st.emails(), mailboxes), path=values_of_any_kind)
def test_hostile_addresses_read_back_or_are_refused(email: str, path: str) -> None:
    values = setup_values(email=email, directory_url=f"https://acme.sectigo.com/{path}")
    if render_recipe(CADDY, values).refusals:
        return
    issuer = issuer_of(read_back(values))
    assert (issuer["email"], issuer["ca"]) == (email, f"https://acme.sectigo.com/{path}")


@pytest.mark.parametrize("value", ["{$HOME}", "{env.HOME}", "a b", 'a"b', "a`b", "a\\b", "#a", "{", "import"])
@pytest.mark.parametrize("field", ["eab_key_id", "eab_hmac_key"])
def test_what_a_caddyfile_would_misread(field: str, value: str) -> None:
    rendered = render_recipe(CADDY, values_with(field, value))
    expected = [] if value == "import" else ["unwritable"]
    assert [refusal.code for refusal in rendered.refusals] == expected


@pytest.mark.usefixtures("caddy")
def test_value_that_is_a_word_of_the_format_reads_back() -> None:
    config = read_back(setup_values(eab_key_id="import", eab_hmac_key="mac_key"))
    assert issuer_of(config)["external_account"] == {"key_id": "import", "mac_key": "mac_key"}


@pytest.mark.usefixtures("caddy")
@pytest.mark.parametrize("provider", PLUGINS)
def test_dns_module_is_asked_for_by_its_name(provider: str) -> None:
    # A Caddy without modules, as the packages are, reads so far and no farther: the page says so too.
    values = setup_values(names=WILDCARDS, challenge=Challenge.DNS_01, options={"dns_provider": provider})
    rendered = render_recipe(CADDY, values)
    module = f"module not registered: dns.providers.{PLUGINS[provider].name}"
    done = adapted(rendered)
    assert done.returncode == 1
    assert module in done.stderr
    assert f"acme-dns.conf:1 - Error during parsing: getting module named 'dns.providers.{PLUGINS[provider].name}'" in (
        done.stderr
    )
    assert module in rendered.html


@pytest.mark.parametrize(
    ("provider", "login"),
    [
        ("cloudflare", ['acme_dns cloudflare "YOUR_API_TOKEN"']),
        ("desec", ["acme_dns desec {", '\ttoken "YOUR_TOKEN"', "}"]),
        ("porkbun", ["acme_dns porkbun {", '\tapi_key "YOUR_API_KEY"', '\tapi_secret_key "YOUR_API_SECRET_KEY"', "}"]),
        ("scaleway", ["acme_dns scaleway {", "\t# the lines of the module's own page", "}"]),
        (
            "rfc2136",
            [
                "acme_dns rfc2136 {",
                '\tkey_name "YOUR_TSIG_NAME"',
                '\tkey_alg "hmac-sha256"',
                '\tkey "YOUR_TSIG_SECRET"',
                '\tserver "192.0.2.53:53"',
                "}",
            ],
        ),
    ],
)
def test_dns_login(provider: str, login: list[str]) -> None:
    values = setup_values(names=WILDCARDS, challenge=Challenge.DNS_01, options={"dns_provider": provider})
    rendered = render_recipe(CADDY, values)
    block = text_of(rendered, "caddy-dns-login")
    assert block.startswith(" ")
    assert here_document(block).splitlines() == login
    assert text_of(rendered, "caddy-caddyfile").splitlines()[4:8] == [
        "\timport /etc/caddy/acme-dns.conf",
        "}",
        "northwind.example, *.northwind.example {",
        "\troot * /var/www/html",
    ]


def test_key_lines() -> None:
    rendered = render_recipe(CADDY, setup_values())
    assert text_of(rendered, "caddy-credentials").splitlines() == [
        " (umask 027; cat > /etc/caddy/acme-eab.conf; chgrp caddy /etc/caddy/acme-eab.conf) <<'EOF'",
        "acme_eab {",
        "\tkey_id r5xYmBnYZ2fI4LN7RpCEAg",
        f"\tmac_key {HMAC_KEY}",
        "}",
        "EOF",
    ]
    assert text_of(rendered, "caddy-caddyfile").splitlines() == [
        "{",
        "\temail tls@northwind.example",
        "\tacme_ca https://acme.sectigo.com/v2/OV",
        "\timport /etc/caddy/acme-eab.conf",
        "}",
        "northwind.example, www.northwind.example {",
        "\troot * /var/www/html",
        "\tfile_server",
        "}",
    ]
    assert text_of(rendered, "caddy-check").startswith(
        "find '/var/lib/caddy/.local/share/caddy/certificates/acme.sectigo.com-v2-ov' "
    )


def test_each_surprise_stands_on_the_page() -> None:
    html = " ".join(render_recipe(CADDY, setup_values()).html.split())
    expected = [
        "base64-decoding MAC key",
        "does not fall back to another CA",
        "one certificate per name",
        "without a reload",
        "writes every variable to the journal",
        "autosave.json",
        "http://localhost:2019/config/",
        "per ACME server URL and contact e-mail address",
        "TLS-ALPN-01 on port 443 first",
    ]
    assert [text for text in expected if text not in html] == []
    values = setup_values(names=WILDCARDS, challenge=Challenge.DNS_01)
    html = " ".join(render_recipe(CADDY, values).html.split())
    assert "xcaddy build --with github.com/caddy-dns/rfc2136" in html
    assert 'href="https://caddyserver.com/docs/modules/"' in html
