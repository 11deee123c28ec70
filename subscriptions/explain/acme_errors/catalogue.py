"""What goes wrong when a certificate is ordered, as data: `errors.toml` says what it means and what to do.

`wordings.csv` says by which words it is recognised and where these were read: in the client's own source at a version,
in the CA's documentation, an RFC or a public issue thread. A wording without a source is known and was not read. In
`words` a `*` stands for anything within one message, `<url>` for an address with what servers put behind it. Those of
"any client" are no clients' own: they count where something else in the text is about certificates.
"""

import csv
import re
import tomllib
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
GAP = r".{0,300}?"
ADDRESS = r"\S+(?: \[\S+\])?"
QUOTES = "[\"'`]?"
ANY_CLIENT = "any client"


class Certainty(IntEnum):
    """How much an error says of what is wrong; `errors.toml` explains them. The higher decides."""

    ASIDE = 0
    PASSING = 1
    SYMPTOM = 2
    KIND = 3
    CAUSE = 4


@dataclass(frozen=True, slots=True)
class AcmeError:
    """One thing that goes wrong: its cause, what to do, and where the help says more (`topic#passage`).

    `over` are the codes of those that it decides over though they are as sure; `setup` the client whose set-up page
    says more; `is_for_staff` whether only the provider meets it.
    """

    code: str
    title: str
    certainty: Certainty
    cause: str
    cure: str
    help: str
    over: tuple[str, ...] = ()
    setup: str = ""
    is_for_staff: bool = False

    @property
    def help_slug(self) -> str:
        """The topic of the help."""
        return self.help.partition("#")[0]

    @property
    def help_anchor(self) -> str:
        """The passage in it."""
        return self.help.partition("#")[2]


@dataclass(frozen=True, slots=True)
class Wording:
    """Words by which an error is recognised, whose they are, and where and in which version they were read."""

    error: AcmeError
    client: str
    words: str
    certainty: Certainty
    version: str
    source: str
    pattern: re.Pattern[str]
    needle: str  # a piece that stands in every text that the pattern fits, in lower case


@cache
def acme_errors() -> dict[str, AcmeError]:
    """Give every error by its code."""
    with (FOLDER / "errors.toml").open("rb") as file:
        entries = tomllib.load(file)
    return {code: _error(code, **entry) for code, entry in entries.items()}


def _error(
    code: str, *, certainty: str, over: tuple[str, ...] = (), staff: bool = False, setup: str = "", **texts: str
) -> AcmeError:
    sure = Certainty[certainty.upper()]
    return AcmeError(code, certainty=sure, over=tuple(over), setup=setup, is_for_staff=staff, **texts)


@cache
def wordings() -> tuple[Wording, ...]:
    """Give every wording."""
    errors = acme_errors()
    with (FOLDER / "wordings.csv").open(newline="", encoding="utf-8") as file:
        return tuple(_wording(errors[row.pop("error")], **row) for row in csv.DictReader(file))


def _wording(error: AcmeError, *, certainty: str, words: str, **told: str) -> Wording:
    sure = Certainty[certainty.upper()] if certainty else error.certainty
    needle = max(re.split("[\"'`*]|<url>", words.lower()), key=len).strip()
    return Wording(error=error, words=words, certainty=sure, pattern=pattern_of(words), needle=needle, **told)


def pattern_of(words: str) -> re.Pattern[str]:
    """Give the pattern that finds some words, whatever quotes and blanks are among them."""
    parts = [QUOTES.join(map(_literal, re.split("[\"'`]", part))) for part in words.split("*")]
    start = r"(?<!\w)" if words[0].isalnum() else ""
    end = r"(?!\w|-\d)" if words[-1].isalnum() else ""
    return re.compile(f"{start}{GAP.join(parts)}{end}", re.IGNORECASE)


def _literal(text: str) -> str:
    return ADDRESS.join(re.sub(r"(\\\s|\s)+", " ", re.escape(piece)) for piece in text.split("<url>"))
