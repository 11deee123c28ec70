"""May this CA issue for a name? CAA records (RFC 8659), really looked up."""

from collections.abc import Callable
from typing import Any

from .lookups import Lookups
from .problems import Problem

# Those of Sectigo's CPS, the last two of them deprecated. entrust.net and affirmtrust.com are for customers with a
# contract that says so.
IDENTITIES = ("sectigo.com", "usertrust.com", "trust-provider.com", "comodoca.com", "comodo.com")
UNDERSTOOD = ("issue", "issuewild", "iodef")
CRITICAL = 128

CaaCheck = Callable[[str], None]


def permit_everything(_name: str) -> None:
    """For demos: nobody is asked."""


class RealCaaCheck:
    """Looks up the records that bind a CA, and lets it issue only where they do not forbid it."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def __call__(self, name: str) -> None:
        """Return when the name, with or without `*.`, may be certified.

        Raises Problem (caa) when it may not, and (dns) when the records cannot be looked up: then nobody may.
        """
        found, records = self._relevant(name.removeprefix("*."))
        if why := _why_forbidden(records, wildcard=name.startswith("*.")):
            raise Problem("caa", f'CAA record for {found} prevents issuance for "{name}": {why}')

    def _relevant(self, name: str) -> tuple[str, list[Any]]:
        """The records of the name, or of the nearest name above it that has some (section 3)."""
        labels = name.split(".")
        for start in range(len(labels)):
            at = ".".join(labels[start:])
            if records := self._lookups.records(at, "CAA"):
                return at, records
        return "", []


def _why_forbidden(records: list[Any], *, wildcard: bool) -> str:
    tagged = [(record.tag.decode("ascii", "replace").lower(), record) for record in records]
    for tag, record in tagged:
        if record.flags & CRITICAL and tag not in UNDERSTOOD:
            return f"the critical property {tag} is not understood"
    issue, wild = ([record for tag, record in tagged if tag == wanted] for wanted in ("issue", "issuewild"))
    binding = wild if wildcard and wild else issue
    named = [_issuer(record) for record in binding]
    if not binding or any(issuer in IDENTITIES for issuer in named):
        return ""
    return "it names " + (", ".join(issuer for issuer in named if issuer) or "no CA")


def _issuer(record: Any) -> str:
    """The CA that an issue property names, without the parameters after it; empty where it names none."""
    value: str = record.value.decode("ascii", "replace")
    return value.partition(";")[0].strip().lower()
