"""Names that look like a slip of the keyboard beside those that a customer has. A hint for whoever pays, no more."""

import re
from collections.abc import Collection
from difflib import SequenceMatcher

LIKENESS = 0.88
SHORTEST = 5  # letters: below this, names differ by one letter for good reasons
WWW_SLIP = re.compile(r"(w{1,2}|w{4,5}|wwv|vww|wvw|wwe|wew|www\d|w-w-w)\.(?P<rest>.+)")


def looks_like(domain: str, among: Collection[str]) -> str:
    """Give the registrable domain among some that another one may be a misspelling of, or an empty text.

    Under one public suffix only, for a company holds its name under several; and not where digits make the difference.
    """
    if domain in among:
        return ""
    label, _, suffix = domain.partition(".")
    if len(label) < SHORTEST:
        return ""
    like = (known for known in sorted(among) if known.partition(".")[2] == suffix)
    return next((known for known in like if _is_slip(label, known.partition(".")[0])), "")


def www_meant(name: str) -> str:
    """Give the name with `www` that a name with a slip in it may mean, or an empty text."""
    match = WWW_SLIP.fullmatch(name)
    return f"www.{match['rest']}" if match else ""


def _is_slip(typed: str, known: str) -> bool:
    if len(known) < SHORTEST or abs(len(typed) - len(known)) > 2:
        return False
    if re.sub(r"\d", "", typed) == re.sub(r"\d", "", known):
        return False
    if sorted(typed) == sorted(known):
        return sum(one != other for one, other in zip(typed, known, strict=True)) == 2
    matcher = SequenceMatcher(None, typed, known, autojunk=False)
    return matcher.real_quick_ratio() >= LIKENESS and matcher.ratio() >= LIKENESS
