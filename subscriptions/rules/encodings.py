"""Which encoding a file of text is in that does not say so."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

_MARKED = (  # the longer mark first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheets write by themselves where they do not write Unicode; in the order in which they are met.
_LOCAL = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp932": "Shift-JIS",
    "gb18030": "GB18030",
    "cp949": "Windows-949",
    "big5": "Big5",
    "latin-1": "Latin-1",  # takes every byte, so it is last
}
# Where names end so, a file is likely in this encoding: it decides where two encodings read a text equally well.
_AT_HOME = {
    "cp1250": b"cz sk pl hu hr si ro",
    "cp1251": b"ru su ua by bg rs mk kz",
    "cp1253": b"gr cy",
    "cp1254": b"tr",
    "cp932": b"jp",
    "gb18030": b"cn",
    "cp949": b"kr",
    "big5": b"tw hk",
}
_WORD = re.compile(r"[^\s,;|\"'.:/@()]*[^\x00-\x7f][^\s,;|\"'.:/@()]*")
_MOST_WORDS = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b]")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file; `guessed` names its encoding where the file does not tell it and the text depends on it."""

    text: str
    guessed: str = ""


def decode(content: bytes) -> DecodedText | None:
    """Give the text of a file in Unicode, with or without its mark, or else in the encoding that reads it best.

    None for what is no text: control characters, or bytes that a marked encoding cannot have.
    """
    for mark, encoding in _MARKED:
        if content.startswith(mark):
            return _strictly(content, encoding)
    if plain := _unmarked_utf16(content) or _strictly(content, "utf-8"):
        return plain
    if _CONTROL.search(content.decode("latin-1")):
        return None
    return min(_readings(content), key=lambda reading: reading[0])[1]


def _strictly(content: bytes, encoding: str) -> DecodedText | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else DecodedText(text.removeprefix("\ufeff"))


def _unmarked_utf16(content: bytes) -> DecodedText | None:
    """Read UTF-16 without its mark, known by every other byte of its ASCII characters being zero."""
    if len(content) % 2 or not content:
        return None
    for encoding, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if zeros.count(0) * 2 > len(zeros):
            return _strictly(content, encoding)
    return None


def _readings(content: bytes) -> Iterator[tuple[tuple[int, int, int], DecodedText]]:
    """Give each reading with its rank: how odd its words are, how few names are at home there, its usual place."""
    for place, (encoding, name) in enumerate(_LOCAL.items()):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        words = _WORD.findall(text)[:_MOST_WORDS]
        yield (sum(map(_oddness, words)), -_at_home(content, encoding), place), DecodedText(text, name)


def _at_home(content: bytes, encoding: str) -> int:
    endings = b"|".join(_AT_HOME.get(encoding, b"").split())
    return len(re.findall(rb"\.(?:" + endings + rb")\b", content, re.IGNORECASE)) if endings else 0


def _oddness(word: str) -> int:
    """Give how little a word looks like one: scripts mixed, signs amid letters, capitals inside, many accents in a row.

    A text read in the wrong encoding is full of these.
    """
    scripts = {_script(letter) for letter in word if letter.isalpha()}
    if not scripts:  # a price, or a sign that stands alone
        return 0
    return (
        2 * (len(scripts) - 1)
        + sum(_is_odd_sign(character) for character in word)
        + sum(left.islower() and right.isupper() for left, right in pairwise(word))
        + len(re.findall(r"[\u00c0-\u024f]{3}", word))
    )


def _is_odd_sign(character: str) -> bool:
    if character.isascii() or character.isalpha() or unicodedata.category(character)[0] == "M":
        return False
    return unicodedata.category(character) not in ("Pd", "Pi", "Pf", "Ps", "Pe", "Zs") or character == "\x80"


@cache
def _script(letter: str) -> str:
    first = unicodedata.name(letter, "NONE").split()[0]
    return "CJK" if first in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "FULLWIDTH") else first
