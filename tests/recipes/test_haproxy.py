"""The HAProxy page: a small strict reader of its configuration, and its lines."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, SandboxTrust, SetupValues, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values, values_with
from .test_hostile_values import hostile, in_bash, names, text_of

HAPROXY = recipe_by_slug("haproxy")
SECTIONS = ("global", "defaults", "crt-store", "acme", "frontend", "backend")

many_processes = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
values_of_any_kind = st.one_of(hostile, st.text("abz019._~:/@+=,*?&-", min_size=1))

Section = list[list[str]]


def words_of(line: str) -> list[str]:
    """The words of a line (HAProxy's manual, 2.2). What begins a comment, an escape or a variable may not occur."""
    before, quote, rest = line.partition('"')
    inside, end, after = rest.partition('"')
    assert not set(before + after) & set("#\\'$\"")
    assert not set(inside) & set("$#'")
    assert bool(quote) == bool(end)
    return [*before.split(), *([inside] if quote else []), *after.split()]


def sections_of(text: str) -> dict[str, Section]:
    """The lines of each section, by its title."""
    found: dict[str, Section] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            assert line.split()[0] in SECTIONS
            assert line not in found
            current = found[line] = []
        elif not line.lstrip().startswith("http-request"):
            current.append(words_of(line))
    return found


def read_back(values: SetupValues) -> dict[str, Section]:
    return sections_of(text_of(render_recipe(HAPROXY, values), "haproxy-config"))


def test_configuration_reads_back() -> None:
    found = read_back(setup_values())
    pem = "/etc/haproxy/northwind.example.pem"
    names = "northwind.example,www.northwind.example"
    assert found["crt-store"] == [["load", "crt", pem, "acme", "sectigo", "domains", names]]
    assert found["acme sectigo"] == [
        ["directory", "https://acme.sectigo.com/v2/OV"],
        ["account-key", "/etc/haproxy/sectigo.account.key"],
        ["contact", "tls@northwind.example"],
        ["challenge", "http-01"],
        ["keytype", "ECDSA"],
        ["curves", "P-256"],
        ["map", "virt@acme"],
        ["eab-key-id", "/etc/haproxy/eab.kid"],
        ["eab-mac-key", "/etc/haproxy/eab.mac"],
    ]
    assert ["expose-experimental-directives"] in found["global"]
    assert ["bind", ":443", "ssl", "crt", pem] in found["frontend web"]


def test_line_that_answers_the_challenge() -> None:
    text = text_of(render_recipe(HAPROXY, setup_values()), "haproxy-config")
    assert (
        "    http-request return status 200 content-type text/plain lf-string "
        "\"%[path,field(-1,/)].%[path,field(-1,/),map(virt@acme)]\\n\" if { path_beg '/.well-known/acme-challenge/' }"
    ) in text.splitlines()


def test_sandbox_root_reads_back() -> None:
    found = read_back(setup_values(trust=SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")))
    assert ["httpclient.ssl.ca-file", "/etc/haproxy/sandbox-root.pem"] in found["global"]


@many_processes
@given(email=st.emails(), path=values_of_any_kind, names=names)
def test_hostile_addresses_read_back_or_are_refused(email: str, path: str, names: tuple[str, ...]) -> None:
    url = f"https://acme.sectigo.com/{path}"
    values = setup_values(email=email, directory_url=url, names=names)
    rendered = render_recipe(HAPROXY, values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    found = read_back(values)
    assert ["directory", url] in found["acme sectigo"]
    assert ["contact", email] in found["acme sectigo"]
    (load,) = found["crt-store"]
    assert load[-2:] == ["domains", ",".join(names)]


@many_processes
@given(key_id=values_of_any_kind, hmac_key=values_of_any_kind)
def test_files_hold_one_value_each(key_id: str, hmac_key: str) -> None:
    rendered = render_recipe(HAPROXY, setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key))
    if rendered.refusals:
        return
    for block, file, value in (("credentials", "eab.mac", hmac_key), ("key-id", "eab.kid", key_id)):
        script = text_of(rendered, f"haproxy-{block}").replace(f" > /etc/haproxy/{file}", "")
        assert in_bash(f"{script}\nprintf '\\0'") == [f"{value}\n"]


def test_key_lines() -> None:
    rendered = render_recipe(HAPROXY, setup_values())
    assert text_of(rendered, "haproxy-credentials") == (
        f" (umask 077; printf '%s\\n' '{HMAC_KEY}' > /etc/haproxy/eab.mac)"
    )
    assert text_of(rendered, "haproxy-key-id") == (
        "(umask 077; printf '%s\\n' 'r5xYmBnYZ2fI4LN7RpCEAg' > /etc/haproxy/eab.kid)"
    )
    assert text_of(rendered, "haproxy-force") == (
        "echo 'acme renew /etc/haproxy/northwind.example.pem' | socat - /run/haproxy/admin.sock"
    )


@pytest.mark.parametrize("value", ["a b", "a#b", "$HOME", 'a"b', "a'b", "a\\b"])
def test_value_that_haproxy_would_misread(value: str) -> None:
    for field in ("eab_key_id", "eab_hmac_key"):
        rendered = render_recipe(HAPROXY, values_with(field, value))
        assert [refusal.code for refusal in rendered.refusals] == ["unwritable"]


def test_neither_dns_01_nor_wildcards() -> None:
    assert HAPROXY.challenges == {Challenge.HTTP_01}
    values = setup_values(names=("*.northwind.example",))
    assert [refusal.code for refusal in render_recipe(HAPROXY, values).refusals] == ["wildcard-unsupported"]


def test_each_surprise_stands_on_the_page() -> None:
    html = " ".join(render_recipe(HAPROXY, setup_values()).html.split())
    expected = [
        "3.4 or newer",
        "a twelfth of the lifetime",
        "stays in its memory",
        "decoded wrongly",
        "failed to base64url decode EAB MAC key",
        "acme challenge_ready",
        "blanks are not",
        "not through <code>/etc/hosts</code>",
    ]
    assert [text for text in expected if text not in html] == []
