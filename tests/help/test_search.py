"""The search over the topics' text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.help import TOPICS, Found, search
from subscriptions.help.passages import passages_of

from .reading import html_of, ids_in


def slugs(query: str) -> list[str]:
    return [found.topic.slug for found in search(query)]


def first(query: str) -> Found:
    return search(query)[0]


def shown(found: Found) -> str:
    return "".join(text for text, _ in found.pieces)


def test_the_matching_sentence_is_shown_with_its_place() -> None:
    found = first("port needed RENEWAL")

    assert (found.topic.slug, found.anchor) == ("challenges", "port-80")
    assert found.pieces == (
        ("It is ", False),
        ("needed", True),
        (" at each ", False),
        ("renewal", True),
        (" too, not only at the first order.", False),
    )


def test_all_words_must_occur() -> None:
    assert "eab" in slugs("base64url")
    assert slugs("base64url zzz") == []


def test_a_title_goes_before_a_text() -> None:
    assert slugs("wildcard names")[0] == "wildcards"
    assert slugs("organization")[0] == "ov"


def test_a_sentence_goes_before_a_heading() -> None:
    found = first("rejectedIdentifier whole order")

    assert (found.topic.slug, found.anchor) == ("errors", "rejectedidentifier")
    assert shown(found) == "A name of the order is not in your subscription; one such name refuses the whole order."


def test_words_of_the_summary_alone_show_the_summary() -> None:
    found = first("which goes where")

    assert (found.topic.slug, found.anchor, shown(found)) == ("eab", "", found.topic.summary)


@pytest.mark.parametrize(
    ("message", "anchor"),
    [
        ("urn:ietf:params:acme:error:rejectedIdentifier", ""),
        ('The request must include a value for the "externalAccountBinding" field', "externalaccountrequired"),
        ("“[External Account Binding] The Key Identifier was not recognized”,", "key-id"),
        ("the field 'kid' references a key that is not known to the ACME server", "key-id"),
        ("AttributeError: can’t set attribute", "rejectedidentifier"),
        ("The account has been deactivated.", "unauthorized"),
        ("CAA record", "caa"),
        ("[External Account Binding] Invalid MAC on JWS request", "hmac-key"),
        ("Invalid MAC on JWS request", "hmac-key"),
        ("The account is not awaiting external account binding", "used"),
        ("Invalid ACME server URL", "server-url"),
        ("Terms of service have changed", "terms"),
        ("urn:ietf:params:acme:error:userActionRequired", "terms"),
        (
            '{"type":"urn:ietf:params:acme:error:malformed","detail":"Invalid MAC on JWS request","status":400}',
            "hmac-key",
        ),
        ("invalidContact", "contact"),
        ("serverInternal", "server-internal"),
    ],
)
def test_a_message_can_be_pasted(message: str, anchor: str) -> None:
    assert anchor in [found.anchor for found in search(message) if found.topic.slug == "errors"]


@pytest.mark.parametrize(
    ("query", "slug", "anchor"),
    [
        ("ari.sectigo.com", "challenges", "firewall"),
        ("full chain", "serving", "full-chain"),
        ("unable to get local issuer certificate", "serving", "full-chain"),
        ("clientAuth", "serving", "mutual-tls"),
        ("keyCompromise", "keys", "leaked"),
        ('0 issue "sectigo.com"', "errors", "caa"),
    ],
)
def test_what_people_look_for_is_found(query: str, slug: str, anchor: str) -> None:
    assert (slug, anchor) in [(found.topic.slug, found.anchor) for found in search(query)]


@pytest.mark.parametrize(
    ("slug", "source"),
    [
        ("challenges", "Sectigo's certificate policy, 3.2.2.6"),
        ("errors", "Sectigo's certificate policy, 4.2.4"),
        ("errors", "cert-manager issues 4446 and 4533"),
        ("serving", "Source: Sectigo's certificate policy (TLS CP/CPS 6.2.5"),
        ("keys", "Sectigo's certificate policy, 1.5.2"),
        ("renewal", "Sectigo's certificate policy, 6.3.2"),
    ],
)
def test_statements_about_the_ca_have_their_source(slug: str, source: str) -> None:
    (topic,) = [topic for topic in TOPICS if topic.slug == slug]
    assert source in " ".join(passage.text for passage in passages_of(html_of(topic)))


@pytest.mark.parametrize("query", ["", "  ", "?", '" " .'])
def test_without_a_word_everything_is_found(query: str) -> None:
    assert [(found.topic.slug, shown(found)) for found in search(query)] == [
        (topic.slug, topic.summary) for topic in TOPICS
    ]


TEXTS = [passage.text for topic in TOPICS for passage in passages_of(html_of(topic))]
piece_of_text = st.sampled_from(TEXTS).flatmap(
    lambda text: st.integers(0, len(text)).map(lambda start: text[start : start + 40])
)


@settings(max_examples=40)
@given(query=st.one_of(st.text(max_size=30), piece_of_text))
def test_whatever_is_searched_for(query: str) -> None:
    for found in search(query):
        texts = [found.topic.summary, *(passage.text for passage in passages_of(html_of(found.topic)))]
        assert any(shown(found) in text for text in texts)
        assert found.anchor in ["", *ids_in(html_of(found.topic))]


@settings(max_examples=40)
@given(query=piece_of_text)
def test_a_piece_of_a_topic_is_found(query: str) -> None:
    assert search(query)
