import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.caas.names import domain_name

LABELS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
NAMES = st.text() | st.lists(LABELS, min_size=1, max_size=5).map(".".join)
DOTS = st.sampled_from([".", "\u3002", "\uff0e", "\uff61"])
LETTERS = st.sampled_from("abcxyzABCXYZ019-.ΑΣΩασςωéÉßẞüÜœıİ中文дД\u3002\uff0e\uff61\uff21\uff58\u00ad")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Domain.COM.", "domain.com"),
        ("shop.example.net\u3002", "shop.example.net"),
        ("shop\uff0eexample\uff61net\uff0e\uff61", "shop.example.net"),
        ("shop.example.net..", "shop.example.net"),
        (" domain.com . ", "domain.com"),
        ("ΟΔΟΣ-ΑΘΗΝΑ.gr", "xn----zlbajrf0bkb4b.gr"),
        ("οδοσ-αθηνα.gr", "xn----zlbajrf0bkb4b.gr"),
        ("straße.example", "xn--strae-oqa.example"),
        ("M\u00fcller.example", "xn--mller-kva.example"),
        ("Mu\u0308ller.example", "xn--mller-kva.example"),
        ("\uff4d\uff0ecom", "m.com"),
        ("*.M\u00fcller.example", "*.xn--mller-kva.example"),
        ("\uff0a.domain.com", "*.domain.com"),
        ("XN--MLLER-KVA.example", "xn--mller-kva.example"),
        ("xn--i-7iq.WS", "xn--i-7iq.ws"),
        ("I\u2764.ws", "xn--i-7iq.ws"),
        ("_acme.Domain.com", "_acme.domain.com"),
        ("\u00fc..example", "xn--tda..example"),
        ("do\u00admain.com", "domain.com"),
        ("A\ufffd.\u00dc.example", "a\ufffd.\u00dc.example"),
        ("", ""),
        (".\u3002", ""),
    ],
)
def test_one_form_for_one_name(text: str, name: str) -> None:
    assert domain_name(text) == name


@given(text=NAMES | st.text(LETTERS, max_size=80) | st.text(LETTERS, min_size=200))
def test_the_form_is_a_fixed_point_without_a_final_dot(text: str) -> None:
    name = domain_name(text)
    assert domain_name(name) == name
    assert not name.endswith((".", "\u3002", "\uff0e", "\uff61"))


@given(text=st.text(LETTERS, min_size=1, max_size=40), ends=st.lists(DOTS, max_size=3))
def test_all_writings_of_a_name_have_its_form(text: str, ends: list[str]) -> None:
    try:
        expected = idna.encode(text.rstrip(".\u3002\uff0e\uff61"), uts46=True).decode().rstrip(".")
    except idna.IDNAError:
        return
    assert domain_name(text + "".join(ends)) == expected
    assert domain_name(idna.uts46_remap(text, std3_rules=False)) == expected
    assert domain_name(idna.decode(expected, uts46=True)) == expected
