"""What stands around a name where people copy it from: quotes, brackets, labels, an address, invisible marks."""

import re
import unicodedata

# The four full stops that IDNA takes for one (RFC 3490 3.1, and UTS 46).
DOTS = ".\u3002\uff0e\uff61"

AN_IP_ADDRESS = "An IP address cannot be added: only domain names can."

RIGHT_TO_LEFT_OVERRIDE = "\u202e"
# Marks that order text written from right to left (UAX 9), overrides apart: an override shows other letters than there
# are. In a name of plain letters the others change nothing that is seen.
BIDIRECTIONAL_MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
BLANK_LETTERS = "\u034f\u115f\u1160\u2800\u3164\uffa0\ufe0e\ufe0f"  # shown as nothing, but no blanks to Unicode
BULLETS = "•‣⁃∙·▪▫●○◦■□–—―‐‑‒"
QUOTES = "\"'`´′″＂＇"
_EDGES = frozenset(f"{QUOTES}{BULLETS}{BLANK_LETTERS}<>=!¡¿…,;|\\")
# Of Unicode: quotes that open and close, brackets that do, invisible marks, control characters, blanks.
_EDGE_CATEGORIES = frozenset({"Pi", "Pf", "Ps", "Pe", "Cf", "Cc", "Zs", "Zl", "Zp"})

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of the ASCII characters
_BLANKS = r"[^\S\r\n]*"
# `DNS:`, `CN =`, `DNS.1=`, `Domaine :`; never the name before a port, nor the scheme before two slashes.
_LABEL = re.compile(
    rf"/?[^:=：＝@/\\{DOTS}]{{1,60}}(?:\.\d{{1,4}})?{_BLANKS}[:=：＝]{_BLANKS}(?![/\\]|\d{{1,5}}(?:[/?#]|$))"
    rf"(?=.*[{DOTS}]|[0-9A-Fa-f]*:[0-9A-Fa-f:]+$)"
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}|~{1,2})([^*_~].*[^*_~])\1")  # of Markdown; no name ends in these signs
_MOST_EMPHASES = 2
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:[:;][/\\]+|//+)|[/\\]{2,}", re.IGNORECASE)
_IPV6 = re.compile(r"\[?[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*(?:%|\]|$)", re.IGNORECASE)
_MOST_LABELS = 4  # as in `X509v3 Subject Alternative Name: DNS:example.com`


class NameProblem(ValueError):  # noqa: N818 - it is what is wrong with a name, shown beside it
    """Why a typed text is not a name that can be added; the message is for the person who typed it."""


def ascii_width(text: str) -> str:
    """Give a text with full-width letters, digits and signs as their ASCII ones, as UTS 46 maps them too."""
    return text.translate(_WIDE)


def peel(text: str) -> str:
    """Give what is inside of quotes, brackets, bullets, blanks and invisible marks."""
    inner = _without_edges(text)
    for _ in range(_MOST_EMPHASES):
        emphasis = _EMPHASIS.fullmatch(inner)
        if emphasis is None:
            break
        inner = _without_edges(emphasis[2])
    return inner


def _without_edges(text: str) -> str:
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while start < end and (_is_edge(text[end - 1]) or _ends_a_sentence(text, end)):
        end -= 1
    return text[start:end]


def _ends_a_sentence(text: str, end: int) -> bool:
    return text[end - 1] == "." and end > 1 and _is_edge(text[end - 2])


def _is_edge(character: str) -> bool:
    if character in _EDGES:
        return True
    return character != RIGHT_TO_LEFT_OVERRIDE and unicodedata.category(character) in _EDGE_CATEGORIES


def without_label(text: str) -> str:
    """Give a text without what says in front which sort of name it is, such as `DNS:`, `CN=` or `DNS Name=`."""
    for _ in range(_MOST_LABELS):
        label = _LABEL.match(text)
        if label is None or _IPV6.match(text):
            break
        text = text[label.end() :]
    return text


def host_of(typed: str) -> str:
    """Give the host in a typed name or address, as it is written there.

    Raises NameProblem for an e-mail address, an IPv6 address, and for a colon that is followed by no port.
    """
    text = peel(without_label(peel(ascii_width(typed))))
    scheme = _SCHEME.match(text)
    authority = re.split(r"[/?#]", text[scheme.end() if scheme else 0 :], maxsplit=1)[0]
    if "@" in authority and not scheme:
        raise NameProblem("This looks like an e-mail address, not a domain name.")
    authority = authority.rpartition("@")[2]
    if authority.startswith("[") or _IPV6.match(authority):
        raise NameProblem(AN_IP_ADDRESS)
    host, _, port = peel(authority).partition(":")
    if port and not port.isdecimal():
        raise NameProblem("There is a colon in this that no port follows.")
    return _without_marks(peel(host))


def _without_marks(host: str) -> str:
    """Drop marks of direction where all else is plain; elsewhere they may hide what the name is, and are named."""
    plain = host.translate(dict.fromkeys(map(ord, BIDIRECTIONAL_MARKS)))
    return plain if plain.isascii() else host


def described(character: str, typed: str) -> str:
    """Give words for a character and its place in what was typed: `“!” (U+0021, at place 2)`."""
    code = f"U+{ord(character):04X}"
    place = next((n for n, own in enumerate(typed, start=1) if _stands_for(own, character)), 0)
    where = f", at place {place}" if place else ""
    if unicodedata.category(character)[0] in "CZ" or character in BLANK_LETTERS:
        return f"The invisible character {code} ({unicodedata.name(character, 'without a name')}{where})"
    return f"The character “{character}” ({code}{where})"


def visible(text: str) -> str:
    """Give a text with a sign in place of each invisible mark, so that it shows its letters in their true order."""
    return "".join("\ufffd" if unicodedata.category(one) in ("Cc", "Cf") else one for one in text)


def _stands_for(own: str, character: str) -> bool:
    return own == character or character in unicodedata.normalize("NFKC", own)
