"""The page for NGINX's ACME module: crossplane, nginx's own parser in Python, reads its configuration back."""

import tempfile
from pathlib import Path
from typing import Any

import crossplane
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values
from .test_hostile_values import hostile, in_bash, names, text_of

NGINX = recipe_by_slug("nginx-acme")

Directive = dict[str, Any]
few_files = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
values_of_any_kind = st.one_of(hostile, st.text("abz019._~:/@+=,*?&-", min_size=1))


def read_back(rendered: RenderedRecipe) -> list[Directive]:
    """The directives of the page's file, as part of an nginx.conf that includes it and begins with the page's line."""
    with tempfile.TemporaryDirectory() as directory:
        site = Path(directory, "caas.conf")
        site.write_text(f"{text_of(rendered, 'nginx-acme-site')}\n")
        main = Path(directory, "nginx.conf")
        load = text_of(rendered, "nginx-acme-load")
        main.write_text(f"{load}\nevents {{}}\nhttp {{\n    include {site};\n}}\n")
        read = crossplane.parse(str(main), check_ctx=False, check_args=False, combine=True)
    assert read["status"] == "ok", read["errors"]
    load_line, _events, http = read["config"][0]["parsed"]
    assert (load_line["directive"], load_line["args"]) == ("load_module", ["modules/ngx_http_acme_module.so"])
    return list(http["block"])


def the(directives: list[Directive], name: str) -> Directive:
    (found,) = [directive for directive in directives if directive["directive"] == name]
    return found


def arguments(block: Directive) -> dict[str, list[str]]:
    return {directive["directive"]: directive["args"] for directive in block["block"]}


def servers(directives: list[Directive]) -> list[dict[str, list[str]]]:
    return [arguments(directive) for directive in directives if directive["directive"] == "server"]


def test_configuration_reads_back() -> None:
    directives = read_back(render_recipe(NGINX, setup_values()))
    assert the(directives, "resolver")["args"] == ["192.0.2.53"]
    assert the(directives, "acme_shared_zone")["args"] == ["zone=ngx_acme_shared:1M"]
    issuer = the(directives, "acme_issuer")
    assert issuer["args"] == ["sectigo"]
    assert arguments(issuer) == {
        "uri": ["https://acme.sectigo.com/v2/OV"],
        "contact": ["tls@northwind.example"],
        "external_account_key": ["r5xYmBnYZ2fI4LN7RpCEAg", "/etc/nginx/acme-eab.key"],
        "state_path": ["/var/cache/nginx/acme-sectigo"],
        "accept_terms_of_service": [],
    }
    plain, secure = servers(directives)
    names = ["northwind.example", "www.northwind.example"]
    assert (plain["listen"], plain["server_name"]) == (["80"], names)
    assert secure == {
        "listen": ["443", "ssl"],
        "server_name": names,
        "acme_certificate": ["sectigo"],
        "ssl_certificate": ["$acme_certificate"],
        "ssl_certificate_key": ["$acme_certificate_key"],
        "ssl_certificate_cache": ["max=2"],
        "root": ["/var/www/html"],
    }


def test_sandbox_root_reads_back() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")
    directives = read_back(render_recipe(NGINX, setup_values(trust=trust)))
    assert arguments(the(directives, "acme_issuer"))["ssl_trusted_certificate"] == ["/etc/nginx/sandbox-root.pem"]


@few_files
@given(key_id=values_of_any_kind, email=st.emails(), path=values_of_any_kind, names=names)
def test_hostile_values_read_back_or_are_refused(key_id: str, email: str, path: str, names: tuple[str, ...]) -> None:
    url = f"https://acme.sectigo.com/{path}"
    rendered = render_recipe(NGINX, setup_values(eab_key_id=key_id, email=email, directory_url=url, names=names))
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    directives = read_back(rendered)
    issuer = arguments(the(directives, "acme_issuer"))
    assert issuer["uri"] == [url]
    assert issuer["contact"] == [email]
    assert issuer["external_account_key"] == [key_id, "/etc/nginx/acme-eab.key"]
    assert [server["server_name"] for server in servers(directives)] == [list(names)] * 2


@few_files
@given(hmac_key=values_of_any_kind)
def test_key_file_holds_the_key_and_nothing_else(hmac_key: str) -> None:
    rendered = render_recipe(NGINX, setup_values(eab_hmac_key=hmac_key))
    if rendered.refusals:
        return
    script = text_of(rendered, "nginx-acme-credentials").replace(" > /etc/nginx/acme-eab.key", "")
    assert in_bash(f"{script}\nprintf '\\0'") == [f"{hmac_key}\n"]


def test_key_lines() -> None:
    rendered = render_recipe(NGINX, setup_values())
    assert text_of(rendered, "nginx-acme-credentials") == (
        f" (umask 077; printf '%s\\n' '{HMAC_KEY}' > /etc/nginx/acme-eab.key)"
    )
    assert text_of(rendered, "nginx-acme-order").splitlines() == ["nginx -t", "systemctl restart nginx"]


@pytest.mark.parametrize("value", ["a;b", "a b", "$host", "{", 'a"b', "a'b", "a\\b", "#a"])
def test_key_id_that_nginx_would_misread(value: str) -> None:
    rendered = render_recipe(NGINX, setup_values(eab_key_id=value))
    assert [refusal.code for refusal in rendered.refusals] == ["unwritable"]


def test_neither_dns_01_nor_wildcards() -> None:
    assert NGINX.challenges == {Challenge.HTTP_01}
    values = setup_values(names=("*.northwind.example",))
    assert [refusal.code for refusal in render_recipe(NGINX, values).refusals] == ["wildcard-unsupported"]


def test_each_surprise_stands_on_the_page() -> None:
    html = " ".join(render_recipe(NGINX, setup_values()).html.split())
    expected = [
        "do not run this module",
        "no DNS-01 and no wildcard names",
        "<code>resolver</code> is mandatory",
        "0.2.0 or newer",
        "nothing else",
        "cannot deserialize response",
        "with <code>state_path off</code>",
        "nginx nevertheless needs its line <code>external_account_key</code>",
        "Leave <code>external_account_key</code> and the file with the key where they are: the module (0.4.1)",
        "Restart nginx once more then",
        "nginx 1.27.4",
    ]
    assert [text for text in expected if text not in html] == []
