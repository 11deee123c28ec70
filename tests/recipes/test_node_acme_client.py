"""acme-client for Node.js: its file of values, and what the script does with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, every_page, setup_values
from .test_hostile_values import here_document, hostile, in_bash, many_processes, names, text_of

RECIPE = recipe_by_slug("node-acme-client")
VALUES = ("ACME_SERVER", "ACME_EMAIL", "ACME_NAMES", "ACME_RELOAD", "EAB_KEY_ID", "EAB_HMAC_KEY")


def texts(rendered: RenderedRecipe) -> dict[str, str]:
    return {block.id.removeprefix("node-acme-client-"): block.text for block in rendered.blocks}


def test_file_of_values() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/root.pem")
    values = setup_values(challenge=Challenge.DNS_01, options={"reload": "haproxy"}, trust=trust)
    assert texts(render_recipe(RECIPE, values))["credentials"].splitlines() == [
        " (umask 077; mkdir -p /etc/node-acme-client; cat > /etc/node-acme-client/caas.env) <<'EOF'",
        'ACME_SERVER="https://acme.sectigo.com/v2/OV"',
        'ACME_EMAIL="tls@northwind.example"',
        'ACME_NAMES="northwind.example www.northwind.example"',
        'ACME_RELOAD="haproxy"',
        'DNS_SERVER="192.0.2.53"',
        'NODE_EXTRA_CA_CERTS="/etc/node-acme-client/sandbox-root.pem"',
        'EAB_KEY_ID="r5xYmBnYZ2fI4LN7RpCEAg"',
        f'EAB_HMAC_KEY="{HMAC_KEY}"',
        "EOF",
    ]


def test_version_is_named_exactly() -> None:
    install = texts(render_recipe(RECIPE, setup_values()))["install"]
    assert install.splitlines()[1] == "npm install --prefix /opt/node-acme-client --save-exact acme-client@5.4.0"
    assert [run.version for run in RECIPE.ran_by_tests] == ["5.4.0"]


def test_timer_reads_the_file_of_values() -> None:
    found = texts(render_recipe(RECIPE, setup_values()))
    assert (
        "\nEnvironmentFile=/etc/node-acme-client/caas.env\nExecStart=node /opt/node-acme-client/caas.mjs\n"
        in (found["timer"])
    )
    assert found["order"] == "(set -a; . /etc/node-acme-client/caas.env; node /opt/node-acme-client/caas.mjs)"


@pytest.mark.parametrize(
    ("challenge", "options"),
    [(challenge, options) for recipe, challenge, options in every_page() if recipe is RECIPE],
    ids=str,
)
def test_script_can_be_downloaded_and_holds_no_value(challenge: Challenge, options: dict[str, str]) -> None:
    rendered = render_recipe(RECIPE, setup_values(challenge=challenge, options=options))
    (script,) = rendered.files
    assert script.filename == "/opt/node-acme-client/caas.mjs"
    assert script.text.count("{") == script.text.count("}")
    assert f"challengePriority: ['{challenge.value}']" in script.text
    for value in (HMAC_KEY, "northwind", "sectigo", "haproxy"):
        assert value not in script.text


def test_each_surprise_stands_on_its_page() -> None:
    html = " ".join(render_recipe(RECIPE, setup_values()).html.split())
    for text in (
        "acme-client ignores EAB values, wrong ones too",
        "skipChallengeVerification",
        "makes an RSA key unless it is given one",
        "A library renews nothing by itself",
    ):
        assert text in html


@settings(many_processes, max_examples=40)
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), path=hostile, names=names)
def test_shell_reads_the_values_back(key_id: str, hmac_key: str, email: str, path: str, names: tuple[str, ...]) -> None:
    directory_url = f"https://acme.sectigo.com/{path}"
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names
    )
    rendered = render_recipe(RECIPE, values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    file = here_document(text_of(rendered, "node-acme-client-credentials"))
    shown = "printf '%s\\0' " + " ".join(f'"${name}"' for name in VALUES)
    assert in_bash(file + shown) == [directory_url, email, " ".join(names), "nginx", key_id, hmac_key]
