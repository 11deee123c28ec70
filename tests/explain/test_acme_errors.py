"""The catalogue of error texts: complete, sourced, and recognised as people paste them."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from subscriptions.explain.acme_errors import Certainty, Wording, acme_errors, recognize, wordings
from subscriptions.explain.acme_errors.recognition import MAX_TEXT, flattened
from subscriptions.help import topic_by_slug
from subscriptions.recipes import recipe_by_slug

PASTED = Path(__file__).parents[1] / "data" / "pasted_errors.csv"
DOCS = Path(__file__).parents[2] / "docs" / "acme-errors.md"
RFC_8555_TYPES = (
    "accountDoesNotExist alreadyRevoked badCSR badNonce badPublicKey badRevocationReason badSignatureAlgorithm caa"
    " connection dns externalAccountRequired incorrectResponse invalidContact malformed orderNotReady rateLimited"
    " rejectedIdentifier serverInternal tls unauthorized unsupportedContact unsupportedIdentifier userActionRequired"
)
CLIENTS = (
    "certbot",
    "acme.sh",
    "lego",
    "Caddy",
    "Traefik",
    "cert-manager",
    "simple-acme and win-acme",
    "Posh-ACME",
    "Certify The Web",
    "dehydrated",
    "uacme",
    "Apache mod_md",
    "node acme-client",
    "Ansible",
    "Terraform provider acme",
    "NGINX ACME module",
)


HELP_SLUGS = sorted({error.help_slug for error in acme_errors().values()})


def code_of(text: str) -> str:
    """Give the code of the error that a text is about; empty where none is known."""
    recognition = recognize(text)
    return recognition.error.code if recognition else ""


# --- The catalogue ---


def test_every_error_leads_to_a_passage_of_the_help() -> None:
    pages = {slug: render_to_string(topic_by_slug(slug).template_name) for slug in HELP_SLUGS}
    errors = acme_errors().values()
    assert [error.code for error in errors if f'id="{error.help_anchor}"' not in pages[error.help_slug]] == []


def test_every_error_has_words_and_one_source_at_least() -> None:
    sourced = {wording.error.code for wording in wordings() if wording.source}
    assert set(acme_errors()) - sourced == set()


def test_what_an_error_names_is_there() -> None:
    errors = acme_errors()
    assert {code for error in errors.values() for code in error.over} <= set(errors)
    assert [recipe_by_slug(error.setup).slug for error in errors.values() if error.setup] == ["cert-manager"]


def test_texts_are_sentences_without_blame() -> None:
    for error in acme_errors().values():
        for text in (error.cause, error.cure):
            assert text.endswith("."), text
            assert not re.search(r"!|\bplease\b", text, re.IGNORECASE), text
        assert not error.title.endswith("."), error.title


def test_no_wording_stands_twice() -> None:
    counts = Counter(wording.words.lower() for wording in wordings())
    assert [words for words, number in counts.items() if number > 1] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_has_words_read_in_its_own_source(client: str) -> None:
    read = [wording for wording in wordings() if wording.client == client and wording.version]
    assert len(read) >= 3


@pytest.mark.parametrize("kind", RFC_8555_TYPES.split())
def test_every_type_of_rfc_8555_is_known(kind: str) -> None:
    assert code_of(f'{{"type": "urn:ietf:params:acme:error:{kind}", "status": 400}}')


def test_each_wording_is_recognised_as_its_own_error_or_a_surer_one() -> None:
    assert [wording.words for wording in wordings() if not is_found(wording)] == []


def is_found(wording: Wording) -> bool:
    """Whether a text of a wording alone is recognised by it, or by a surer one."""
    said = wording.words.replace("*", " x ").replace("<url>", "http://www.example.com/")
    recognition = recognize(f"certificate: {said}", for_staff=True)
    return recognition is not None and recognition.wording.certainty >= wording.certainty


# --- What is pasted ---

CAA = "CAA record for www.example.com prevents issuance"
FORMS = {
    "plain": CAA,
    "json": '{"type":"urn:ietf:params:acme:error:caa","detail":"CAA record for www.example.com prevents issuance"}',
    "colours": "\x1b[31mError\x1b[0m CAA record for \x1b[1mwww.example.com\x1b[0m prevents issuance",
    "escaped": '"error":"{\\"detail\\":\\"CAA record for www.example.com\\\\nprevents issuance\\"}"',
    "unicode": "\\u0022CAA record for www.example.com prevents\\u0020issuance\\u0022",
    "broken": "CAA record for\n    www.example.com\r\n\tprevents   issuance",
    "log": "[Tue  8 Oct 13:33:39 BST 2024] CAA record for www.example.com\n"
    "[Tue  8 Oct 13:33:39 BST 2024] prevents issuance",
    "syslog": "Nov 26 15:00:00 web1 certbot[123]: CAA record for www.example.com\n"
    "Nov 26 15:00:00 web1 certbot[123]: prevents issuance",
    "compose": "traefik  | CAA record for www.example.com\ntraefik  | prevents issuance",
    "quoted": "> CAA record for www.example.com\n> prevents issuance",
    "html": "CAA record for &quot;www.example.com&quot; prevents issuance",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_recognised_in_every_form(form: str) -> None:
    assert code_of(FORMS[form]) == "caa"


def test_the_surest_decides_and_others_stand_beside_it() -> None:
    text = f"Some challenges have failed. urn:ietf:params:acme:error:unauthorized {CAA}. Error: port EADDRINUSE"
    recognition = recognize(f"{text}; Invalid response from http://www.example.com/x: 404")
    assert recognition is not None
    assert recognition.error.code == "http-not-found"
    assert [error.code for error in recognition.besides] == ["caa", "port-taken"]


def test_what_the_catalogue_puts_over_another_decides_wherever_it_stands() -> None:
    text = "During secondary validation: 192.0.2.1: Fetching http://www.example.com/: Timeout during connect (likely"
    assert code_of(f"{text} firewall problem)") == "http-secondary"


def test_what_passes_decides_only_alone() -> None:
    nonce = "urn:ietf:params:acme:error:badNonce JWS has an invalid anti-replay nonce"
    assert code_of(nonce) == "nonce"
    assert code_of(f"Some challenges have failed. {nonce}") == "challenge-failed"


def test_a_status_elsewhere_in_the_answer_is_not_that_of_the_page() -> None:
    text = 'Invalid response from http://www.example.com/x [192.0.2.1]: 404", "status": 403'
    assert code_of(text) == "http-not-found"


def test_what_any_program_says_counts_only_beside_certificates() -> None:
    assert code_of("postgres: bind(): Address already in use") == ""
    assert code_of("certbot: bind(): Address already in use") == "port-taken"


def test_what_any_program_says_gives_way_to_what_a_client_says() -> None:
    assert code_of(f"{CAA}; listen EADDRINUSE") == "caa"


def test_the_admin_api_is_for_staff() -> None:
    text = "Incorrect login details, account is locked, password has expired, or your source IP is blocked!"
    assert recognize(text) is None
    recognition = recognize(text, for_staff=True)
    assert recognition is not None
    assert recognition.error.code == "admin-login"


@pytest.mark.parametrize("text", ["", "  \n ", "My printer is on fire", "x" * 1000])
def test_what_is_not_known_is_not_guessed(text: str) -> None:
    assert recognize(text) is None


@pytest.mark.parametrize(
    "part", ["\\", "\x1b]", "\x1b[", "[", " ", "1", "&amp;", "acme error ", 'certificate "', "DNS problem: "]
)
def test_a_long_text_of_anybody_is_read_in_one_pass(part: str) -> None:
    """Where a pattern began anew at each character, this would take minutes, and so would the page for everybody."""
    recognize((part * MAX_TEXT)[:MAX_TEXT], for_staff=False)


def test_of_a_long_text_the_end_is_read() -> None:
    assert code_of(CAA + "x " * MAX_TEXT) == ""
    assert code_of("x " * MAX_TEXT + CAA) == "caa"
    assert len(flattened("x" * 3 * MAX_TEXT)) == MAX_TEXT


# --- The yardstick ---


def test_as_many_of_the_collected_texts_are_recognised_as_the_documentation_says() -> None:
    with PASTED.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    errors = [row for row in rows if row["kind"] != "none"]
    others = [row for row in rows if row["kind"] == "none"]
    measured = re.search(r"\*\*(\d+) of (\d+)\*\* are recognised today", DOCS.read_text(encoding="utf-8"))
    assert measured, "docs/acme-errors.md says how many are recognised today"
    assert len(errors) == int(measured[2])
    assert sum(is_recognised(row["text"]) for row in errors) >= int(measured[1])
    assert [row["text"] for row in others if code_of(row["text"]) not in ("", "not-due")] == []


def is_recognised(text: str) -> bool:
    """Whether more is said of a text than which CA it is about."""
    recognition = recognize(text)
    return recognition is not None and recognition.wording.certainty > Certainty.ASIDE
