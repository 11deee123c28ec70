"""Lists are read as people paste them, and nothing that is no name is made one."""

import time

import idna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.rules.name_lists import TypedName, split_names, typed_names
from subscriptions.rules.names import check_names
from tests.rules.name_strategies import u_names, writings

SEPARATORS = (
    *("\n", "\r\n", "\r", "\n\n", "\t", " ", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"),
    *(",", ", ", ";", " ; ", "|", "，", "、", "；", "،", "؛", " - ", " / ", " & ", "\n- ", "\n• ", "\n* ", " • "),
    *("\n1. ", "\n2) ", "\n(3) ", "\n- [ ] ", "\n[x] ", ",\n", "\\n", "<br>", "\ufeff\n", "\u200b\n\u200b"),
)
LABELS = (
    *("", "", "", "DNS:", "DNS Name=", "dNSName: ", "CN=", "CN = ", "https://", "http:", "//", "URI:https://"),
    *("ドメイン：", "Domaine :"),
)
WRAPPERS = (
    *("", "", '""', "''", "“”", "„“", "«»", "‘’", "‚‘", "「」", "『』", "()", "[]", "{}", "<>", "（）", "【】"),
    "\u2066\u2069",
)
TAILS = ("", "", "", "/", "/shop?a=1#top", ":443", "\u200e")


@st.composite
def pastes(draw: st.DrawFn) -> tuple[list[str], str]:
    """Some names and a text that holds them."""
    names = draw(st.lists(u_names(), min_size=1, max_size=8))
    separators = [draw(st.sampled_from(SEPARATORS)) for _ in names]
    text = draw(st.sampled_from(["", "\ufeff", "- ", "1. ", "  ", "\n", "* "]))
    for name, separator in zip(names, separators, strict=True):
        inner = draw(st.sampled_from(LABELS)) + draw(writings(name)) + draw(st.sampled_from(TAILS))
        around = draw(st.sampled_from(WRAPPERS))
        text += around[:1] + inner + around[1:] + separator
    return names, text


def in_a_labels(name: str) -> str:
    return ("*." if name.startswith("*.") else "") + idna.encode(name.removeprefix("*.")).decode()


def read(text: str) -> list[str]:
    return [one.problem or one.name for one in check_names(split_names(text))]


@given(pastes())
@settings(max_examples=500)
def test_a_paste_gives_exactly_its_names(paste: tuple[list[str], str]) -> None:
    names, text = paste
    assert read(text) == list(map(in_a_labels, names))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("subjectAltName=DNS:a.com,DNS:*.b.com", ["a.com", "*.b.com"]),
        ("X509v3 Subject Alternative Name: \n    DNS:a.com, DNS:b.com", ["a.com", "b.com"]),
        ("DNS.1 = a.com\nDNS.2 = b.com", ["a.com", "b.com"]),
        ("['a.com', \"b.com\"]", ["a.com", "b.com"]),
        ("[a.com](https://b.com/x)", ["a.com", "b.com"]),
        ('<a href="https://x.com/">a.com</a><br/>b.com', ["a.com", "b.com"]),
        ("-d a.com --domain b.com", ["a.com", "b.com"]),
        ("Domains:\n* a.com\n* *.b.com\n*. c.com\n* .d.com", ["a.com", "*.b.com", "*.c.com", "*.d.com"]),
        ("1\ta.com\n2\tb.com", ["a.com", "b.com"]),
        ("(a.com).", ["a.com"]),
        ("a.com \\\nb.com\\", ["a.com", "b.com"]),
        ("**a.com** _b.com_ ~~c.com~~ *d.com*", ["a.com", "b.com", "c.com", "d.com"]),
        ('="a.com"', ["a.com"]),
        ("http;//a.com https:/b.com https:\\\\c.com", ["a.com", "b.com", "c.com"]),
        ("1.a.com", ["1.a.com"]),
        (" ,;| \n•\n--- ... «»", []),
        ("", []),
    ],
)
def test_it_is_read_as_these_names(text: str, names: list[str]) -> None:
    assert read(text) == names


@pytest.mark.parametrize(
    "text",
    ["o'reilly.com", "l’oreal.com", "a.com(old)", "a.com:b.com", "example com", "x@a.com", "mailto:x@a.com", "-a.com"],
)
def test_nothing_is_sold_that_was_not_meant(text: str) -> None:
    assert all(" " in one for one in read(text)), read(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_name_knows_its_line(end: str) -> None:
    text = end.join(["a.com, b.com", "", "c.com"])
    assert list(typed_names(text)) == [TypedName(1, "a.com"), TypedName(1, "b.com"), TypedName(3, "c.com")]


@pytest.mark.parametrize(
    "part",
    [
        ",",
        "a,",
        "\n",
        " ",
        "(",
        "<a",
        "* ",
        "1. ",
        "a:",
        "a=a.b ",
        "a.",
        "*",
        "\\",
        "''",
        "[ ] ",
        "_(",
        "*(a",
        "-",
        "=",
    ],
)
def test_it_takes_time_by_the_length_of_the_text(part: str) -> None:
    """Where time grew by the square of the length, these would take minutes."""
    start = time.process_time()
    split_names(part * (200_000 // len(part)))
    assert time.process_time() - start < 5


def test_a_mark_that_changes_what_is_seen_is_named_with_its_place() -> None:
    (checked,) = check_names(split_names("exa\u202emple.com"))
    assert checked.problem == (
        "The invisible character U+202E (RIGHT-TO-LEFT OVERRIDE, at place 4) is not allowed in domain names."
    )


def test_a_name_in_another_writing_is_repeated_and_not_refused() -> None:
    checked = check_names(split_names("example.com\nEXAMPLE.com。\n25.11.2026\nserver.local"))
    assert [(one.name, bool(one.problem), one.is_repeated) for one in checked] == [
        ("example.com", False, False),
        ("example.com", False, True),
        ("", True, False),
        ("", True, False),
    ]
