"""Whatever the credentials hold: the client reads exactly that value, or the page shows no command at all."""

import configparser
import itertools
import subprocess

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.recipes import RenderedRecipe, recipe_by_slug, render_recipe

from .builders import setup_values

hostile = st.one_of(
    st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1),
    st.text("'\"\\$`!#;&|<>(){}[]*?~=% -_,:", min_size=1),
    st.sampled_from(["EOF", "-d", "--help", "$(id)", "`id`", "'; id; '", '"; id; "', "%s%n", "</code><b>", "a=b"]),
)
label = st.text("abz019_-", min_size=1, max_size=8).filter(lambda text: text[0] not in "-" and text[-1] != "-")
names = st.lists(st.lists(label, min_size=2, max_size=4).map(".".join), min_size=1, max_size=3, unique=True).map(tuple)

many_processes = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

# Stands for the client: prints its arguments as the shell hands them over.
_CLIENT = "{client}() {{ printf '%s\\0' \"$@\"; }}\n"


def text_of(rendered: RenderedRecipe, identifier: str) -> str:
    return next(block.text for block in rendered.blocks if block.id == identifier)


def here_document(text: str) -> str:
    return text.partition("<<'EOF'\n")[2].partition("\nEOF")[0] + "\n"


def in_bash(script: str) -> list[str]:
    done = subprocess.run(["bash", "-eu"], input=script.encode(), capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def arguments(rendered: RenderedRecipe, client: str, identifier: str) -> list[str]:
    return in_bash(_CLIENT.format(client=client) + text_of(rendered, identifier))


def value_after(words: list[str], flag: str) -> str:
    return words[words.index(flag) + 1]


@many_processes
@given(key_id=hostile, hmac_key=hostile, email=st.emails())
def test_certbot_credentials(key_id: str, hmac_key: str, email: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, email=email)
    rendered = render_recipe(recipe_by_slug("certbot"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    parser = configparser.RawConfigParser(delimiters="=", comment_prefixes=(), strict=True)
    parser.read_string("[certbot]\n" + here_document(text_of(rendered, "certbot-credentials")))
    read = {name: _unquoted(value) for name, value in parser["certbot"].items()}
    assert read == {
        "server": values.directory_url,
        "email": email,
        "agree-tos": "true",
        "eab-kid": key_id,
        "eab-hmac-key": hmac_key,
    }


def _unquoted(value: str) -> str:
    return value[1:-1] if value[0] in "'\"" else value


@many_processes
@given(key_id=hostile, hmac_key=hostile, email=st.emails())
def test_acme_sh_credentials(key_id: str, hmac_key: str, email: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, email=email)
    rendered = render_recipe(recipe_by_slug("acme-sh"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    assert arguments(rendered, "acme.sh", "acme-sh-register") == [
        "--register-account", "--server", values.directory_url, "-m", email,
        "--eab-kid", key_id, "--eab-hmac-key", hmac_key,
    ]  # fmt: skip


@many_processes
@given(key_id=hostile, hmac_key=hostile, email=st.emails())
def test_lego_credentials(key_id: str, hmac_key: str, email: str) -> None:
    values = setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, email=email)
    rendered = render_recipe(recipe_by_slug("lego"), values)
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    script = here_document(text_of(rendered, "lego-credentials"))
    shown = 'printf "%s\\0" "$LEGO_SERVER" "$LEGO_EMAIL" "$LEGO_EAB_KID" "$LEGO_EAB_HMAC"'
    assert in_bash(script + shown) == [values.directory_url, email, key_id, hmac_key]


@many_processes
@given(names=names, directory_url=hostile.map("https://acme.sectigo.com/{}".format))
def test_order(names: tuple[str, ...], directory_url: str) -> None:
    values = setup_values(names=names, directory_url=directory_url)
    for slug, client in (("certbot", "certbot"), ("acme-sh", "acme.sh")):
        rendered = render_recipe(recipe_by_slug(slug), values)
        if not rendered.refusals:
            words = arguments(rendered, client, f"{slug}-order")
            assert value_after(words, "--server") == directory_url
            assert [word for before, word in itertools.pairwise(words) if before == "-d"] == list(names)


@many_processes
@given(names=names)
def test_lego_script(names: tuple[str, ...]) -> None:
    rendered = render_recipe(recipe_by_slug("lego"), setup_values(names=names))
    script = here_document(text_of(rendered, "lego-script")).replace(". /etc/lego/lego.env", "")
    variables = "LEGO_SERVER='s' LEGO_EMAIL='e' LEGO_EAB_KID='-k' LEGO_EAB_HMAC='-h'\n"
    words = in_bash("set -- run\n" + variables + _CLIENT.format(client="lego") + script.replace("exec ", ""))
    assert words[:12] == [
        "--path", "/etc/lego", "--server", "s", "--email", "e", "--accept-tos",
        "--eab", "--kid", "-k", "--hmac", "-h",
    ]  # fmt: skip
    assert words[12:] == [
        *(word for name in names for word in ("--domains", name)),
        "--http", "--http.webroot", "/var/www/html", "run",
    ]  # fmt: skip
