"""dehydrated: the lines that matter, and bash reads back from its files what was put in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values
from .test_hostile_values import here_document, hostile, in_bash, many_processes, names, text_of

RECIPE = recipe_by_slug("dehydrated")
WILDCARD = ("*.northwind.example", "northwind.example")


def texts(rendered: RenderedRecipe) -> dict[str, str]:
    return {block.id.removeprefix("dehydrated-"): block.text for block in rendered.blocks}


def page(challenge: Challenge = Challenge.HTTP_01, **values: Any) -> dict[str, str]:
    return texts(render_recipe(RECIPE, setup_values(challenge=challenge, **values)))


def test_credentials_are_a_file_of_their_own() -> None:
    assert page()["credentials"].splitlines() == [
        " (umask 077; mkdir -p /etc/dehydrated/caas; cat > /etc/dehydrated/caas/eab) <<'EOF'",
        "EAB_KID='r5xYmBnYZ2fI4LN7RpCEAg'",
        f"EAB_HMAC_KEY='{HMAC_KEY}'",
        "EOF",
    ]


def test_configuration() -> None:
    assert page()["config"].splitlines()[1:] == [
        "CA='https://acme.sectigo.com/v2/OV'",
        "CONTACT_EMAIL='tls@northwind.example'",
        "CHALLENGETYPE='http-01'",
        "WELLKNOWN=/var/www/html/.well-known/acme-challenge",
        "KEY_ALGO=prime256v1",
        "RENEW_DAYS=30",
        "HOOK=/etc/dehydrated/caas/hook",
        "# Used for registering only.",
        "[ ! -e /etc/dehydrated/caas/eab ] || . /etc/dehydrated/caas/eab",
    ]
    trusting = page(trust=SandboxTrust(ca_url="http://localhost:8000/root.pem"))["config"]
    assert "CURL_OPTS='--cacert /etc/dehydrated/caas/sandbox-root.pem'\n" in trusting
    assert "CHALLENGETYPE='dns-01'\nKEY_ALGO" in page(Challenge.DNS_01)["config"]


def test_every_command_names_the_configuration() -> None:
    found = page()
    assert found["register"] == "dehydrated --config /etc/dehydrated/caas/config --register --accept-terms"
    assert found["order"] == "dehydrated --config /etc/dehydrated/caas/config --cron"
    assert f"\nExecStart={found['order']}\n" in found["timer"]


def test_configuration_can_be_downloaded_without_the_key() -> None:
    files = {block.filename: block for block in render_recipe(RECIPE, setup_values()).files}
    assert list(files) == [f"/etc/dehydrated/caas/{name}" for name in ("config", "hook", "domains.txt")]
    assert not any(block.secret or HMAC_KEY in block.text for block in files.values())


@pytest.mark.parametrize(
    ("ordered", "line"),
    [
        (("northwind.example", "www.northwind.example"), "northwind.example www.northwind.example"),
        (WILDCARD, "northwind.example *.northwind.example"),
        (WILDCARD[:1], "*.northwind.example > northwind.example"),
    ],
)
def test_wildcard_in_front_gets_a_directory(ordered: tuple[str, ...], line: str) -> None:
    assert page(Challenge.DNS_01, names=ordered)["domains"] == line


def test_each_surprise_stands_on_its_page() -> None:
    html = " ".join(render_recipe(RECIPE, setup_values()).html.split())
    for text in (
        "its default CA is another one",
        "the CA's reason stands at the end",
        "no EAB_KID/EAB_HMAC_KEY has been configured",
        "P-384",
        "<code>RENEW_DAYS</code> in the configuration",
        "does not listen on port 80",
    ):
        assert text.replace("'", "&#x27;") in html or text in html


@pytest.mark.parametrize("key_id", ['kid"', "kid\\"])
def test_key_id_that_would_break_the_json(key_id: str) -> None:
    rendered = render_recipe(RECIPE, setup_values(eab_key_id=key_id))
    assert [refusal.code for refusal in rendered.refusals] == ["dehydrated-json"]


@settings(many_processes, max_examples=40)
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), path=hostile)
def test_bash_reads_the_values_back(key_id: str, hmac_key: str, email: str, path: str) -> None:
    directory_url = f"https://acme.sectigo.com/{path}"
    values = setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url)
    rendered = render_recipe(RECIPE, values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    files = here_document(text_of(rendered, "dehydrated-credentials")) + text_of(rendered, "dehydrated-config")
    shown = '\nprintf "%s\\0" "$CA" "$CONTACT_EMAIL" "$EAB_KID" "$EAB_HMAC_KEY"'
    assert in_bash(files + shown) == [directory_url, email, key_id, hmac_key]


@given(names=names)
def test_names_are_one_line(names: tuple[str, ...]) -> None:
    assert page(names=names)["domains"] == " ".join(names)
