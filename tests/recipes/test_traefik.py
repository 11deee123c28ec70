"""The Traefik page: its Compose file, environment file and configuration files, read back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, SandboxTrust
from subscriptions.recipes.plugins.lego import PLUGINS

from .builders import HMAC_KEY, setup_values
from .parsed import block_text, few, hostile, names, page_text, render, urls, yaml_of

WILDCARD = ("*.northwind.example", "northwind.example")
FILE = {"traefik_form": "file"}


def interpolated(text: str) -> str:
    """What Compose makes of a value: `$$` is a `$`, and there is no variable but the key."""
    assert set(re.findall(r"(?<!\$)(?:\$\$)*\$\{([^}]*)\}", text)) <= {"SECTIGO_EAB_HMAC_KEY:?not in .env"}
    return text.replace("$$", "$")


def flags(rendered: RenderedRecipe) -> dict[str, str]:
    command = yaml_of(rendered, "traefik-compose")["services"]["traefik"]["command"]
    return dict(interpolated(flag).removeprefix("--").split("=", 1) for flag in command)


def labels(rendered: RenderedRecipe) -> dict[str, str]:
    found = yaml_of(rendered, "traefik-compose")["services"]["site"]["labels"]
    return dict(interpolated(label).split("=", 1) for label in found)


def key_in(rendered: RenderedRecipe) -> str:
    (key,) = re.findall(r"^SECTIGO_EAB_HMAC_KEY='([^'\\]*)'$", block_text(rendered, "traefik-credentials"))
    return str(key)


def test_flags() -> None:
    resolver = "certificatesresolvers.sectigo.acme"
    assert flags(render("traefik", setup_values())) == {
        "providers.docker": "true",
        "providers.docker.exposedbydefault": "false",
        "entrypoints.web.address": ":80",
        "entrypoints.websecure.address": ":443",
        f"{resolver}.caserver": "https://acme.sectigo.com/v2/OV",
        f"{resolver}.email": "tls@northwind.example",
        f"{resolver}.eab.kid": "r5xYmBnYZ2fI4LN7RpCEAg",
        f"{resolver}.eab.hmacencoded": "${SECTIGO_EAB_HMAC_KEY:?not in .env}",
        f"{resolver}.storage": "/data/sectigo.json",
        f"{resolver}.keytype": "EC256",
        f"{resolver}.certificatesduration": "2160",
        f"{resolver}.httpchallenge.entrypoint": "web",
    }


def test_labels_of_a_wildcard_order() -> None:
    rendered = render("traefik", setup_values(names=WILDCARD, challenge=Challenge.DNS_01))
    assert labels(rendered) == {
        "traefik.enable": "true",
        "traefik.http.routers.site.rule": ("Host(`northwind.example`) || HostRegexp(`^[^.]+[.]northwind[.]example$`)"),
        "traefik.http.routers.site.entrypoints": "websecure",
        "traefik.http.routers.site.tls.certresolver": "sectigo",
        "traefik.http.routers.site.tls.domains[0].main": "northwind.example",
        "traefik.http.routers.site.tls.domains[0].sans": "*.northwind.example",
    }


def test_one_name_has_no_sans() -> None:
    one = setup_values(names=("northwind.example",))
    assert "traefik.http.routers.site.tls.domains[0].sans" not in labels(render("traefik", one))
    router = yaml_of(render("traefik", setup_values(names=("northwind.example",), options=FILE)), "traefik-router")
    assert router["http"]["routers"]["site"]["tls"]["domains"] == [{"main": "northwind.example"}]


def test_static_file() -> None:
    assert yaml_of(render("traefik", setup_values(options=FILE)), "traefik-static") == {
        "entryPoints": {"web": {"address": ":80"}, "websecure": {"address": ":443"}},
        "providers": {"file": {"directory": "/etc/traefik/dynamic"}},
        "certificatesResolvers": {
            "sectigo": {
                "acme": {
                    "caServer": "https://acme.sectigo.com/v2/OV",
                    "email": "tls@northwind.example",
                    "storage": "/var/lib/traefik/sectigo.json",
                    "keyType": "EC256",
                    "certificatesDuration": 2160,
                    "eab": {"kid": "r5xYmBnYZ2fI4LN7RpCEAg", "hmacEncoded": HMAC_KEY},
                    "httpChallenge": {"entryPoint": "web"},
                }
            }
        },
    }


@pytest.mark.parametrize("provider", PLUGINS)
@pytest.mark.parametrize("form", ["compose", "file"])
def test_plug_in_and_its_login(provider: str, form: str) -> None:
    options = {"traefik_form": form, "dns_provider": provider}
    rendered = render("traefik", setup_values(challenge=Challenge.DNS_01, options=options))
    plugin = PLUGINS[provider]
    found = re.findall(r"^(\w+)='[^']+'$", block_text(rendered, "traefik-dns-login"), re.MULTILINE)
    assert tuple(found) == plugin.variables
    if form == "compose":
        assert flags(rendered)["certificatesresolvers.sectigo.acme.dnschallenge.provider"] == plugin.name
        assert yaml_of(rendered, "traefik-compose")["services"]["traefik"]["env_file"] == "dns.env"
    else:
        resolver = yaml_of(rendered, "traefik-static")["certificatesResolvers"]["sectigo"]["acme"]
        assert resolver["dnsChallenge"] == {"provider": plugin.name}
        assert "EnvironmentFile=/etc/traefik/dns.env" in block_text(rendered, "traefik-unit")


def test_sandbox_root_is_named() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/sandbox.pem")
    compose = render("traefik", setup_values(trust=trust))
    assert yaml_of(compose, "traefik-compose")["services"]["traefik"]["environment"] == {
        "LEGO_CA_CERTIFICATES": "/data/sandbox-root.pem"
    }
    file = render("traefik", setup_values(trust=trust, options=FILE))
    assert "Environment=LEGO_CA_CERTIFICATES=/etc/traefik/sandbox-root.pem" in block_text(file, "traefik-unit")


@few
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), directory_url=urls, names=names)
def test_compose_values_read_back(
    key_id: str, hmac_key: str, email: str, directory_url: str, names: tuple[str, ...]
) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names
    )
    rendered = render("traefik", values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    found = flags(rendered)
    assert found["certificatesresolvers.sectigo.acme.caserver"] == values.directory_url
    assert found["certificatesresolvers.sectigo.acme.email"] == values.email
    assert found["certificatesresolvers.sectigo.acme.eab.kid"] == values.eab_key_id
    assert key_in(rendered) == values.eab_hmac_key
    routed = labels(rendered)
    assert re.findall(r"Host\(`([^`]+)`\)", routed["traefik.http.routers.site.rule"]) == list(values.names)
    ordered = [routed["traefik.http.routers.site.tls.domains[0].main"]]
    if len(values.names) > 1:
        ordered += routed["traefik.http.routers.site.tls.domains[0].sans"].split(",")
    assert ordered == list(values.names)


@few
@given(key_id=hostile, hmac_key=hostile, email=st.emails(), directory_url=urls, names=names)
def test_file_values_read_back(
    key_id: str, hmac_key: str, email: str, directory_url: str, names: tuple[str, ...]
) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=hmac_key, email=email, directory_url=directory_url, names=names, options=FILE
    )
    rendered = render("traefik", values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    resolver = yaml_of(rendered, "traefik-static")["certificatesResolvers"]["sectigo"]["acme"]
    assert (resolver["caServer"], resolver["email"]) == (directory_url, email)
    assert resolver["eab"] == {"kid": key_id, "hmacEncoded": hmac_key}
    (domains,) = yaml_of(rendered, "traefik-router")["http"]["routers"]["site"]["tls"]["domains"]
    assert [domains["main"], *domains.get("sans", [])] == list(names)


@pytest.mark.parametrize("key", ["it's", "a\\b"])
def test_key_that_the_environment_file_cannot_hold(key: str) -> None:
    refused = render("traefik", setup_values(eab_hmac_key=key))
    assert [refusal.code for refusal in refused.refusals] == ["unwritable"]
    assert render("traefik", setup_values(eab_hmac_key=key, options=FILE)).refusals == ()


@pytest.mark.parametrize("form", ["compose", "file"])
def test_surprises_stand_on_the_page(form: str) -> None:
    text = page_text(render("traefik", setup_values(options={"traefik_form": form})))
    expected = [
        "from one place only",
        "<code>certificatesDuration</code> of the resolver, the lifetime in hours",
        "certificatesDuration",
        "After a failed registration remove the storage file",
        "TRAEFIK DEFAULT CERT",
        "Do not use <code>tlsChallenge</code>",
    ]
    assert [words for words in expected if words not in text] == []
