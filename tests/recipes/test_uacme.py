"""uacme: the lines that matter, and the program gets as arguments what was put in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.recipes import Challenge, RenderedRecipe, recipe_by_slug, render_recipe

from .builders import HMAC_KEY, setup_values
from .test_hostile_values import arguments, hostile, in_bash, many_processes, names, text_of

RECIPE = recipe_by_slug("uacme")
URL = "https://acme.sectigo.com/v2/OV"
base64url = st.text("abcXYZ019_-", min_size=1)


def texts(rendered: RenderedRecipe) -> dict[str, str]:
    return {block.id.removeprefix("uacme-"): block.text for block in rendered.blocks}


def test_registration() -> None:
    assert texts(render_recipe(RECIPE, setup_values()))["register"] == (
        f" uacme -v -y -a '{URL}' -c /etc/ssl/uacme \\\n"
        f"  -e 'r5xYmBnYZ2fI4LN7RpCEAg':'{HMAC_KEY}' new 'tls@northwind.example'"
    )


@pytest.mark.parametrize(
    ("challenge", "hook", "before"),
    [
        (
            Challenge.HTTP_01,
            "/usr/share/uacme/uacme.sh",
            [
                "export UACME_CHALLENGE_PATH=/var/www/html/.well-known/acme-challenge",
                'mkdir -p "$UACME_CHALLENGE_PATH"',
            ],
        ),
        (Challenge.DNS_01, "/etc/uacme/hook", []),
    ],
)
def test_script(challenge: Challenge, hook: str, before: list[str]) -> None:
    found = texts(render_recipe(RECIPE, setup_values(challenge=challenge)))
    assert found["script"].splitlines() == [
        "#!/bin/sh",
        *before,
        f"uacme -a '{URL}' -c /etc/ssl/uacme -t EC -d 30 \\",
        f"  -h {hook} \\",
        "  issue 'northwind.example' 'www.northwind.example'",
        "case $? in",
        "  0) systemctl reload nginx ;;",
        '  1) echo "The certificate is not due yet" ;;',
        "  *) exit 2 ;;",
        "esac",
    ]
    assert "\nExecStart=/etc/uacme/uacme-caas\n" in found["timer"]


def test_only_the_registration_holds_the_key() -> None:
    rendered = render_recipe(RECIPE, setup_values())
    assert [block.id for block in rendered.blocks if HMAC_KEY in block.text] == ["uacme-register"]
    assert [block.filename for block in rendered.files] == ["/etc/uacme/uacme-caas"]


def test_each_surprise_stands_on_its_page() -> None:
    html = " ".join(render_recipe(RECIPE, setup_values()).html.split())
    for text in (
        "ends with 1 when the certificate is not due yet",
        "the process list of this machine shows them",
        "failed to create account",
        "failed to create new order",
        "is refused by uacme itself",
        "Account already exists",
        "Without <code>-a</code> uacme talks to another CA",
        "has the name without <code>*.</code>",
    ):
        assert text in html


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"eab_key_id": "a:b"}, "holds a colon"),
        ({"eab_key_id": 'a"b'}, "holds a colon"),
        ({"eab_key_id": "ä"}, "holds a colon"),
        ({"eab_hmac_key": "YWJj="}, "not base64url text"),
        ({"eab_hmac_key": "YW+/"}, "not base64url text"),
        ({"email": "-v@northwind.example"}, "starts like an option"),
    ],
)
def test_values_that_uacme_cannot_take(values: dict[str, Any], reason: str) -> None:
    (refusal,) = render_recipe(RECIPE, setup_values(**values)).refusals
    assert refusal.code == "uacme-argument"
    assert reason in refusal.message


def test_key_that_is_not_shown_is_not_judged() -> None:
    assert render_recipe(RECIPE, setup_values(eab_hmac_key=None)).refusals == ()


@settings(many_processes, max_examples=40)
@given(key_id=hostile, hmac_key=st.one_of(base64url, hostile), email=st.emails())
def test_registration_gets_the_values(key_id: str, hmac_key: str, email: str) -> None:
    rendered = render_recipe(RECIPE, setup_values(eab_key_id=key_id, eab_hmac_key=hmac_key, email=email))
    if rendered.refusals:
        assert rendered.blocks == ()
        return
    words = arguments(rendered, "uacme", "uacme-register")
    assert words == ["-v", "-y", "-a", URL, "-c", "/etc/ssl/uacme", "-e", f"{key_id}:{hmac_key}", "new", email]


@settings(many_processes, max_examples=40)
@given(names=names, directory_url=hostile.map("https://acme.sectigo.com/{}".format))
def test_order_gets_the_names(names: tuple[str, ...], directory_url: str) -> None:
    rendered = render_recipe(RECIPE, setup_values(names=names, directory_url=directory_url))
    if rendered.refusals:
        return
    stand_ins = "uacme() { printf '%s\\0' \"$@\"; }; mkdir() { :; }; systemctl() { :; }\n"
    words = in_bash(stand_ins + text_of(rendered, "uacme-script"))
    assert words[:2] == ["-a", directory_url]
    assert words[words.index("issue") + 1 :] == list(names)
