"""Every look has words: of each code a sentence, and where something is to be done the next step."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from subscriptions.explain.preflight import TOPIC_WORDS, WORDS, words_of
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic

HARMLESS = {
    results.OFF,
    results.NO_ANSWER,
    results.UNREADABLE,
    results.NOT_VALIDATING,
    results.NOTHING_TO_REACH,
    results.SERVED_NOTHING,
}


def test_every_code_has_words_and_every_topic_a_name() -> None:
    assert set(WORDS) == results.CODES
    assert set(TOPIC_WORDS) == set(Topic)


@pytest.mark.parametrize("code", sorted(results.CODES))
def test_words_are_whole_sentences_with_and_without_facts(code: str) -> None:
    words = words_of(Look(Topic.DNS, Outcome.PROBLEM, code))
    for text in filter(None, (words.text, words.step)):
        assert re.fullmatch(r"[A-Z_–].*[.:]", text), text
        assert "{" not in text
        assert not re.search(r"\bplease\b|!", text, re.IGNORECASE)


def documented() -> dict[str, str]:
    """What `preflight/results.py` says below each code."""
    body = ast.parse(Path(results.__file__).read_text()).body
    below = pairwise(body)
    return {
        str(ast.literal_eval(code.value)): str(ast.literal_eval(text.value))
        for code, text in below
        if isinstance(code, ast.Assign) and isinstance(code.value, ast.Constant) and isinstance(text, ast.Expr)
    }


@pytest.mark.parametrize("code", sorted(results.CODES))
def test_a_sentence_names_only_facts_that_its_code_has(code: str) -> None:
    like = {results.SERVED_EXPIRED: results.SERVED, results.CAA_LIMITED: results.CAA_ALLOWS}
    said = documented()[code] + documented().get(like.get(code, ""), "")
    assert [fact for fact in re.findall(r"{(\w+)}", "".join(WORDS[code])) if f"`{fact}`" not in said] == []


@pytest.mark.parametrize("code", sorted(results.CODES - HARMLESS))
def test_nothing_is_to_be_done_about_what_is_fine(code: str) -> None:
    assert words_of(Look(Topic.DNS, Outcome.FINE, code)).step == ""


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        (results.ADDRESSES, {"addresses": ["192.0.2.1", "2001:db8::1"]}, "The name leads to 192.0.2.1, 2001:db8::1."),
        (
            results.HTTP_SILENT,
            {"addresses": [{"address": "192.0.2.1", "why": "timed_out"}]},
            "Port 80 does not answer on 192.0.2.1 (no answer in time).",
        ),
        (
            results.LAME,
            {"zone": "example.com", "servers": [{"server": "ns1.example.com", "why": "REFUSED"}]},
            "Name servers of example.com do not answer for it: ns1.example.com (REFUSED).",
        ),
        (
            results.SERIALS_DIFFER,
            {"zone": "example.com", "serials": {"ns1": 7, "ns2": 8}},
            "The name servers of example.com hold different versions of it: ns1: 7, ns2: 8.",
        ),
        (
            results.CAA_FORBIDS,
            {"at": "example.com", "allowed": ["letsencrypt.org"], "tag": "issue", "wanted": ["sectigo.com", "x.com"]},
            "The CAA records at example.com allow letsencrypt.org only.",
        ),
        (
            results.SERVED,
            {"valid_until": "2026-12-24T10:00:00+00:00"},
            "Port 443 serves a certificate for the name, valid until 2026-12-24.",
        ),
        (results.ADDRESSES, {"addresses": list("abcdef")}, "The name leads to a, b, c, d and 2 more."),
    ],
)
def test_facts_stand_in_the_sentence(code: str, facts: dict[str, object], said: str) -> None:
    assert words_of(Look(Topic.DNS, Outcome.PROBLEM, code, facts)).text == said


def test_the_record_to_add_is_written_out() -> None:
    facts = {"at": "example.com", "tag": "issuewild", "wanted": ["comodo.com", "sectigo.com"]}
    step = words_of(Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS, facts)).step
    assert step == 'Add a CAA record for this CA at example.com: 0 issuewild "sectigo.com".'


def test_what_a_stranger_answers_breaks_no_sentence() -> None:
    facts = {"detail": "{evil} {0.__class__}", "zone": "{zone}"}
    text = words_of(Look(Topic.DNSSEC, Outcome.PROBLEM, results.BROKEN, facts)).text
    assert text == "The domain’s DNSSEC is broken: {evil} {0.__class__}."


def test_a_code_of_tomorrow_is_shown_as_it_is() -> None:
    assert words_of(Look(Topic.DNS, Outcome.UNKNOWN, "no_such_code")).text == "no_such_code"


def test_an_address_inside_is_not_shown_behind_an_alias() -> None:
    facts = {"addresses": ["10.1.2.3"], "public": [], "chain": ["intranet.corp.example"]}
    look = Look(Topic.DNS, Outcome.PROBLEM, results.NOT_PUBLIC, facts)
    text = "The name leads to an address that is not public, which cannot be reached from the internet."
    assert words_of(look).text == text
    assert "10.1.2.3" in words_of(Look(Topic.DNS, Outcome.PROBLEM, results.NOT_PUBLIC, {**facts, "chain": []})).text
