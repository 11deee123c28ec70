"""One form for one name, in what is sent to the CA and what comes from it."""

import idna

MAX_NAME = 255  # of `domainName`, "Add a domain"


def domain_name(text: str) -> str:
    """The name as it is compared: lower case, no trailing dot, A-labels."""
    name = text.strip().lower().removesuffix(".")
    if name.isascii() or len(name) > MAX_NAME:
        return name
    wildcard = "*." if name.startswith("*.") else ""
    try:
        return wildcard + idna.encode(name.removeprefix("*."), uts46=True).decode()
    except idna.IDNAError:
        return name
