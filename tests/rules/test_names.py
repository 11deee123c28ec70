"""What a typed name becomes, and what is refused with which words."""

import pytest

from subscriptions.rules.names import (
    check_names,
    covering_wildcard,
    normalise_name,
    quoting_order,
    registrable_domain,
)
from subscriptions.rules.public_names import DOCUMENTATION
from subscriptions.rules.writings import NameProblem

LABEL_63 = "a" * 63
# Lengths of whole names: three labels of 63, and what is left of 253 or 254 characters.
NAME_253 = ".".join([LABEL_63] * 3 + ["b" * (253 - 3 * 64 - 4), "com"])
NAME_254 = ".".join([LABEL_63] * 3 + ["b" * (254 - 3 * 64 - 4), "com"])

IP_ADDRESSES = (
    *("192.0.2.1", "192.0.2.1:443", "192.0.2.1。", "１９２.0.2.①", "0x7f.0.0.1", "0300.0250.1.1", "192.168.1.300"),
    *("192.0.2.0/24", "http://192.0.2.1/x", "IP Address:192.0.2.1", "[192.0.2.1]", "*.192.0.2.1"),
    *("[2001:db8::1]", "[2001:db8::1]:443", "2001:db8::1", "https://[2001:db8::1]/", "::1", "::", "fe80::1%eth0"),
    *("::ffff:192.0.2.1", "2001:DB8:0:0:0:0:0:1", "2001:db8::/32", "IP Address:2001:DB8:0:0:0:0:0:1"),
)
NUMBERS = (
    "127.1",
    "2130706433",
    "0x7f000001",
    "25.11.2026",
    "2026.11.25",
    "5.8.0",
    "1.234",
    "1.2.3.4.5",
    "example.0x1F",
)
NOT_PUBLIC = (
    *("server.local", "dc01.corp.local", "web.localhost", "x.invalid", "x.internal", "x.onion", "router.home.arpa"),
    *(
        "1.2.0.192.in-addr.arpa",
        "x.alt",
        "a.corp",
        "a.home",
        "a.mail",
        "a.lan",
        "a.intranet",
        "a.private",
        "shop.example",
    ),
    *("a.test", "SERVER.LOCAL.", "*.fritz.lan", "ｘ．ｌａｎ"),
)


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
        ("bücher.com", "xn--bcher-kva.com"),
        ("BÜCHER.com", "xn--bcher-kva.com"),
        ("XN--Bcher-KVA.com", "xn--bcher-kva.com"),
        ("*.bücher.com", "*.xn--bcher-kva.com"),
        ("bücher。com", "xn--bcher-kva.com"),
        ("example.com。", "example.com"),
        ("www.example.jp．", "www.example.jp"),
        ("*．example.com", "*.example.com"),
        ("ｈｔｔｐｓ：／／ＷＷＷ．example.com／ｘ", "www.example.com"),
        ("ΟΔΟΣ-ΑΘΗΝΑ.gr", "xn----zlbajrf0bkb4b.gr"),
        ("bu\u0308cher.com", "xn--bcher-kva.com"),
        ("exam\u00adple\u200b.com", "example.com"),
        ("\u200eexample.com\u200e", "example.com"),
        ("\u2066exam\u200eple.com\u2069", "example.com"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("XN--53H.to", "xn--53h.to"),
        ("DNS Name=*.example.com", "*.example.com"),
        ("“example.com”", "example.com"),
        ("www.example.中国", "www.example.xn--fiqs8s"),
        ("1.2.3.4.example.com", "1.2.3.4.example.com"),
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
        *((text, "IP address") for text in IP_ADDRESSES),
        *((text, "ends in a number") for text in NUMBERS),
        *((text, r"not public: they are for use inside a network") for text in NOT_PUBLIC),
        ("https://[2001:db8/", "IP address"),
        ("example.com:https", "a colon in this that no port follows"),
        ("example.con", r"There is no top-level domain .con. Did you mean example.com\?$"),
        ("*.example.cmo", r"There is no top-level domain .cmo. Did you mean \*.example.com\?$"),
        ("www.example.ogr", r"Did you mean www.example.org\?$"),
        ("shop.example.co.ukk", r"Did you mean shop.example.co.uk\?$"),
        ("co.ukk", r"There is no top-level domain .ukk.$"),
        ("index.html", r"There is no top-level domain .html.$"),
        ("example.сom", r"There is no top-level domain .xn--"),
        ("☕.to", r"The character “☕” \(U\+2615, at place 1\) .* write this label as xn--53h.$"),
        ("l’oreal.com", r"The character “’” \(U\+2019, at place 2\) is not allowed in domain names.$"),
        ("exam\u200dple.com", r"The invisible character U\+200D \(ZERO WIDTH JOINER, at place 5\)"),
        ("\u202eexample.com", r"The invisible character U\+202E \(RIGHT-TO-LEFT OVERRIDE, at place 1\)"),
        ("م\u200eر.com", r"The invisible character U\+200E"),
        ("xn--a.com", "not the coded form"),
        ("xn--example-.com", "begin or end with a hyphen"),
        ("xn--99999999.com", "not the coded form"),
        ("ab--c.com", "hyphens in its third and fourth place"),
        ("\u0301a.com", "mark that belongs to a letter"),
        ("אa.com", "from right to left"),
        ("-a.example.com", "begin or end with a hyphen"),
        ("a-.example.com", "begin or end with a hyphen"),
        ("a!b.example.com", r"The character “!” \(U\+0021, at place 2\) is not allowed"),
        (f"a{LABEL_63}.com", "longer than the 63 characters"),
        (NAME_254, "longer than the 253 characters"),
        (f"*.{NAME_254}", "longer than the 253 characters"),
    ],
)
def test_it_is_refused_with_the_reason(typed: str, words: str) -> None:
    with pytest.raises(NameProblem, match=words):
        normalise_name(typed)


@pytest.mark.parametrize("name", ["shop.example", "*.shop.test"])
def test_what_documents_use_is_sold_where_it_may_be(name: str) -> None:
    with pytest.raises(NameProblem, match="not public"):
        normalise_name(name)
    assert normalise_name(name.upper(), reserved=DOCUMENTATION) == name


@pytest.mark.parametrize("text", ["example", "server.local", "x.invalid", "shop.exampel", "x.test.1"])
def test_nothing_else_is_sold_there(text: str) -> None:
    with pytest.raises(NameProblem):
        normalise_name(text, reserved=DOCUMENTATION)


@pytest.mark.parametrize(("name", "domain"), [("*.www.example.co.uk", "example.co.uk"), ("co.uk", "co.uk")])
def test_the_registrable_domain(name: str, domain: str) -> None:
    assert registrable_domain(name) == domain


def test_each_name_is_checked_against_the_others_and_what_is_there() -> None:
    typed = ["new.com", "NEW.com.", "there.com", "coming.com", "co.uk"]
    checked = check_names(typed, present=["there.com"], pending=["coming.com"])
    assert [(one.name, one.problem, one.note) for one in checked] == [
        ("new.com", "", ""),
        ("new.com", "", "Read as new.com."),
        ("there.com", "Already in this subscription.", ""),
        ("coming.com", "Already being added to this subscription.", ""),
        ("", "co.uk belongs to a registry, not to one owner: no certificate can be had for it.", ""),
    ]
    assert [one.is_repeated for one in checked] == [False, True, False, False, False]


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
