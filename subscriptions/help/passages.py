"""The text of a rendered topic in passages: what is read in one go, and where it stands."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "kbd", "span", "strong"})
HEADINGS = frozenset({"h2", "h3", "h4"})
# What goes on in the same passage, and how it is joined: a term with its meaning, the cells of a row.
JOINED = {"dd": ": ", "td": " – ", "th": " – "}
OPENS = frozenset({"dt", "tr"})
SENTENCE_END = re.compile(r"(?<=[.?]) (?=[A-Z“*])")
# Stands for a blank inside <code>: what a client says stays in one piece.
GLUE = "\N{WORD JOINER}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, item, term or table row in sentences, and the id of the last element that has one ("" for none)."""

    sentences: tuple[str, ...]
    anchor: str
    is_heading: bool = False

    @property
    def text(self) -> str:
        """The whole passage."""
        return " ".join(self.sentences)


def passages_of(html: str) -> list[Passage]:
    """Give the passages of a rendered topic in page order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_passage()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Passage] = []
        self._anchor = ""
        self._parts: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in JOINED:
            self._join(JOINED[tag])
        elif tag not in INLINE:
            self.end_passage()
        self._anchor = dict(attrs).get("id") or self._anchor
        self._is_code = tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False
        if tag not in INLINE and tag not in JOINED and tag not in OPENS:
            self.end_passage(is_heading=tag in HEADINGS)

    def handle_data(self, data: str) -> None:
        self._parts.append(GLUE.join(data.split()) if self._is_code else data)

    def end_passage(self, *, is_heading: bool = False) -> None:
        """Keep what was read since the last passage, where it is more than blanks."""
        if self._text:
            sentences = [sentence.replace(GLUE, " ") for sentence in SENTENCE_END.split(self._text)]
            self.found.append(Passage(tuple(sentences), self._anchor, is_heading))
        self._parts = []

    @property
    def _text(self) -> str:
        return " ".join("".join(self._parts).split())

    def _join(self, joint: str) -> None:
        if self._text:
            self._parts = [self._text, joint]
