"""Domain names as the sandbox judges them: form, type and the companion that comes free."""

import re

LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

FQDN = "FQDN"
WILDCARD = "Wildcard"


def normal_name(text: str) -> str | None:
    """The name in lower case, or None when it is no FQDN or wildcard in A-label form without a trailing dot."""
    name = text.lower()
    base = name.removeprefix("*.")
    labels = base.split(".")
    if len(name) > 253 or len(labels) < 2 or labels[-1].isdigit():
        return None
    return name if all(LABEL.fullmatch(label) for label in labels) else None


def domain_type(name: str) -> str:
    """`Wildcard` or `FQDN`, as LISTTRANSACTIONS words it."""
    return WILDCARD if name.startswith("*.") else FQDN


def companion(paid: str) -> str:
    """The one name that comes free with a paid one.

    A wildcard brings its base name, `www.example.com` brings `example.com`, any other name brings its `www.` name.
    The guide's table is not public; this is the likely rule ("Remove a domain" shows the pair with `www.`).
    """
    if paid.startswith("*."):
        return paid[2:]
    bare = paid.removeprefix("www.")
    if bare != paid and "." in bare:
        return bare
    return f"www.{paid}"
