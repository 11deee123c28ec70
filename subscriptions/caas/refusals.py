"""Tells from the CA's error body what kind of no it is ("Unsuccessful responses" in the CaaS guide).

By HTTP status first, then by the last segment of `type` (both prefixes of the urn are accepted), then by known
texts. The guide's exact words for half of the rows are not public, so 403s are told apart by keywords.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .errors import RefusalReason as Reason
from .parsing import lowered

MAX_DETAIL = 4000  # characters looked at

_TYPE = re.compile(r"urn:(?:sectigo|ietf):params:acme:error:([\w.-]+)", re.IGNORECASE)

# A domain name in the CA's words is not the CA's word: `fund.example.com` says nothing about money.
_DOMAIN_NAME = re.compile(r"(?:\*\.)?[\w-]+(?:\.[\w-]+)+")

_REASON_BY_STATUS = {401: Reason.LOGIN, 429: Reason.RATE_LIMIT}
_KIND_BY_STATUS = {400: "malformed", 403: "unauthorized"}

# What the CA says of an ACME account that it does not take is not public: either order of the words is understood.
_UNUSABLE = (
    r"(?:unknown|invalid|deactivated|suspended|revoked|(?:does not|doesn.t) exist"
    r"|not (?:be )?(?:found|known|valid|active|usable|recogni[sz]ed))"
)
_ACCOUNT = (
    rf"\baccount(?:id)?\b[^.!;]*\b{_UNUSABLE}\b"
    r"|\b(?:unknown|invalid|deactivated|suspended|revoked|no such)\b(?: acme)? account\b"
)

# Order matters: the first match counts. A refund is no fund, and the Tier 1 rows speak of credit and debit too.
_PATTERNS: Mapping[str, tuple[tuple[str, Reason], ...]] = {
    "malformed": (
        (r"unrecogni[sz]ed argument", Reason.UNRECOGNIZED_ARGUMENT),
        (r"argument is missing", Reason.MISSING_ARGUMENT),
        (r"\bacmeAccountID\b\W+argument is invalid", Reason.ACCOUNT),
        (r"argument is invalid", Reason.INVALID_ARGUMENT),
        (r"base64", Reason.BASE64),
        (_ACCOUNT, Reason.ACCOUNT),
        (r"\balready\b", Reason.ALREADY_PRESENT),
    ),
    "unauthorized": (
        (r"https is required", Reason.HTTPS_REQUIRED),
        (r"could not be deactivated", Reason.NOT_DEACTIVATABLE),
        (r"could not be removed", Reason.NOT_REMOVABLE),
        (r"not applicable for dv", Reason.DV_ONLY),
        (r"\btier[ -]?1\b|\bparent\b", Reason.PARENT_ACCOUNT),
        (r"\bfunds?\b|\bcredit\b|\bdebit", Reason.INSUFFICIENT_FUNDS),
        (r"\bpric", Reason.PRICING),
        (_ACCOUNT, Reason.ACCOUNT),
        (r"\balready\b", Reason.ALREADY_PRESENT),
        (r"\bexpired?\b|\bextension\b|does not exist", Reason.EXPIRED),
        (r"\bpermi(?:ssion|tted)", Reason.PERMISSION),
    ),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The CA's no: its own words, and what they come to."""

    error_type: str
    detail: str
    reason: Reason


def refusal(status: int, payload: object) -> Refusal | None:
    """What the CA refused with this HTTP status and JSON body, or None where it did not refuse.

    A 401 and a 429 refuse whatever their body. Other statuses need the CA's error body: a proxy's own problem
    report refuses nothing. A 5xx never counts, as it can come after the deed.
    """
    known = lowered(payload) if isinstance(payload, Mapping) else {}
    error_type, detail = known.get("type"), known.get("detail")
    typed = _TYPE.fullmatch(error_type) if isinstance(error_type, str) else None
    if typed and isinstance(detail, str) and (200 <= status <= 299 or 400 <= status <= 499):
        return Refusal(typed[0], detail, _reason(status, typed[1].lower(), detail))
    if status in _REASON_BY_STATUS:
        return Refusal("", "", _REASON_BY_STATUS[status])
    return None


def denies_success(payload: Mapping[str, object]) -> bool:
    """Whether a reply says of itself that it did not succeed; one that says nothing about it does not."""
    success = lowered(payload).get("success", True)
    return (success.lower() if isinstance(success, str) else success) not in (True, "true")


def _reason(status: int, segment: str, detail: str) -> Reason:
    if segment == "ratelimited":
        return Reason.RATE_LIMIT
    if status in _REASON_BY_STATUS:
        return _REASON_BY_STATUS[status]
    if segment == "accountdoesnotexist":
        return Reason.ACCOUNT
    patterns = _PATTERNS.get(_KIND_BY_STATUS.get(status, segment), ())
    words = _DOMAIN_NAME.sub("", detail[:MAX_DETAIL])
    return next((known for text, known in patterns if re.search(text, words, re.IGNORECASE)), Reason.OTHER)
