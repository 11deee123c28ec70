"""What a typed name becomes, and what is refused with which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules.names import (
    NameProblem,
    check_names,
    covering_wildcard,
    normalise_name,
    quoting_order,
    split_names,
)

LABEL_63 = "a" * 63
# Lengths of whole names: three labels of 63, and what is left of 253 or 254 characters.
NAME_253 = ".".join([LABEL_63] * 3 + ["b" * (253 - 3 * 64 - 4), "com"])
NAME_254 = ".".join([LABEL_63] * 3 + ["b" * (254 - 3 * 64 - 4), "com"])


def test_the_lengths_are_what_they_are_called() -> None:
    assert (len(NAME_253), len(NAME_254)) == (253, 254)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("example.com", "example.com"),
        ("  WWW.Example.COM ", "www.example.com"),
        ("example.com.", "example.com"),
        ("*.example.com.", "*.example.com"),
        ("*.Example.com", "*.example.com"),
        ("https://www.example.com/shop?a=1#top", "www.example.com"),
        ("http://user:secret@example.com:8443/", "example.com"),
        ("example.com/path", "example.com"),
        ("example.com:443", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("*.bücher.example", "*.xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("www.example.co.uk", "www.example.co.uk"),
        (f"{LABEL_63}.com", f"{LABEL_63}.com"),
        (NAME_253, NAME_253),
        (f"*.{NAME_253}", f"*.{NAME_253}"),
    ],
)
def test_it_is_read_as_a_name(typed: str, name: str) -> None:
    assert normalise_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "There is no domain name in this."),
        (".", "There is no domain name in this."),
        ("localhost", "at least two labels"),
        ("com", "at least two labels"),
        ("co.uk", "co.uk belongs to a registry"),
        ("*.co.uk", r"\*\.co\.uk belongs to a registry"),
        ("*.com", "at least two labels"),
        ("a.*.example.com", "one asterisk in front"),
        ("*.*.example.com", "one asterisk in front"),
        ("*example.com", "one asterisk in front"),
        ("www*.example.com", "one asterisk in front"),
        ("a..example.com", "empty label"),
        (".example.com", "empty label"),
        ("a_b.example.com", "underscore"),
        ("someone@example.com", "e-mail address"),
        ("192.0.2.1", "IP address"),
        ("192.0.2.1:443", "IP address"),
        ("[2001:db8::1]", "IP address"),
        ("2001:db8::1", "IP address"),
        ("https://[2001:db8::1]/", "IP address"),
        ("https://[2001:db8/", "cannot be read"),
        ("-a.example.com", "character that is not allowed"),
        ("a-.example.com", "character that is not allowed"),
        ("a!b.example.com", "character that is not allowed"),
        (f"a{LABEL_63}.com", "longer than the 63 characters"),
        (NAME_254, "longer than the 253 characters"),
        (f"*.{NAME_254}", "longer than the 253 characters"),
    ],
)
def test_it_is_refused_with_the_reason(typed: str, words: str) -> None:
    with pytest.raises(NameProblem, match=words):
        normalise_name(typed)


@given(st.text(max_size=80))
def test_a_name_that_was_read_is_read_as_itself(typed: str) -> None:
    try:
        name = normalise_name(typed)
    except NameProblem:
        return
    assert normalise_name(name) == name
    assert name.isascii()
    assert name == name.lower()


def test_names_are_split_at_lines_blanks_commas_and_semicolons() -> None:
    assert split_names(" a.com\r\nb.com, c.com;d.com\td.com\n\n") == ["a.com", "b.com", "c.com", "d.com", "d.com"]


def test_each_name_is_checked_against_the_others_and_what_is_there() -> None:
    typed = ["new.com", "NEW.com.", "there.com", "coming.com", "co.uk"]
    checked = check_names(typed, present=["there.com"], pending=["coming.com"])
    assert [(one.name, one.problem, one.note) for one in checked] == [
        ("new.com", "", ""),
        ("new.com", "Listed twice.", ""),
        ("there.com", "Already in this subscription.", ""),
        ("coming.com", "Already being added to this subscription.", ""),
        ("", "co.uk belongs to a registry, not to one owner: no certificate can be had for it.", ""),
    ]


def test_what_was_corrected_is_said() -> None:
    (checked,) = check_names(["HTTPS://Example.com/"])
    assert (checked.typed, checked.name, checked.note) == (
        "HTTPS://Example.com/",
        "example.com",
        "Read as example.com.",
    )


def test_wildcards_are_quoted_first_and_short_names_before_long_ones() -> None:
    names = ["www.example.com", "example.com", "*.a.example.com", "*.example.com"]
    assert quoting_order(names) == ["*.example.com", "*.a.example.com", "example.com", "www.example.com"]


@pytest.mark.parametrize(
    ("name", "wildcard"),
    [
        ("www.example.com", "*.example.com"),
        ("example.com", ""),
        ("a.b.example.com", ""),
        ("*.example.com", ""),
        ("*.b.example.com", ""),
        ("www.example.org", ""),
        ("xexample.com", ""),
    ],
)
def test_a_wildcard_covers_one_label(name: str, wildcard: str) -> None:
    assert covering_wildcard(name, {"*.example.com", "www.example.org", "example.com"}) == wildcard
