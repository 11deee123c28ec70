"""Searching the help: a topic is found where every word searched for occurs in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string

from .passages import Passage, passages_of
from .topics import TOPICS, Topic

# A message is often pasted with the punctuation around it.
AROUND_WORDS = "\"'“”‘()[]{}.,;:!?"
# What stands around type and sentence where the CA's whole answer is pasted (RFC 7807, RFC 8555 6.7).
AROUND_ANSWERS = re.compile(r'"(?:type|status|detail|title|instance)"\s*:\s*\d*|urn:ietf:params:acme:error:')


@dataclass(frozen=True, slots=True)
class Found:
    """A topic that was found: a sentence of it, in pieces (text, whether it is a word searched for), and its anchor."""

    topic: Topic
    pieces: tuple[tuple[str, bool], ...]
    anchor: str = ""


def search(query: str) -> list[Found]:
    """Give the topics in which all words of `query` occur, those with the words in their title first.

    Case does not matter. A query without a word finds every topic.
    """
    words = _words(query)
    texts = [(topic, passages_of(render_to_string(topic.template_name))) for topic in TOPICS]
    found = [one for one in texts if _holds_all(_whole(*one), words)]
    found.sort(key=lambda one: not _holds_all(one[0].title, words))
    return [_with_sentence(topic, passages, words) for topic, passages in found]


def _words(query: str) -> list[str]:
    query = AROUND_ANSWERS.sub(" ", query.replace("’", "'"))
    words = [word.strip(AROUND_WORDS).lower() for word in query.split()]
    return [word for word in words if word]


def _whole(topic: Topic, passages: Sequence[Passage]) -> str:
    return " ".join([topic.title, topic.summary, *topic.terms, *(passage.text for passage in passages)])


def _holds_all(text: str, words: Sequence[str]) -> bool:
    return _number_held(text, words) == len(words)


def _number_held(text: str, words: Sequence[str]) -> int:
    lowered = text.lower()
    return sum(word in lowered for word in words)


def _with_sentence(topic: Topic, passages: Sequence[Passage], words: Sequence[str]) -> Found:
    """Choose the first sentence with most of the words, one that holds them as they stand before the others.

    The summary comes first, headings last.
    """
    sentences = [(topic.summary, "")]
    for passage in sorted(passages, key=lambda passage: passage.is_heading):
        sentences += [(sentence, passage.anchor) for sentence in passage.sentences]
    phrase = " ".join(words)
    sentence, anchor = max(sentences, key=lambda one: (_number_held(one[0], words), phrase in " ".join(_words(one[0]))))
    return Found(topic, tuple(_pieces(sentence, words)), anchor)


def _pieces(sentence: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    if not words:
        return [(sentence, False)]
    longest_first = sorted(words, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", sentence, flags=re.IGNORECASE)
    return [(piece, number % 2 == 1) for number, piece in enumerate(pieces) if piece]
