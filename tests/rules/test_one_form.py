"""A name has one form, however it is written, here and where the CA is talked to."""

import idna
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.caas.names import domain_name
from subscriptions.rules.names import normalise_name
from subscriptions.rules.writings import NameProblem
from tests.rules.name_strategies import u_names, writings

ODD = "\u200c\u200d\u00ad\u200b\u200e\u202e\ufeffßςΣσİıſKǺﬁ①☕❤️・·़ּ।"
TEXTS = st.text(max_size=20) | st.text("aAbZ09-.*。．｡ＡＺ" + ODD, max_size=12)


@given(TEXTS | TEXTS.map("{}.com".format) | TEXTS.map("xn--{}.com".format) | TEXTS.map("*.{}.co.uk".format))
@settings(max_examples=500)
def test_what_is_taken_is_taken_as_itself(typed: str) -> None:
    try:
        name = normalise_name(typed)
    except NameProblem:
        return
    assert normalise_name(name) == name
    assert name.isascii()
    assert name == name.lower()
    assert not name.endswith(".")
    assert domain_name(name) == name


@given(st.data())
@settings(max_examples=500)
def test_every_writing_is_the_same_name(data: st.DataObject) -> None:
    name = data.draw(u_names())
    wildcard = "*." if name.startswith("*.") else ""
    expected = wildcard + idna.encode(name.removeprefix("*.")).decode()

    writing = data.draw(writings(name))

    assert normalise_name(writing) == expected


@given(st.data())
@settings(max_examples=500)
def test_the_ca_is_sent_and_read_in_the_same_form(data: st.DataObject) -> None:
    writing = data.draw(u_names().flatmap(writings))

    assert domain_name(writing) == normalise_name(writing)
