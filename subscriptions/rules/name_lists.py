"""Lists of names as people paste them: from mails, sheets, certificates, configurations and shells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from subscriptions.rules.writings import BLANK_LETTERS, BULLETS, DOTS, peel, without_label

LINE_END = re.compile(r"\r\n|\r|\n")

# Commas, semicolons, bars and bullets of all scripts; what a shell, a mail or a page puts between two names.
_SIGNS = ",|،؛⸲⸴⹁፣፤፥、，､﹐﹑︐︑；﹔︔\u037e՝߸᠂᠈꓾꘍｜¦│┃‖∣•‣▪●■→⇒"
_SEPARATOR = re.compile(
    rf"[{_SIGNS}]|(?<!http)(?<!https);|;(?!//)"  # `http;//` is a slip of the keys
    r"|\\[rnt]"  # line ends that were escaped on the way
    r"|[)\]}>»」』】](?=[(\[{<«「『【])|\"\"|''"  # one name's end beside the next one's beginning
    r"|</?(?:a|br|div|li|ol|p|span|table|tbody|td|th|tr|ul)(?:\s[^<>]{0,400})?/?>",
    re.IGNORECASE,
)
_BLANK = re.compile(rf"[\s{BLANK_LETTERS}]+")
_SPACED_WILDCARD = re.compile(rf"([*＊])\s*([{DOTS}])\s*(?=\w)")
# Labels of several words, and labels with blanks around their sign: made one word with the name behind them.
_PHRASE = re.compile(
    r"\b(?:(?:X509v3\s+)?subject\s+alt(?:ernative)?|DNS|common|domain|host|server|IP)\s+(?:names?|address)\b"
    r"(?=\s*[:=：＝])",
    re.IGNORECASE,
)
_SPACED_LABEL = re.compile(
    rf"(?<!\S)([^\s:=：＝{DOTS}]{{1,60}}(?:\.\d{{1,4}})?)"
    r"(?:\s+([:=：＝])\s*|([:=：＝])\s+)(?=\S)"
)
# `•`, `- [x]`, `1.`, `(2)`, `3)`, `#4`, `a)`, and a bare number with something behind it.
_MARKS = re.compile(
    rf"\s*(?:[-+*#{BULLETS}]+\s+|[(\[][ xX]?[)\]]\s+|[#№(\[]*(?:\d{{1,4}}|[A-Za-z])\.?[)\]]\s*"
    r"|[#№]?\d{1,4}[.:]?\s+|[A-Za-z]\.\s+)(?=\S)"
)
_MOST_MARKS = 3
_EMPTY_ITEM = re.compile(r"\s*[#№(\[]*(?:\d{1,4}|[A-Za-z])[.)\]]+\s*")
_HEADING = re.compile(rf"[^:=：＝@/\\{DOTS}]{{1,60}}[:=：＝]\s*")  # a line that says what is listed below it
_OPTION = re.compile(r"--?[a-z][a-z-]*=?", re.IGNORECASE)  # of a command that was copied with its names


@dataclass(frozen=True, slots=True)
class TypedName:
    """One typed name, and the line it stands in, counted from 1."""

    line: int
    text: str


def typed_names(text: str) -> Iterator[TypedName]:
    """Give the names of a text one after the other: as they are written, but without what only stands around them."""
    start, number = 0, 1
    for end in chain((match.span() for match in LINE_END.finditer(text)), [(len(text), len(text))]):
        if end[0] > start:
            yield from (TypedName(number, name) for name in _names_of(text[start : end[0]]))
        start, number = end[1], number + 1


def split_names(text: str) -> list[str]:
    """Give the names of a text, in one line or many."""
    return [typed.text for typed in typed_names(text)]


def _names_of(line: str) -> Iterator[str]:
    line = "" if _EMPTY_ITEM.fullmatch(line) else _without_marks(_SPACED_WILDCARD.sub(r"\1\2", line))
    line = _SPACED_LABEL.sub(r"\1\2\3", _PHRASE.sub("DNS", line))
    for part in _SEPARATOR.split(line):
        if part and not _HEADING.fullmatch(part):
            yield from (name for word in _BLANK.split(without_label(peel(part))) if (name := _name_in(word)))


def _without_marks(line: str) -> str:
    for _ in range(_MOST_MARKS):
        marks = _MARKS.match(line)
        if marks is None:
            break
        line = line[marks.end() :]
    return line


def _name_in(word: str) -> str:
    """Give what of a word is a name or was meant to be one: signs alone, and options of a command, are not."""
    inner = peel(without_label(peel(word)))
    if _OPTION.fullmatch(inner) or not any(character.isalnum() for character in inner):
        return ""
    return inner
