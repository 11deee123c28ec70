"""What is true for one version of a client and not for another stands so on its page."""

import re

import pytest

from subscriptions.recipes import RECIPES, Challenge, Recipe
from subscriptions.recipes.plugins import caddy, lego, posh_acme, terraform

from .builders import setup_values
from .parsed import block_text, page_text, render, yaml_of

LONG = f"{'a' * 50}.long.northwind.example"
LONGER = f"{'b' * 60}.long.northwind.example"
# What writes the first name into the request whatever its length, or is not known not to.
FAIL_WITH_LONG_NAMES = {
    "acme-sh", "hosting-panels", "opnsense", "pfsense", "dehydrated", "haproxy", "proxmox-ve", "certify-the-web",
}  # fmt: skip


def test_directadmin_hook() -> None:
    """acme.sh 3.1.2 and later: deploy/directadmin.sh."""
    rendered = render(
        "hosting-panels",
        setup_values(options={"panel": "directadmin"}, names=("*.a.example",), challenge=Challenge.DNS_01),
    )
    login = block_text(rendered, "hosting-panels-deploy-login")
    assert re.findall(r"\b(\w+)=", login) == [
        "DirectAdmin_ENDPOINT", "DirectAdmin_USERNAME", "DirectAdmin_KEY", "DirectAdmin_MAIN_DOMAIN",
    ]  # fmt: skip
    assert "-d '*.a.example' --ecc --deploy-hook directadmin" in block_text(rendered, "hosting-panels-deploy")
    assert "DEPLOY_DA_Api" not in rendered.html
    assert "Debian 13's package has 3.1.1" in page_text(rendered)


def test_terraform_has_the_names_of_lego_4() -> None:
    """vancluever/acme 2.48: acme/dnsplugin/dns_provider_factory.go; what its guides call the variables."""
    assert terraform.PLUGINS["rfc2136"].name == "rfc2136"
    assert terraform.PLUGINS["acme-dns"] == lego.PLUGINS["acme-dns"]
    assert {name.partition("_")[0] for name in terraform.PLUGINS["rfc2136"].variables} == {"DNSUPDATE"}


def test_posh_acme_and_ionos() -> None:
    """Posh-ACME 4.32: Plugins/IONOS.ps1."""
    assert (posh_acme.PLUGINS["ionos"].variables, posh_acme.PLUGINS["ionos"].secure) == (
        ("IONOSKeyPrefix",), ("IONOSKeySecret",),
    )  # fmt: skip


def test_opnsense_forms() -> None:
    """os-acme-client 4.16: dialogCertificate.xml and AcmeClient.xml."""
    text = page_text(render("opnsense", setup_values(challenge=Challenge.DNS_01)))
    assert "takes 0 to 5000" in text
    assert "60 days at most" not in text
    assert "<strong>Challenge Alias</strong>" in text


def test_cert_manager_and_the_gateway_api() -> None:
    """cert-manager 1.21: pkg/apis/config/controller/v1alpha1/types.go."""
    rendered = render("cert-manager", setup_values(options={"http_mode": "gateway"}))
    install = block_text(rendered, "cert-manager-install")
    assert "--set config.gatewayAPI.enabled=true" in install
    assert "enableGatewayAPI" not in install
    assert "Versions from 1.15 to 1.20 know it as <code>config.enableGatewayAPI=true</code>" in page_text(rendered)


def test_powerdns_for_caddy_is_a_fork() -> None:
    rendered = render("caddy", setup_values(challenge=Challenge.DNS_01, options={"dns_provider": "powerdns"}))
    assert block_text(rendered, "caddy-build") == "xcaddy build --with github.com/victories/powerdns"
    assert "a fork by somebody else" in page_text(rendered)
    others = [plugin for slug, plugin in caddy.PLUGINS.items() if slug != "powerdns"]
    assert [plugin.name for plugin in others if not plugin.built_from.startswith("github.com/caddy-dns/")] == []


@pytest.mark.parametrize(
    ("slug", "provider", "versions"),
    [
        ("acme-sh", "hetzner", "3.1.4 and not in 3.1.1"),
        ("acme-sh", "cloudflare", ""),
        ("lego", "azure", "4.35.2 and not in 4.9.1"),
        ("lego", "bunny", "4.35.2 and not in 4.9.1"),
        ("lego", "hetzner", "4.35.2 and not in 4.9.1"),
        ("lego", "cloudflare", ""),
        ("certbot", "cloudflare", ""),
    ],
)
def test_plug_in_that_packages_do_not_have_yet(slug: str, provider: str, versions: str) -> None:
    values = setup_values(challenge=Challenge.DNS_01, options={"dns_provider": provider})
    text = page_text(render(slug, values))
    assert ("This takes a newer" in text) == bool(versions)
    assert versions in text


@pytest.mark.parametrize("slug", ["acme-sh", "dehydrated"])
def test_old_libressl(slug: str) -> None:
    rendered = render(slug, setup_values())
    assert "An old LibreSSL" in page_text(rendered)
    assert "openssl base64 -d -A" in block_text(rendered, f"{slug}-old-openssl")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.slug)
def test_names_that_no_common_name_can_hold(recipe: Recipe) -> None:
    assert bool(recipe.long_names) == (recipe.slug in FAIL_WITH_LONG_NAMES)
    caution = "Every name has more than 64 characters."
    assert (caution in page_text(render(recipe.slug, setup_values(names=(LONG, LONGER))))) == bool(recipe.long_names)
    assert caution not in page_text(render(recipe.slug, setup_values(names=(LONG, "northwind.example"))))


def test_a_name_that_fits_comes_first() -> None:
    assert setup_values(names=(LONG, "www.northwind.example")).first_name == "www.northwind.example"
    assert setup_values(names=(LONG, "*.northwind.example")).first_name == "*.northwind.example"
    assert setup_values(names=("*.northwind.example", LONG, "northwind.example")).ordered_names == (
        "northwind.example", "*.northwind.example", LONG,
    )  # fmt: skip
    assert setup_values(names=("a" * 64,)).all_names_are_long is False
    assert setup_values(names=("a" * 65,)).all_names_are_long is True


def test_ansible_leaves_the_common_name_out() -> None:
    def request(*names: str) -> dict[str, object]:
        (play,) = yaml_of(render("ansible", setup_values(names=names)), "ansible-playbook")
        (found,) = [
            task["community.crypto.openssl_csr"] for task in play["tasks"] if "community.crypto.openssl_csr" in task
        ]
        return dict(found)

    assert request(LONG, "northwind.example")["common_name"] == "northwind.example"
    assert "common_name" not in request(LONG)
    assert request(LONG)["subject_alt_name"] == [f"DNS:{LONG}"]
