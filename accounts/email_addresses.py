"""One writing of every e-mail address: what people cannot tell apart is one address, or none at all.

Before the @ it is ASCII in lower case; after it a host name in lower case, whose labels beyond ASCII are A-labels (IDNA
2008, read as UTS 46 has it). Invisible characters, and those that stand for others, such as full-width letters, are
refused and not left out: whoever typed them meant something else, or means to be taken for someone else.
"""

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import ServiceError

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
_FORMATTING = "Cf"  # characters of this category are not seen, even those that IDNA 2008 allows in some places


def normal_form(text: str) -> str:
    """Give the one writing of an e-mail address; raise ValidationError for what is none, naming what is in the way."""
    text = text.strip(" \t\r\n")
    _refuse_too_long(text)
    if text.isascii() and "@" not in text:
        validate_email(text)  # says so: no character of it is to blame
    local, _, domain = text.rpartition("@")
    for character in local:
        if not "!" <= character <= "~":
            raise ValidationError(f"{_named(character)} cannot stand before the @ of an e-mail address.")
    if '"' in local or "[" in domain:
        raise ValidationError("Quotation marks and brackets cannot stand in an e-mail address here.")
    address = f"{local.lower()}@{'.'.join(_label(label) for label in domain.split('.'))}"
    validate_email(address)
    _refuse_too_long(address)
    return address


def is_address(text: str) -> bool:
    """Whether there is one writing of a text."""
    try:
        normal_form(text)
    except ValidationError:
        return False
    return True


def _refuse_too_long(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ValidationError(f"An e-mail address has at most {MAX_LENGTH} characters.")


def _label(typed: str) -> str:
    label = _mapped(typed)
    if not label.startswith("xn--"):
        return label if label.isascii() else _a_label(label)
    try:
        return _a_label(_mapped(idna.ulabel(label)))
    except idna.IDNAError as error:
        raise ValidationError(f"{label} is not the coded form of any part of a domain.") from error


def _mapped(typed: str) -> str:
    text = unicodedata.normalize("NFC", typed)
    for character in text:
        if not _is_seen_as_itself(character):
            raise ValidationError(f"{_named(character)} cannot stand in an e-mail address.")
    return idna.uts46_remap(text, std3_rules=True)


def _is_seen_as_itself(character: str) -> bool:
    """Whether a character is visible and UTS 46 changes nothing of it but its case."""
    if unicodedata.category(character) == _FORMATTING:
        return False
    try:
        mapped = idna.uts46_remap(character, std3_rules=True)
    except idna.IDNAError:
        return False
    return mapped in {character, unicodedata.normalize("NFC", character.lower())}


def _a_label(label: str) -> str:
    try:
        return idna.alabel(label).decode()
    except idna.InvalidCodepoint as error:
        raise ValidationError(f"{_named(chr(error.codepoint or 0))} cannot stand in an e-mail address.") from error
    except idna.IDNAError as error:
        raise ValidationError(f"“{label}” cannot be a part of a domain.") from error


def _named(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"The character U+{ord(character):04X}{f' ({name})' if name else ''}"


def written_address(typed: str) -> str:
    """Give the one writing of an address for a service; raise ServiceError for what is none."""
    try:
        return normal_form(typed)
    except ValidationError as error:
        raise ServiceError(" ".join(error.messages)) from error
