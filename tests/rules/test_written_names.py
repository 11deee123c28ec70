"""A name as people write it and its A-labels, and which of the two is read first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.names import normalise_name
from subscriptions.rules.written_names import looked_for, unicode_form, written, written_list


@pytest.mark.parametrize(
    ("name", "first", "other"),
    [
        ("example.com", "example.com", ""),
        ("*.xn--bcher-kva.example", "*.bücher.example", "*.xn--bcher-kva.example"),
        ("xn--r8jz45g.xn--zckzah", "例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--abc-ss4by22ycvb2w6i.jp", "日本語ーabc.jp", "xn--abc-ss4by22ycvb2w6i.jp"),  # written together
        ("xn--h1alffa9f.xn--p1ai", "россия.рф", "xn--h1alffa9f.xn--p1ai"),
        ("xn--9dbq2a.co.il", "קום.co.il", "xn--9dbq2a.co.il"),
        ("xn--fa-hia.de", "faß.de", "xn--fa-hia.de"),
        # What could be taken for another name, or is no name by IDNA 2008, is read in A-labels.
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com", "аррӏе.com"),  # twins of Latin letters only
        ("xn--pypal-4ve.com", "xn--pypal-4ve.com", "pаypal.com"),  # Latin and Cyrillic
        ("xn--80ak6aa92e.xn--bcher-kva.com", "xn--80ak6aa92e.xn--bcher-kva.com", "аррӏе.bücher.com"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws", "i❤.ws"),
        # What decodes to nothing that can be shown has one writing.
        ("xn--11b2ezcw70k.in", "xn--11b2ezcw70k.in", ""),  # a joiner that is not seen
        ("xn--zzzzzz999999.com", "xn--zzzzzz999999.com", ""),
        ("xn--.com", "xn--.com", ""),
    ],
)
def test_the_writings_of_a_name(name: str, first: str, other: str) -> None:
    assert (written(name).first, written(name).other) == (first, other)


def test_names_in_a_sentence_have_both_writings() -> None:
    told = written_list(["example.com", "xn--bcher-kva.example", "xn--pypal-4ve.com"])

    assert told == "example.com, bücher.example (xn--bcher-kva.example), xn--pypal-4ve.com (pаypal.com)"
    assert unicode_form("xn--pypal-4ve.com") == "pаypal.com"


@given(typed=st.text(alphabet="bücherßאבдж日本ー-", min_size=1, max_size=20))
def test_what_is_read_first_is_the_name_again_where_it_is_typed(typed: str) -> None:
    try:
        name = normalise_name(f"{typed}.com")
    except ValueError:
        return

    assert normalise_name(written(name).first) == name


@given(name=st.text(max_size=80))
def test_whatever_the_ca_lists_can_be_written(name: str) -> None:
    assert written(name).first in (name, written(name).other) or written(name).name == name


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("shop", "shop"),
        ("BÜCHER", "xn--bcher-kva"),
        ("shop.bücher.example", "shop.xn--bcher-kva.example"),
        ("xn--bch", "xn--bch"),
        ("❤", "❤"),
    ],
)
def test_a_search_finds_what_people_write(typed: str, wanted: str) -> None:
    assert looked_for(typed) == wanted
