"""No error, log line or piece of evidence holds the password or a MAC key, whatever the CA writes back."""

import json
import logging
import pickle
import traceback
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.caas.errors import CaasError
from subscriptions.caas.evidence import BODY_LIMIT, Redactor
from subscriptions.caas.types import PreregisteredAccount, Secret

from .scripted_ca import LOGIN_PASSWORD, UNAUTHORIZED, reply, scripted, yes
from .test_refusals import BY_KEYWORD, DOCUMENTED

MAC_KEY = "ghM4321abc_D8765xyZ"
SPELLINGS = [
    LOGIN_PASSWORD,
    quote(LOGIN_PASSWORD),
    quote_plus(LOGIN_PASSWORD),
    LOGIN_PASSWORD.replace("&", "&amp;"),
]
ECHO = {
    "Accounts": [{"eabMACKeyb64url": MAC_KEY, "EABMACKEYB64URL": MAC_KEY, "deep": [{"eabMacKeyB64Url": [MAC_KEY]}]}],
    "request": {"loginPassword": LOGIN_PASSWORD, "LOGINPASSWORD": LOGIN_PASSWORD, LOGIN_PASSWORD: 1},
    "notes": [f"login with {spelling}!" for spelling in SPELLINGS],
}
PAGE = f"<html>loginPassword={quote_plus(LOGIN_PASSWORD)}&amp; <p>{' '.join(SPELLINGS)} eabMACKeyb64url: {MAC_KEY}"
CUT = json.dumps(ECHO)[:-20]
FAILED = f"illegal status line: {SPELLINGS} eabMACKeyb64url={MAC_KEY}"

ANSWERS: dict[str, httpx.Response | Exception] = {
    "refused": reply({"type": UNAUTHORIZED, "detail": f"What is {LOGIN_PASSWORD}?", **ECHO}, 403),
    "login refused": reply(ECHO, 401),
    "login refused in HTML": reply(PAGE, 401),
    "rate limited": reply(ECHO, 429),
    "insufficient funds": reply({"type": UNAUTHORIZED, "detail": f"Funds {LOGIN_PASSWORD}", **ECHO}, 403),
    "success denied": reply({"success": False, "detail": LOGIN_PASSWORD, **ECHO}),
    "server error": reply(ECHO, 500),
    "server error in HTML": reply(PAGE, 500),
    "cut short": reply(CUT),
    "not an object": reply([ECHO]),
    "unreadable": reply(ECHO),
    "protocol error": httpx.RemoteProtocolError(FAILED),
    "no connection": httpx.ConnectError(FAILED),
}


def everything_shown(error: CaasError) -> str:
    chain = [error, error.__cause__, error.__context__]
    assert chain == [error, None, None]
    shown = [str(error), repr(error), repr(vars(error)), json.dumps(error.evidence)]
    return "\n".join([*shown, *traceback.format_exception(error)])


def assert_clean(text: str) -> None:
    assert MAC_KEY not in text
    for spelling in SPELLINGS:
        assert spelling not in text


@pytest.mark.parametrize(("method", "look"), [("add_domain", {"last_look": yes}), ("quote_domain", {})])
@pytest.mark.parametrize("name", ANSWERS)
def test_no_error_shows_a_secret(
    name: str, method: str, look: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger)
    answer = ANSWERS[name]
    if isinstance(answer, httpx.Response):
        answer = httpx.Response(answer.status_code, content=answer.content)
    with scripted(answer) as (client, _), pytest.raises(CaasError) as caught:
        getattr(client, method)(acme_account_id="A1", name="domain.com", **look)
    assert_clean(everything_shown(caught.value))
    assert_clean(caplog.text)
    assert caught.value.evidence["action"] == "ADDDOMAIN"
    assert "HTTP Request: POST" in caplog.text or isinstance(answer, Exception)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_error_survives_a_pickle(name: str) -> None:
    answer = ANSWERS[name]
    if isinstance(answer, httpx.Response):
        answer = httpx.Response(answer.status_code, content=answer.content)
    with scripted(answer) as (client, _), pytest.raises(CaasError) as caught:
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made here
    assert type(copy) is type(caught.value)
    assert (str(copy), vars(copy)) == (str(caught.value), vars(caught.value))


def test_a_new_account_shows_its_key_to_who_asks_only() -> None:
    entry = {"acmeAccountID": "A", "eabMACIDb64url": "K", "eabMACKeyb64url": MAC_KEY}
    with scripted(reply({"Accounts": [entry]})) as (client, _):
        made = client.preregister(directory_url="https://acme.example/v2/DV", years=1, last_look=yes)
    assert made.eab_hmac_key.reveal() == MAC_KEY
    for text in (repr(made), str(made), f"{made}", json.dumps(made.evidence), f"{made.eab_hmac_key}"):
        assert_clean(text)


def test_a_secret() -> None:
    secret = Secret("x1")
    assert (repr(secret), str(secret), f"{secret}") == ("Secret('***')",) * 3
    assert secret == Secret("x1")
    assert hash(secret) == hash(Secret("x1"))
    assert secret != Secret("x2")
    assert secret != "x1"
    assert not hasattr(secret, "__dict__")


def test_a_copy_by_field_keeps_the_wrapper() -> None:

    made = PreregisteredAccount("A", "pending", "K", Secret(MAC_KEY))
    assert asdict(made)["eab_hmac_key"] == Secret(MAC_KEY)
    assert_clean(repr(asdict(made)))


def test_evidence_is_cut_after_it_has_been_redacted() -> None:
    body = ("x" * (BODY_LIMIT - 5) + LOGIN_PASSWORD).encode()
    excerpt = Redactor(LOGIN_PASSWORD).excerpt(body)
    assert excerpt == "x" * (BODY_LIMIT - 5) + "[reda"


@pytest.mark.parametrize("cut", range(1, 42))
def test_a_body_cut_anywhere_shows_no_key(cut: int) -> None:
    excerpt = Redactor(LOGIN_PASSWORD).excerpt(json.dumps({"eabMACKeyb64url": MAC_KEY})[:cut].encode())
    assert MAC_KEY[:4] not in excerpt


def test_an_empty_password_redacts_nothing() -> None:
    assert Redactor("").text("as it is") == "as it is"


def test_what_a_database_cannot_store_is_replaced() -> None:
    body = rb'{"a\u0000": "\ud800x\u0000", "b": "\u00e9"}'
    assert Redactor("pw").excerpt(body) == '{"a\ufffd": "?x\ufffd", "b": "\u00e9"}'


def shown_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in shown_in(item))]
    if isinstance(value, list):
        return [text for item in value for text in shown_in(item)]
    return [value] if isinstance(value, str) else []


PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=8).filter(
    lambda text: text not in "[redacted]"
)


@given(data=st.data(), password=PASSWORDS)
def test_a_password_anywhere_in_a_reply_is_found(data: st.DataObject, password: str) -> None:
    texts = st.sampled_from([password, f"a {password} b", password * 2, "plain"])
    body = data.draw(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=9))
    redacted = Redactor(password).value(body)
    assert not [text for text in shown_in(redacted) if password in text.replace("[redacted]", "\x00")]
    excerpt = Redactor(password).excerpt(json.dumps(body).encode())
    assert json.loads(excerpt) == redacted if len(excerpt) < BODY_LIMIT else True


SENTENCES = [
    *(row[2] for row in DOCUMENTED),
    *(row[0] for row in BY_KEYWORD),
    "The 'acmeAccountID' argument is missing!",
    "'days' is an unrecognized argument!",
    "The Tier 1 (parent) account failed to process a debit; please contact support.",
]
SHORT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=7)


@st.composite
def parts_of_a_sentence(draw: st.DrawFn) -> tuple[str, str]:
    sentence = draw(st.sampled_from(SENTENCES))
    start = draw(st.integers(0, len(sentence) - 1))
    return sentence, sentence[start : start + draw(st.integers(1, 7))]


@given(sample=parts_of_a_sentence() | st.tuples(st.sampled_from(SENTENCES), SHORT))
def test_what_the_ca_says_can_be_read_whatever_a_short_password_is(sample: tuple[str, str]) -> None:
    sentence, password = sample
    assert Redactor(password).text(sentence) == sentence
    assert Redactor(password).value({"detail": sentence}) == {"detail": sentence}


def test_the_reason_of_a_401_is_not_mangled_by_a_short_password() -> None:
    body = reply({"type": UNAUTHORIZED, "detail": DOCUMENTED[4][2]}, 401)
    with scripted(body, login_password="xpir") as (client, _), pytest.raises(CaasError) as caught:
        client.list_servers()
    assert "password has expired" in str(caught.value)
    assert "password has expired" in caught.value.evidence["body"]


@pytest.mark.parametrize("password", ["pw", "pw1", "expired", "a1b2c3", "p&w", "12", "\u00e9"])
@pytest.mark.parametrize(
    "text",
    [
        "{0}",
        "login={0}",
        "login={0}&action=LISTSERVERS",
        "northwind:{0}@ca.example",
        "The value '{0}' is wrong",
        'The value "{0}" is wrong',
        "<b>{0}</b>",
    ],
)
def test_a_short_password_that_stands_alone_is_redacted(password: str, text: str) -> None:
    assert Redactor(password).text(text.format(password)) == text.format("[redacted]")


def test_a_short_password_that_is_no_word_is_redacted_in_a_sentence() -> None:
    assert Redactor("a1b2c3").text("Who is a1b2c3?") == "Who is [redacted]?"
    assert Redactor("a1b2c3").text("Who is a1b2c3d?") == "Who is a1b2c3d?"


@given(password=SHORT.filter(bool))
def test_a_short_password_is_redacted_by_the_name_of_its_field(password: str) -> None:
    assert Redactor(password).value({"loginPassword": password}) == {"loginPassword": "[redacted]"}
