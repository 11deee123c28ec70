"""The Terraform page: its configuration read back by an HCL parser, its variables by a shell."""

import json
import subprocess
from typing import Any

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust
from subscriptions.recipes.plugins.terraform import PLUGINS

from .builders import HMAC_KEY, setup_values
from .parsed import block_text, few, hostile, names, page_text, render

# The parser stops at an escaped template without its end, `$${x`, which Terraform reads: no lone `{` in made-up values.
templates = st.sampled_from(["${x}", "$${x}", "%{ if true }", "a${b}c$${d}", "{a}", "$", "%%"])
readable = st.one_of(hostile.map(lambda text: text.replace("{", "[")), templates)
addresses = st.emails().map(lambda email: email.replace("{", "a"))


def string(written: str) -> str:
    """The text of an HCL string without templates: its escapes are JSON's, and `$${` and `%%{`."""
    bare = written.replace("$${", "").replace("%%{", "")
    assert "${" not in bare
    assert "%{" not in bare
    return str(json.loads(written.replace("$${", "${").replace("%%{", "%{")))


def blocks_of(rendered: RenderedRecipe, kind: str, *labels: str) -> dict[str, Any]:
    """The one block of that kind with these labels."""
    found = hcl2.loads(block_text(rendered, "terraform-configuration") + "\n")[kind]
    for label in labels:
        found = [block[f'"{label}"'] for block in found if f'"{label}"' in block]
    (block,) = found
    assert isinstance(block, dict)
    return block


def variables(rendered: RenderedRecipe, *shown: str) -> list[str]:
    """What a shell reads from the file with the key."""
    script = block_text(rendered, "terraform-credentials") + "\nprintf '%s\\0' " + " ".join(f'"${n}"' for n in shown)
    said = subprocess.run(["sh", "-eu"], input=script.encode(), capture_output=True, check=True).stdout
    return said.decode().split("\0")[:-1]


def test_registration_and_certificate() -> None:
    rendered = render("terraform", setup_values())
    registration = blocks_of(rendered, "resource", "acme_registration", "sectigo")
    assert registration["email_address"] == '"tls@northwind.example"'
    (binding,) = registration["external_account_binding"]
    assert binding["key_id"] == '"r5xYmBnYZ2fI4LN7RpCEAg"'
    assert binding["hmac_base64"] == "${var.eab_hmac_key}"
    certificate = blocks_of(rendered, "resource", "acme_certificate", "site")
    assert certificate["account_key_pem"] == "${acme_registration.sectigo.account_key_pem}"
    assert certificate["common_name"] == '"northwind.example"'
    assert certificate["subject_alternative_names"] == ['"www.northwind.example"']
    assert certificate["min_days_dynamic"] is True
    assert certificate["revoke_certificate_on_destroy"] is False
    assert blocks_of(rendered, "variable", "eab_hmac_key")["sensitive"] is True
    assert blocks_of(rendered, "provider", "acme")["server_url"] == '"https://acme.sectigo.com/v2/OV"'
    assert variables(rendered, "TF_VAR_eab_hmac_key") == [HMAC_KEY]


@pytest.mark.parametrize(
    ("mode", "challenge"),
    [
        ("webroot", {"http_webroot_challenge": [{"directory": '"/var/www/html"'}]}),
        ("standalone", {"http_challenge": [{"port": 80}]}),
    ],
)
def test_http_01(mode: str, challenge: dict[str, list[dict[str, Any]]]) -> None:
    rendered = render("terraform", setup_values(options={"http_mode": mode}))
    certificate = blocks_of(rendered, "resource", "acme_certificate", "site")
    found = {name: value for name, value in certificate.items() if name.endswith("_challenge")}
    assert {name: [_plain(block) for block in blocks] for name, blocks in found.items()} == challenge


def _plain(block: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in block.items() if not name.startswith("__")}


@pytest.mark.parametrize("provider", PLUGINS)
def test_plug_in_and_its_login(provider: str) -> None:
    values = setup_values(challenge=Challenge.DNS_01, options={"dns_provider": provider})
    rendered = render("terraform", values)
    (challenge,) = blocks_of(rendered, "resource", "acme_certificate", "site")["dns_challenge"]
    assert _plain(challenge) == {"provider": f'"{PLUGINS[provider].name}"'}
    login = block_text(rendered, "terraform-dns-login")
    assert tuple(line.partition("=")[0] for line in login.splitlines()) == PLUGINS[provider].variables
    for block in ("order", "cron"):
        assert ". ./eab.env" in block_text(rendered, f"terraform-{block}")
        assert ". ./dns.env" in block_text(rendered, f"terraform-{block}")


@pytest.mark.parametrize("program", ["terraform", "tofu"])
def test_program(program: str) -> None:
    rendered = render("terraform", setup_values(options={"program": program}))
    assert f"{program} init && {program} apply)" in block_text(rendered, "terraform-order")
    assert block_text(rendered, "terraform-cron") == (
        f"17 4 * * * cd ~/terraform-acme && set -a && . ./eab.env && {program} apply -auto-approve -input=false"
    )


def test_sandbox_root_is_named() -> None:
    rendered = render("terraform", setup_values(trust=SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")))
    (bundle,) = variables(rendered, "SSL_CERT_FILE")
    assert bundle.endswith("/terraform-acme/ca-bundle.pem")
    assert not bundle.startswith("$")


@few
@given(
    key_id=readable,
    hmac_key=hostile,
    email=addresses,
    directory_url=readable.map("https://acme.sectigo.com/{}".format),
    names=names,
)
def test_values_read_back(key_id: str, hmac_key: str, email: str, directory_url: str, names: tuple[str, ...]) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names
    )
    rendered = render("terraform", values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    registration = blocks_of(rendered, "resource", "acme_registration", "sectigo")
    certificate = blocks_of(rendered, "resource", "acme_certificate", "site")
    assert string(registration["email_address"]) == email
    assert string(registration["external_account_binding"][0]["key_id"]) == key_id
    assert string(blocks_of(rendered, "provider", "acme")["server_url"]) == directory_url
    alternatives = certificate.get("subject_alternative_names", [])
    assert [string(certificate["common_name"]), *map(string, alternatives)] == list(names)
    assert variables(rendered, "TF_VAR_eab_hmac_key") == [hmac_key]


@pytest.mark.parametrize("key_id", ["${file('/etc/passwd')}", "%{ if true }x%{ endif }", "$${x}"])
def test_template_in_a_value_stays_text(key_id: str) -> None:
    registration = blocks_of(
        render("terraform", setup_values(eab_key_id=key_id)), "resource", "acme_registration", "sectigo"
    )
    assert string(registration["external_account_binding"][0]["key_id"]) == key_id


def test_surprises_stand_on_the_page() -> None:
    text = page_text(render("terraform", setup_values()))
    expected = [
        "only an <code>apply</code> does",
        "holds the key of the registration",
        "replaces the registration",
        "the old one is revoked",
        "do not encode it, in spite of the name",
        "<code>tls_private_key</code>",
        "has to be given the EAB HMAC key at each <code>apply</code>",
    ]
    assert [words for words in expected if words not in text] == []
