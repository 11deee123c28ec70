"""The Ansible page: its playbook and vault, read back."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust
from subscriptions.recipes.plugins.ansible import PLUGINS

from .builders import HMAC_KEY, setup_values, values_with
from .parsed import block_text, few, hostile, names, page_text, render, urls, yaml_of

ACCOUNT = "Registration with external account binding"


def play_of(rendered: RenderedRecipe) -> dict[str, Any]:
    (play,) = yaml_of(rendered, "ansible-playbook")
    assert isinstance(play, dict)
    return play


def task_of(play: dict[str, Any], name: str, module: str) -> Any:
    (task,) = [task for task in play["tasks"] if task["name"] == name]
    return task[module]


def test_registration_and_order() -> None:
    play = play_of(render("ansible", setup_values()))
    assert play["module_defaults"] == {
        "group/community.crypto.acme": {
            "acme_version": 2,
            "acme_directory": "https://acme.sectigo.com/v2/OV",
            "account_key_src": "/etc/ssl/acme/account.key",
        },
        "community.crypto.acme_certificate": {
            "modify_account": False,
            "csr": "/etc/ssl/acme/northwind.example.csr",
            "fullchain_dest": "/etc/ssl/acme/northwind.example.pem",
            "challenge": "http-01",
            "remaining_days": 30,
            "force": "{{ request is changed or reissue | default(false) | bool }}",
        },
    }
    assert task_of(play, ACCOUNT, "community.crypto.acme_account") == {
        "state": "present",
        "terms_agreed": True,
        "contact": ["mailto:tls@northwind.example"],
        "external_account_binding": {
            "kid": "r5xYmBnYZ2fI4LN7RpCEAg",
            "alg": "HS256",
            "key": "{{ eab_hmac_key }}",
        },
    }
    assert yaml_of(render("ansible", setup_values()), "ansible-credentials") == {"eab_hmac_key": HMAC_KEY}


@pytest.mark.parametrize("provider", PLUGINS)
def test_module_and_its_login(provider: str) -> None:
    values = setup_values(challenge=Challenge.DNS_01, options={"dns_provider": provider})
    rendered = render("ansible", values)
    plugin = PLUGINS[provider]
    assert tuple(yaml_of(rendered, "ansible-dns-login")) == plugin.variables
    (task,) = yaml_of(rendered, "ansible-dns-records")
    assert plugin.name in task
    tasks = block_text(rendered, "ansible-dns-records")
    assert [name for name in plugin.variables if f"{name} " not in tasks] == []
    assert play_of(rendered)["vars_files"] == ["vault.yml", "dns.yml"]
    assert block_text(rendered, "ansible-encrypt").endswith("ansible-vault encrypt vault.yml dns.yml")


def test_every_call_to_the_ca_trusts_the_sandbox() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")
    playbook = block_text(render("ansible", setup_values(trust=trust)), "ansible-playbook")
    assert playbook.count("SSL_CERT_FILE") == 3
    assert playbook.count("\n    - name: Order") + playbook.count(ACCOUNT) + playbook.count("Fetch the") == 3


@few
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), directory_url=urls, names=names)
def test_values_read_back(key_id: str, hmac_key: str, email: str, directory_url: str, names: tuple[str, ...]) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names
    )
    rendered = render("ansible", values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    play = play_of(rendered)
    account = task_of(play, ACCOUNT, "community.crypto.acme_account")
    assert play["module_defaults"]["group/community.crypto.acme"]["acme_directory"] == directory_url
    assert account["contact"] == [f"mailto:{email}"]
    assert account["external_account_binding"]["kid"] == key_id
    assert yaml_of(rendered, "ansible-credentials") == {"eab_hmac_key": hmac_key}
    request = task_of(play, "Request with all names", "community.crypto.openssl_csr")
    assert request["subject_alt_name"] == [f"DNS:{name}" for name in names]
    assert request["common_name"] == names[0]


@pytest.mark.parametrize("field", ["eab_key_id", "eab_hmac_key", "directory_url", "email"])
@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% raw %}", "{# x"])
def test_template_in_a_value_is_refused(field: str, text: str) -> None:
    value = {"directory_url": f"https://acme.test/{text}", "email": f"{text}@northwind.example"}.get(field, text)
    rendered = render("ansible", values_with(field, value))
    assert "unwritable" in [refusal.code for refusal in rendered.refusals]
    assert rendered.blocks == ()


def test_only_the_page_s_own_templates_are_in_the_playbook() -> None:
    play = yaml.safe_dump(play_of(render("ansible", setup_values(eab_key_id="}} $x %}"))))
    assert play.count("{{") == 10
    assert "{%" not in play


def test_surprises_stand_on_the_page() -> None:
    text = page_text(render("ansible", setup_values()))
    expected = [
        "The module's own default is 10",
        "Registering ACME account failed",
        "Failed to start new order",
        "are not looked at again",
        "It renews only when it runs",
        "python3-cryptography",
    ]
    assert [words for words in expected if words not in text] == []
