"""The pages for Windows: their PowerShell, read with a parser, and the lines that matter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, recipe_by_slug, render_recipe
from subscriptions.recipes.quoting import field_text, wacs_argument

from .builders import HMAC_KEY, every_page, setup_values
from .powershell import commands, parse, value_of, wacs_options, windows_arguments
from .test_hostile_values import hostile, names, text_of

URL = "https://acme.sectigo.com/v2/OV"
WINDOWS = ("simple-acme", "posh-acme", "certify-the-web")
ASK = (
    r"""function Ask($question) { '\"{0}\"' -f [System.Net.NetworkCredential]::new('', """
    "(Read-Host $question -AsSecureString)).Password }"
)
# base64url text: what a CA gives. It can begin with `-`.
base64url = st.text("Aa0-_", min_size=1, max_size=12)
# What wacs.exe can be given, with the signs that PowerShell, Windows or wacs.exe itself might take for their own.
writable = st.text("Aa0-/_'`$&%^;,(){}[]<>|@#=*?~", min_size=1, max_size=12)
few = settings(deadline=None, max_examples=40)


def shown(slug: str, choice: dict[str, str], *, challenge: Challenge = Challenge.HTTP_01) -> dict[str, str]:
    rendered = render_recipe(recipe_by_slug(slug), setup_values(challenge=challenge, options=choice))
    return {block.id.removeprefix(f"{slug}-"): block.text for block in rendered.blocks}


def wacs(rendered: RenderedRecipe, block: str, *, key: str = "") -> dict[str, str]:
    """The options that wacs.exe reads from the block, with what is asked for answered by `key`."""
    command = next(words for words in commands(text_of(rendered, block)) if words[0] == r".\wacs.exe")
    answered = [f'\\"{key}\\"' if word.startswith("(Ask ") else word for word in command[1:]]
    return wacs_options(windows_arguments(answered))


@pytest.mark.parametrize("slug", WINDOWS)
def test_all_powershell_is_powershell(slug: str) -> None:
    texts = {
        block.text
        for recipe, challenge, options in every_page()
        if recipe.slug == slug
        for block in render_recipe(recipe, setup_values(challenge=challenge, options=options)).blocks
        if block.language == "powershell"
    }
    assert texts
    for text in texts:
        parse(text)


def test_what_is_not_powershell_is_noticed() -> None:
    with pytest.raises(ValueError, match="not PowerShell"):
        parse("New-PAAccount -ExtAcctKID 'it's'")


@few
@given(key_id=writable, key=base64url, email=st.emails(), path=writable)
def test_simple_acme_registration(key_id: str, key: str, email: str, path: str) -> None:
    values = setup_values(
        eab_key_id=key_id, eab_hmac_key=key, email=email, directory_url=f"https://acme.sectigo.com/{path}"
    )
    rendered = render_recipe(recipe_by_slug("simple-acme"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    assert wacs(rendered, "simple-acme-register", key=key) == {
        "baseuri": values.directory_url,
        "register": "",
        "accepttos": "",
        "emailaddress": email,
        "eab-key-identifier": key_id,
        "eab-key": key,
    }


@few
@given(key_id=hostile, key=hostile, path=hostile)
def test_simple_acme_refuses_what_it_would_misread(key_id: str, key: str, path: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key, directory_url=f"https://acme.sectigo.com/{path}")
    rendered = render_recipe(recipe_by_slug("simple-acme"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    read = wacs(rendered, "simple-acme-register", key=key)
    assert (read["baseuri"], read["eab-key-identifier"], read["eab-key"]) == (values.directory_url, key_id, key)


@few
@given(key_id=base64url, key=base64url)
def test_simple_acme_takes_whatever_a_ca_gives(key_id: str, key: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key)
    assert render_recipe(recipe_by_slug("simple-acme"), values).refusals == ()


@few
@given(names=names)
def test_simple_acme_order(names: tuple[str, ...]) -> None:
    values = setup_values(names=names, options={"http_mode": "filesystem", "store": "pemfiles"})
    rendered = render_recipe(recipe_by_slug("simple-acme"), values)
    assert wacs(rendered, "simple-acme-order") == {
        "baseuri": URL,
        "source": "manual",
        "host": ",".join(names),
        "friendlyname": names[0],
        "validation": "filesystem",
        "webroot": r"C:\www",
        "store": "pemfiles",
        "pemfilespath": r"C:\certs",
        "pemfilesname": names[0],
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("r5xYmBnYZ2fI4LN7RpCEAg", "'r5xYmBnYZ2fI4LN7RpCEAg'"),
        ("-foo", r"""'\"-foo\"'"""),
        ("/foo", r"""'\"/foo\"'"""),
        ("o'brien@northwind.example", "'o''brien@northwind.example'"),
        ("https://acme.sectigo.com/v2/OV?a=1&b=%20", "'https://acme.sectigo.com/v2/OV?a=1&b=%20'"),
    ],
)
def test_wacs_argument(value: str, written: str) -> None:
    assert wacs_argument(value) == written
    ((_, *words),) = commands(f"wacs.exe --key {written}")
    assert wacs_options(windows_arguments(words)) == {"key": value}


@pytest.mark.parametrize("value", ["", "a b", 'a"b', "a\\", "ä", "a\nb", "\u2019", "a\u00a0b"])
def test_what_wacs_would_misread(value: str) -> None:
    with pytest.raises(ValueError, match="misread"):
        wacs_argument(value)


def test_without_quotes_a_key_that_begins_with_a_dash_would_be_lost() -> None:
    assert wacs_options(windows_arguments(["--eab-key", "-foo"])) == {"eab-key": "", "foo": ""}


def test_how_windows_takes_a_command_line_apart() -> None:
    assert windows_arguments([r"\"a\"", "b c", r"C:\x\y", '"d"', r"e\\"]) == ['"a"', "b c", r"C:\x\y", "d", r"e\\"]


@pytest.mark.parametrize("value", ["", " a", "a ", "a\nb", "a\tb"])
def test_what_a_form_would_change(value: str) -> None:
    with pytest.raises(ValueError, match="form"):
        field_text(value)


def test_simple_acme_prepares_powershell_before_the_key_is_asked_for() -> None:
    found = shown("simple-acme", {})
    assert found["prepare"].splitlines() == [
        r"Set-Location 'C:\Program Files\simple-acme'",
        "$PSNativeCommandArgumentPassing = 'Legacy'",
        ASK,
    ]
    assert list(found).index("prepare") < list(found).index("register") < list(found).index("key")
    assert found["key"] == HMAC_KEY


@pytest.mark.parametrize(
    ("choice", "options"),
    [
        ({"dns_provider": "cloudflare"}, {"validation": "cloudflare", "cloudflareapitoken": "secret"}),
        (
            {"dns_provider": "rfc2136"},
            {
                "validation": "rfc2136",
                "serverhost": "YOUR_SERVERHOST",
                "tsigkeyname": "YOUR_TSIGKEYNAME",
                "tsigkeyalgorithm": "sha256",
                "tsigkeysecret": "secret",
            },
        ),
        ({"dns_provider": "gcloud"}, {"validation": "gcpdns", "projectid": "YOUR_PROJECTID"}),
    ],
)
def test_simple_acme_dns_order(choice: dict[str, str], options: dict[str, str]) -> None:
    values = setup_values(
        names=("*.northwind.example", "northwind.example"), challenge=Challenge.DNS_01, options=choice
    )
    rendered = render_recipe(recipe_by_slug("simple-acme"), values)
    found = wacs(rendered, "simple-acme-order", key="secret")
    assert found["host"] == "northwind.example,*.northwind.example"
    assert found["validationmode"] == "dns-01"
    assert found["installation"] == "iis"
    assert {name: found[name] for name in options} == options


def test_simple_acme_renews_at_the_same_server() -> None:
    found = shown("simple-acme", {})
    assert found["renew"] == rf".\wacs.exe --baseuri '{URL}' --renew"
    assert found["remove"] == rf".\wacs.exe --baseuri '{URL}' --cancel --friendlyname 'northwind.example'"


@few
@given(key_id=hostile, key=hostile, email=st.emails(), path=hostile, names=names)
def test_posh_acme(key_id: str, key: str, email: str, path: str, names: tuple[str, ...]) -> None:
    values = setup_values(
        eab_key_id=key_id,
        eab_hmac_key=key,
        email=email,
        directory_url=f"https://acme.sectigo.com/{path}",
        names=names,
    )
    rendered = render_recipe(recipe_by_slug("posh-acme"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    assert commands(text_of(rendered, "posh-acme-server")) == [["Set-PAServer", "-DirectoryUrl", values.directory_url]]
    register, forget = commands(text_of(rendered, "posh-acme-register"))
    assert register == [
        "New-PAAccount", "-ExtAcctKID", key_id, "-ExtAcctHMACKey", "$hmacKey", "-Contact", email, "-AcceptTOS",
    ]  # fmt: skip
    assert forget == ["Remove-Variable", "hmacKey"]
    assert text_of(rendered, "posh-acme-key") == key
    ((_, *order),) = commands(text_of(rendered, "posh-acme-order"))
    assert value_of(order, "-Domain") == ",".join(names)
    script = commands(text_of(rendered, "posh-acme-script"))
    assert script[1] == ["Set-PAServer", "-DirectoryUrl", values.directory_url]


@pytest.mark.parametrize(
    ("provider", "login", "order"),
    [
        (
            "cloudflare",
            "$pluginArgs = @{\n  CFToken = (Read-Host 'CFToken' -AsSecureString)\n}",
            "-Plugin 'Cloudflare' -PluginArgs $pluginArgs -Install",
        ),
        (
            "linode",
            "$pluginArgs = @{\n  LIToken = (Read-Host 'LIToken' -AsSecureString)\n}",
            "-Plugin 'Linode' -PluginArgs $pluginArgs -DnsSleep 1020 -Install",
        ),
        (
            "rfc2136",
            (
                "$pluginArgs = @{\n  DDNSNameserver = 'YOUR_DDNSNAMESERVER'\n  DDNSKeyName = 'YOUR_DDNSKEYNAME'\n"
                "  DDNSKeyType = 'hmac-sha256'\n  DDNSKeyValue = (Read-Host 'DDNSKeyValue' -AsSecureString)\n}"
            ),
            "-Plugin 'RFC2136' -PluginArgs $pluginArgs -Install",
        ),
    ],
)
def test_posh_acme_dns(provider: str, login: str, order: str) -> None:
    found = shown("posh-acme", {"dns_provider": provider}, challenge=Challenge.DNS_01)
    assert found["dns-login"] == login
    assert found["order"] == f"New-PACertificate -Domain 'northwind.example', 'www.northwind.example' {order}"


def test_posh_acme_task_runs_the_script_of_the_page() -> None:
    rendered = render_recipe(recipe_by_slug("posh-acme"), setup_values())
    (script,) = rendered.files
    assert script.filename == r"C:\ProgramData\posh-acme-renew.ps1"
    task = commands(text_of(rendered, "posh-acme-task"))
    assert f"-File {script.filename}" in value_of(task[1], "-Argument")


@few
@given(key_id=hostile, key=hostile, email=st.emails(), names=names)
def test_certify_the_web(key_id: str, key: str, email: str, names: tuple[str, ...]) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=key, email=email, names=names)
    rendered = render_recipe(recipe_by_slug("certify-the-web"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    read = {name: text_of(rendered, f"certify-the-web-{name}") for name in ("url", "email", "key-id", "key", "names")}
    assert read == {
        "url": URL, "email": email, "key-id": key_id, "key": key, "names": "\n".join(names),
    }  # fmt: skip


@pytest.mark.parametrize(("url", "built_in"), [(URL, True), ("https://localhost:8443/v2/OV", False)])
def test_certify_the_web_has_sectigo_built_in(url: str, *, built_in: bool) -> None:
    html = render_recipe(recipe_by_slug("certify-the-web"), setup_values(directory_url=url)).html
    assert ("The CA is built in" in html) is built_in
    assert ("Edit Certificate Authorities" in html) is not built_in


@pytest.mark.parametrize(
    ("slug", "texts"),
    [
        (
            "simple-acme",
            [
                r'''"\"-value\""''',
                "Acme.DefaultBaseUri",
                "does no harm",
                "--account NAME",
                "know no <code>--register</code>",
                "2.4.0 sends it, 2.3.6 sends none",
                "<code>RenewalDays</code>",
            ],
        ),
        (
            "posh-acme",
            [
                "EAB works on <code>New-PAAccount</code> only",
                "POSHACME_HOME",
                "-UseAltAccountRefresh",
                "New-PAAccount -ID NAME",
                "as the user who registered",
            ],
        ),
        ("certify-the-web", ["no staging server", "Automatic CA Failover", "background service"]),
    ],
)
def test_each_surprise_stands_on_its_page(slug: str, texts: list[str]) -> None:
    html = " ".join(render_recipe(recipe_by_slug(slug), setup_values()).html.split())
    assert [text for text in texts if text not in html] == []


@pytest.mark.parametrize("slug", WINDOWS)
def test_served_certificate_is_shown_by_powershell(slug: str) -> None:
    served = shown(slug, {})["served"]
    assert "'2.5.29.17'" in served
    assert "AuthenticateAsClient('northwind.example')" in served
    assert "openssl" not in served
