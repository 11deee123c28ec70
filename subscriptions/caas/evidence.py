"""Takes secrets out of what came from the CA, so that it can be stored, logged and shown to staff.

By field name, at any depth, and by value for the password, in the ways a server could write it back. A password of
ordinary length goes wherever it is found. A shorter one is likely to be a part of other words, or a word: it goes
where it stands alone as a value, and where it is a token that no sentence has (letters with digits), so that what the
CA says can still be read.
"""

import html
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

from .parsing import Unreadable, decode, storable

REDACTED = "[redacted]"
BODY_LIMIT = 4000
ORDINARY_LENGTH = 8  # characters of a password


_SECRET = re.compile(r"mackey|hmac|passw|secret", re.IGNORECASE)
# The same in running text, such as a body that is no JSON or a message: the name, a separator, the value up to
# its end. The bounds keep the time linear in the text's length.
_SECRET_TEXT = re.compile(
    r"""((?:mackey|hmac|passw|secret)[\w-]{0,40}\\?["']?\s{0,9}[:=][\s\\"'(\[]{0,9})([^\s"'&<>,;)}\]\\]+)""",
    re.IGNORECASE,
)


class Redactor:
    """Redacts for one login; it never shows the password it looks for."""

    def __init__(self, password: str) -> None:
        spellings = {
            password,
            quote(password, safe=""),
            quote_plus(password),
            html.escape(password),
            json.dumps(password)[1:-1],
            json.dumps(password, ensure_ascii=False)[1:-1],
        }
        longest_first = sorted(spellings - {""}, key=len, reverse=True)
        found = "|".join(map(re.escape, longest_first)) or r"(?!)"
        if len(password) < ORDINARY_LENGTH:
            found = _alone(found, is_token=_is_token(password))
        self._password = re.compile(found)

    def text(self, text: str) -> str:
        """A text from the CA, storable, without the password and what stands behind a secret's name."""
        known = self._password.sub(REDACTED, storable(text))
        return _SECRET_TEXT.sub(lambda found: found[1] + REDACTED, known)

    def value(self, value: Any) -> Any:
        """A JSON value from the CA, storable as JSON again; amounts become text, which keeps them exact."""
        if isinstance(value, Mapping):
            return {
                self.text(name): REDACTED if _SECRET.search(name) else self.value(item) for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        return str(value) if isinstance(value, Decimal) else value

    def excerpt(self, body: bytes) -> str:
        """The start of a reply's body, redacted before it is cut."""
        try:
            text = json.dumps(self.value(decode(body)), ensure_ascii=False)
        except Unreadable:
            text = self.text(body.decode("utf-8", "replace"))
        return text[:BODY_LIMIT]


def _is_token(password: str) -> bool:
    """Whether it looks like no word, number or end of a sentence."""
    mixed = any(map(str.isalpha, password)) and any(map(str.isdigit, password))
    return mixed and len(password) >= 4 and not any(map(str.isspace, password))


def _alone(found: str, *, is_token: bool) -> str:
    """The pattern where it is a whole text, behind `=` or `:`, in quotes or between tags; a token, between words.

    What the CA quotes before "argument" is the name of a parameter ("Unsuccessful responses" in the guide).
    """
    argument = r"(?!\\?['\"]\s+(?:is an unrecogni[sz]ed )?argument\b)"
    end = r"(?=[\s\"'&<>,;@\\]|\Z)"
    places = [
        rf"\A\s*(?:{found})\s*\Z",
        rf"(?<=[=:])(?:{found}){end}",
        rf"(?<=[\"'])(?:{found})(?=\\?[\"']){argument}",
        rf"(?<=>)(?:{found})(?=<)",
    ]
    if is_token:
        places.append(rf"(?<![^\W_])(?:{found})(?![^\W_])")
    return "|".join(places)
