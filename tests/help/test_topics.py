"""What every topic promises."""

import re

import pytest
from django.urls import resolve, reverse

from subscriptions.help import TOPICS, Topic, topic_by_slug
from subscriptions.help.passages import passages_of

from .reading import HELP, html_of, ids_in, links_in

all_topics = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.slug)


def text_of(topic: Topic) -> str:
    return " ".join(passage.text for passage in passages_of(html_of(topic)))


def test_each_topic_has_an_address_of_its_own() -> None:
    assert len({topic.slug for topic in TOPICS}) == len(TOPICS)
    assert len({topic.title for topic in TOPICS}) == len(TOPICS)


def test_an_unknown_slug_is_no_topic() -> None:
    with pytest.raises(KeyError):
        topic_by_slug("no-such-topic")


@all_topics
def test_it_explains_its_terms(topic: Topic) -> None:
    text = text_of(topic).lower()

    assert [term for term in topic.terms if term.lower() not in text] == []


@all_topics
def test_its_links_lead_somewhere(topic: Topic) -> None:
    own = ids_in(html_of(topic))

    for address in links_in(html_of(topic)):
        path, _, section = address.partition("#")
        if path:
            assert resolve(path).view_name == "subscriptions:help-topic"
        assert section in ["", *(ids_in(html_of(topic_at(path))) if path else own)], address


def topic_at(path: str) -> Topic:
    return topic_by_slug(path.removeprefix(HELP).strip("/"))


@all_topics
def test_its_ids_are_its_own(topic: Topic) -> None:
    found = ids_in(html_of(topic))

    assert sorted(found) == sorted(set(found))
    assert not {"content", "announcements", "sidebar"} & set(found)  # those of every page


@all_topics
def test_every_heading_can_be_linked_to(topic: Topic) -> None:
    assert re.findall(r"<h[1-6](?! id=)", html_of(topic)) == []


@all_topics
def test_it_is_short_and_plain(topic: Topic) -> None:
    """The portal's tone; what clients say in their own words stands in `<code>`."""
    words = re.sub(r"<code>.*?</code>", "", html_of(topic), flags=re.DOTALL)
    text = f"{topic.title} {topic.summary} " + " ".join(passage.text for passage in passages_of(words))

    assert re.findall(r"!|—|\bplease\b|\bsimply\b|\bjust\b|\beasily\b|\bseamless", text, flags=re.IGNORECASE) == []
    assert len(text.split()) < 800


def test_the_vendors_own_names_stay_out() -> None:
    assert [topic.slug for topic in TOPICS if "b64url" in html_of(topic) or "Anchor" in html_of(topic)] == []


@pytest.mark.parametrize(
    ("slug", "line"),
    [
        ("eab", "Do not add /directory or anything else to it."),
        ("eab", "lego 4 at every call, and NGINX's ACME module (0.4.1) in its configuration for as long as it renews."),
        ("renewal", "by NGINX's ACME module, whose line external_account_key stays."),
        ("challenges", "the IPv4 ones (A record) and the IPv6 ones (AAAA record)"),
        ("challenges", "point a CNAME from _acme-challenge.example.com to a name in another zone"),
        ("challenges", "port 443 of the ACME server URL's host, and of ari.sectigo.com"),
        ("glossary", "These certificates are for servers: do not use them so."),
        ("wildcards", "*.example.com does not contain example.com."),
        ("renewal", "With a twelfth of the lifetime left."),
        ("ov", "Company or city in the client's own request (CSR) are ignored by the CA."),
        ("term", "from 99 days before its expiry to 29 days after it, by 1, 2 or 3 years each time"),
        ("term", "One issued on the last day of the term lives its full time."),
        ("errors", 'The request must include a value for the "externalAccountBinding" field'),
        ("errors", "[External Account Binding] The Key Identifier was not recognized"),
        ("errors", "[External Account Binding] The account is not awaiting external account binding"),
        ("errors", "[External Account Binding] Invalid MAC on JWS request"),
        ("errors", "Invalid ACME server URL"),
        ("errors", '0 issue "sectigo.com"'),
        ("errors", "ERROR: Order in status invalid"),
        ("errors", "the field 'kid' references a key that is not known to the ACME server"),
        ("errors", "external account binding JWS verification error"),
    ],
)
def test_what_must_not_be_missing(slug: str, line: str) -> None:
    assert line in text_of(topic_by_slug(slug))


def test_pages_about_the_help_know_where_it_is() -> None:
    assert reverse("subscriptions:help-topic", args=["eab"]) == f"{HELP}eab/"
