"""Recognising an error in a text that somebody pasted: a line, a screen, or a whole log.

Nothing of the text is kept or given back: it may hold keys.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from subscriptions.explain.acme_errors.catalogue import ANY_CLIENT, AcmeError, Certainty, Wording, wordings

MAX_TEXT = 100_000  # characters that are looked at: of a longer text its end, where the deciding error mostly stands
MAX_BESIDES = 3

# None begins within its own beginning, and none runs on without a bound: a text is anybody's, and long.
COLOURS = re.compile(r"\x1b\[[0-9;?]{0,40}[A-Za-z]|\x1b\][^\x07\x1b]{0,300}\x07|\[[0-9;]{1,6}m")
ESCAPED_CHARACTER = re.compile(r"(?<!\\)\\+u([0-9a-fA-F]{4})")
ESCAPED_BREAK = re.compile(r"(?<!\\)\\+[nrt]")
ESCAPED = re.compile(r"(?<!\\)\\+(?=[\"'/`])")
TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u200b": None})
# What a text about certificates has besides words that any program says.
ABOUT_CERTIFICATES = re.compile(
    r"acme|certbot|certificate|challenge|cert-manager|dehydrated|encrypt|lego|sectigo|wacs|zerossl|TXT|SSL",
    re.IGNORECASE,
)
# What stands in front of each line of a log, in this order: marks of quoting and of containers, instants, programs.
LINE_STARTS = (
    re.compile(r"^[ \t]*(?:[>│|#*]+[ \t]+)+", re.MULTILINE),
    re.compile(r"^[\w.-]{1,40}[ \t]+\|[ \t]", re.MULTILINE),
    re.compile(r"^[ \t]*\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[^\s\]]*\]?(?: [+-]\d\d:?\d\d)?[ \t]*", re.MULTILINE),
    re.compile(r"^[ \t]*\[[A-Z][a-z]{2} [^\]\n]{12,40}\][ \t]*", re.MULTILINE),
    re.compile(r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:\S+ )?[\w./-]+(?:\[\d+\])?:[ \t]*", re.MULTILINE),
    re.compile(r"^\[(?:INFO|DBUG|VERB|WARN|EROR|ERR|INF|DBG|VRB)\][ \t]*", re.MULTILINE),
)


@dataclass(frozen=True, slots=True)
class Recognition:
    """The error that decides, the wording it was recognised by, and what else stands in the text."""

    error: AcmeError
    wording: Wording
    besides: tuple[AcmeError, ...] = ()


def recognize(text: str, *, for_staff: bool = False) -> Recognition | None:
    """Give what a pasted text is about, or None where nothing in it is known.

    The surest error decides; of several it is the one that the catalogue puts over the others, else the one that
    stands last. `for_staff` knows the CA's admin API too.
    """
    flat = flattened(text)
    seen = _seen(flat, for_staff=for_staff)
    if not seen:
        return None
    surest = max(wording.certainty for wording in seen.values())
    rivals = {code: wording for code, wording in seen.items() if wording.certainty == surest}
    beaten = {code for wording in rivals.values() for code in wording.error.over}
    deciding = [wording for code, wording in rivals.items() if code not in beaten] or list(rivals.values())
    # What any program says decides only where no client says anything as sure.
    chosen = ([wording for wording in deciding if wording.client != ANY_CLIENT] or deciding)[-1]
    besides = [wording.error for wording in seen.values() if _is_worth_a_line(wording, chosen)]
    return Recognition(chosen.error, chosen, tuple(besides[-MAX_BESIDES:]))


def _is_worth_a_line(wording: Wording, chosen: Wording) -> bool:
    if wording.error == chosen.error or wording.error.code in chosen.error.over:
        return False
    return wording.certainty in (Certainty.CAUSE, Certainty.ASIDE)


def _seen(flat: str, *, for_staff: bool) -> dict[str, Wording]:
    """Give the errors of a text by their codes, in the order of where each stands last, by their surest wordings."""
    known = [wording for wording in wordings() if for_staff or not wording.error.is_for_staff]
    found = _found_among([wording for wording in known if wording.client != ANY_CLIENT], flat)
    if found or ABOUT_CERTIFICATES.search(flat):
        found = _found_among(known, flat)
    return {code: mark[2] for code, mark in sorted(found.items(), key=lambda one: one[1][1])}


def _found_among(known: Iterable[Wording], flat: str) -> dict[str, tuple[Certainty, int, Wording]]:
    lowered = flat.lower()
    found: dict[str, tuple[Certainty, int, Wording]] = {}
    for wording in known:
        place = _last_place(wording, flat) if wording.needle in lowered else -1
        mark = (wording.certainty, place, wording)
        before = found.get(wording.error.code)
        if place >= 0 and (before is None or mark[:2] > before[:2]):
            found[wording.error.code] = mark
    return found


def _last_place(wording: Wording, flat: str) -> int:
    place = -1
    for match in wording.pattern.finditer(flat):
        place = match.end()
    return place


def flattened(text: str) -> str:
    """Give a text as one line: without colours, escapes, what a log puts before each line, and runs of blanks."""
    text = html.unescape(text[-MAX_TEXT:]).translate(TYPOGRAPHIC)
    text = COLOURS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    for start in LINE_STARTS:
        text = start.sub("", text)
    text = ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)), text)
    text = ESCAPED.sub("", ESCAPED_BREAK.sub(" ", text)).translate(TYPOGRAPHIC)
    return " ".join(text.split())
