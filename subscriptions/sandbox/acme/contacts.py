"""The contacts of an account (RFC 8555, section 7.3): one e-mail address each."""

import re
from typing import Any
from urllib.parse import unquote

from .problems import Problem

ADDRESS = re.compile(r"[^@\s,?&]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])", re.IGNORECASE)


def contact_addresses(content: dict[str, Any]) -> list[str]:
    """The e-mail addresses of `contact`; raises Problem for another scheme, and for what is no single address."""
    contacts = content.get("contact") or []
    if not isinstance(contacts, list) or not all(isinstance(contact, str) for contact in contacts):
        raise Problem("malformed", "The contacts are not a list of URLs")
    return [_address(contact) for contact in contacts]


def _address(contact: str) -> str:
    scheme, _, sent = contact.partition(":")
    if scheme.lower() != "mailto":
        raise Problem("unsupportedContact", f'The contact "{contact}" is not an e-mail address')
    address = unquote(sent)
    if not address.isascii() or ADDRESS.fullmatch(address) is None:
        raise Problem("invalidContact", f'The contact "{contact}" is not one valid e-mail address')
    return address
