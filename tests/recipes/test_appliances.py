"""Pages of appliances and panels: what their shells and forms get, and the lines that matter."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, SandboxTrust, recipe_by_slug, render_recipe
from subscriptions.recipes.plugins.acme_sh import PLUGINS

from .builders import HMAC_KEY, setup_values
from .page import shell_words
from .test_hostile_values import arguments, hostile, names, text_of

URL = "https://acme.sectigo.com/v2/OV"
APPLIANCES = ("proxmox-ve", "opnsense", "pfsense", "hosting-panels")
few = settings(deadline=None, max_examples=40)

# The names that pvenode(1) of Proxmox VE 9.2 gives for `pvenode acme plugin add --api`, as far as the pages use them.
PVENODE_APIS = """
acmedns autodns aws azure bunny cf desec dgon dnsimple gandi_livedns gcloud gd hetznercloud infomaniak inwx ionos
linode_v4 namecheap netcup nsone nsupdate ovh pdns porkbun scaleway transip
"""


def shown(
    slug: str,
    choice: dict[str, str],
    *,
    challenge: Challenge = Challenge.HTTP_01,
    ordered: tuple[str, ...] = ("northwind.example", "www.northwind.example"),
) -> dict[str, str]:
    values = setup_values(challenge=challenge, options=choice, names=ordered)
    return {
        block.id.removeprefix(f"{slug}-"): block.text for block in render_recipe(recipe_by_slug(slug), values).blocks
    }


@few
@given(key_id=hostile, key=hostile, email=st.emails(), path=hostile)
def test_proxmox_registration(key_id: str, key: str, email: str, path: str) -> None:
    url = f"https://acme.sectigo.com/{path}"
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key, email=email, directory_url=url)
    rendered = render_recipe(recipe_by_slug("proxmox-ve"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    register = ["acme", "account", "register", "sectigo", email, "--directory", url]
    assert arguments(rendered, "pvenode", "proxmox-ve-register") == register
    assert shell_words(text_of(rendered, "proxmox-ve-register")) == ["pvenode", *register]
    assert text_of(rendered, "proxmox-ve-key-id") == key_id
    assert text_of(rendered, "proxmox-ve-key") == key


@few
@given(names=names)
def test_proxmox_names(names: tuple[str, ...]) -> None:
    http = render_recipe(recipe_by_slug("proxmox-ve"), setup_values(names=names))
    assert arguments(http, "pvenode", "proxmox-ve-names") == [
        "config", "set", "--acme", f"account=sectigo,domains={';'.join(names)}",
    ]  # fmt: skip
    dns = render_recipe(recipe_by_slug("proxmox-ve"), setup_values(names=names, challenge=Challenge.DNS_01))
    slots = [(f"--acmedomain{i}", f"domain={name},plugin=sectigo-dns") for i, name in enumerate(names)]
    assert arguments(dns, "pvenode", "proxmox-ve-names") == [
        "config", "set", "--acme", "account=sectigo", *itertools.chain.from_iterable(slots),
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "codes"), [(6, []), (7, ["too-many-names"])])
def test_proxmox_takes_six_names_with_dns(count: int, codes: list[str]) -> None:
    ordered = tuple(f"host{i}.northwind.example" for i in range(count))
    values = setup_values(names=ordered, challenge=Challenge.DNS_01)
    assert [refusal.code for refusal in render_recipe(recipe_by_slug("proxmox-ve"), values).refusals] == codes
    assert render_recipe(recipe_by_slug("proxmox-ve"), setup_values(names=ordered)).refusals == ()


@pytest.mark.parametrize("provider", PLUGINS)
def test_proxmox_dns_plug_in(provider: str) -> None:
    found = shown("proxmox-ve", {"dns_provider": provider}, challenge=Challenge.DNS_01)
    words = shell_words(found["plugin"].splitlines()[0])
    assert words[:7] == ["pvenode", "acme", "plugin", "add", "dns", "sectigo-dns", "--api"]
    assert words[7] in PVENODE_APIS.split()
    login = found["dns-login"].splitlines()
    assert [line.partition("=")[0] for line in login[1:-1]] == list(PLUGINS[provider].variables)
    assert not [line for line in login[1:-1] if set(line) & set("'\" ")]


@pytest.mark.parametrize("choice", ["shell", "web"])
def test_proxmox_is_asked_for_the_key(choice: str) -> None:
    found = shown("proxmox-ve", {"register_in": choice})
    assert found["key"] == HMAC_KEY
    assert ("register" in found) is (choice == "shell")
    assert found.get("url", URL) == URL
    assert "--eab" not in "".join(found.values())


def test_proxmox_serves_on_its_own_port() -> None:
    assert "-connect 'northwind.example:8006'" in shown("proxmox-ve", {})["served"]


@pytest.mark.parametrize("slug", ["opnsense", "pfsense"])
@few
@given(key_id=hostile, key=hostile, email=st.emails(), path=hostile)
def test_firewalls(slug: str, key_id: str, key: str, email: str, path: str) -> None:
    url = f"https://acme.sectigo.com/{path}"
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key, email=email, directory_url=url)
    rendered = render_recipe(recipe_by_slug(slug), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    read = {name: text_of(rendered, f"{slug}-{name}") for name in ("url", "email", "key-id", "key")}
    assert read == {"url": url, "email": email, "key-id": key_id, "key": key}


def test_opnsense_has_a_field_for_the_first_name() -> None:
    ordered = ("*.northwind.example", "northwind.example", "www.northwind.example")
    found = shown("opnsense", {}, challenge=Challenge.DNS_01, ordered=ordered)
    assert found["name"] == "northwind.example"
    assert found["names"] == "www.northwind.example\n*.northwind.example"
    assert "names" not in shown("opnsense", {}, ordered=("northwind.example",))


@few
@given(key_id=hostile, key=hostile, email=st.emails())
def test_panel_registration(key_id: str, key: str, email: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key, email=email)
    rendered = render_recipe(recipe_by_slug("hosting-panels"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    assert arguments(rendered, "acme.sh", "hosting-panels-register") == [
        "--register-account", "--server", URL, "-m", email, "--eab-kid", key_id, "--eab-hmac-key", key,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("panel", "webroot"),
    [
        ("cpanel", '"$HOME/public_html"'),
        ("plesk", "'/var/www/vhosts/northwind.example/httpdocs'"),
        ("directadmin", "\"$HOME\"/domains/'northwind.example'/public_html"),
        ("synology", "/volume1/web"),
    ],
)
def test_panel_order(panel: str, webroot: str) -> None:
    assert shown("hosting-panels", {"panel": panel})["order"] == (
        f"acme.sh --issue --server '{URL}' -w {webroot} -d 'northwind.example' -d 'www.northwind.example' --days 60"
    )


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("cpanel", "acme.sh --deploy -d northwind.example --ecc --deploy-hook cpanel_uapi"),
        ("directadmin", "acme.sh --deploy -d northwind.example --ecc --deploy-hook directadmin"),
        (
            "synology",
            (
                "SYNO_USE_TEMP_ADMIN=1 SYNO_CREATE=1 SYNO_CERTIFICATE=northwind.example "
                "acme.sh --deploy -d northwind.example --ecc --deploy-hook synology_dsm"
            ),
        ),
    ],
)
def test_panel_deploy_hook(panel: str, words: str) -> None:
    assert shell_words(shown("hosting-panels", {"panel": panel})["deploy"]) == words.split()


def test_plesk_gets_the_renewed_files() -> None:
    found = shown("hosting-panels", {"panel": "plesk"})
    create, assign = (shell_words(line) for line in found["deploy"].replace("\\\n", "").splitlines())
    again = shell_words(found["again"])
    update = again[again.index("--reloadcmd") + 1].split()
    assert create[:3] + update[:3] == ["plesk", "bin", "certificate"] * 2
    assert (create[3], update[3]) == ("--create", "--update")
    assert create[4:] == update[4:]
    assert assign == [
        "plesk", "bin", "site", "--update", "northwind.example", "-ssl", "true",
        "-certificate-name", "acme-northwind.example",
    ]  # fmt: skip
    files = dict(itertools.pairwise(again))
    given_to_plesk = dict(itertools.pairwise(update))
    assert files["--key-file"] == given_to_plesk["-key-file"]
    assert files["--cert-file"] == given_to_plesk["-cert-file"]
    assert files["--ca-file"] == given_to_plesk["-cacert-file"]


@pytest.mark.parametrize(
    ("panel", "plugin"), [("cpanel", "dns_cpanel"), ("plesk", "dns_pleskxml"), ("directadmin", "dns_da")]
)
def test_zone_in_the_panel(panel: str, plugin: str) -> None:
    found = shown("hosting-panels", {"panel": panel, "zone_at": "panel"}, challenge=Challenge.DNS_01)
    words = shell_words(found["order"])
    assert words[words.index("--dns") + 1] == plugin
    assert "--dnssleep" not in words


def test_synology_has_no_zone() -> None:
    options = {"panel": "synology", "zone_at": "panel"}
    values = setup_values(challenge=Challenge.DNS_01, options=options)
    refused = render_recipe(recipe_by_slug("hosting-panels"), values).refusals
    assert [refusal.code for refusal in refused] == ["no-panel-dns"]


def test_synology_keeps_acme_sh_where_dsm_leaves_it() -> None:
    found = shown("hosting-panels", {"panel": "synology"})
    assert found["install"].startswith("export LE_WORKING_DIR=/usr/local/share/acme.sh\n")
    assert "--no-cron" in found["install"]
    assert found["cron"] == "/usr/local/share/acme.sh/acme.sh --cron --home /usr/local/share/acme.sh"


def test_panels_trust_the_sandbox_in_every_order() -> None:
    trust = SandboxTrust(ca_url="http://localhost:8000/setup/root.pem")
    for challenge in Challenge:
        values = setup_values(challenge=challenge, trust=trust)
        rendered = render_recipe(recipe_by_slug("hosting-panels"), values)
        for name in ("register", "order"):
            assert "--ca-bundle \"$LE_WORKING_DIR\"/'sandbox-root.pem'" in text_of(rendered, f"hosting-panels-{name}")


@pytest.mark.parametrize("slug", ["opnsense", "pfsense", "hosting-panels"])
def test_acme_sh_behind_the_page_keeps_no_quotation_mark(slug: str) -> None:
    values = setup_values(email="o'brien@northwind.example")
    refused = render_recipe(recipe_by_slug(slug), values).refusals
    assert [refusal.code for refusal in refused] == ["acme-sh-quote"]


@pytest.mark.parametrize(
    ("slug", "texts"),
    [
        (
            "proxmox-ve",
            [
                "takes no EAB values as options",
                "takes no wildcard names",
                "pve-daily-update.service",
                "was not checked",
            ],
        ),
        (
            "opnsense",
            [
                "A challenge type has to be chosen even where",
                "must not change once the account is registered",
                "Auto Renewal",
                "Custom CA URL",
            ],
        ),
        ("pfsense", ["version 1.3 or later", "before 1.3 drop the EAB values", "Cron Entry"]),
        (
            "hosting-panels",
            [
                "was not found to take a customer's ACME server URL and EAB credentials",
                "AutoSSL",
                "ZeroSSL",
                "ca.conf",
                "process list",
            ],
        ),
    ],
)
def test_each_surprise_stands_on_its_page(slug: str, texts: list[str]) -> None:
    html = " ".join(render_recipe(recipe_by_slug(slug), setup_values()).html.split())
    assert [text for text in texts if text not in html] == []
