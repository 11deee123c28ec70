"""What the admin API answers: bodies, and the refusals of the guide's page "Unsuccessful responses"."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

JSON_TYPE = "application/json"
MALFORMED = "urn:sectigo:params:acme:error:malformed"
UNAUTHORIZED = "urn:sectigo:params:acme:error:unauthorized"
RATE_LIMITED = "urn:sectigo:params:acme:error:rateLimited"

_MONEY = re.compile(r'"money:(-?\d+)\.(\d\d)"')


@dataclass(frozen=True)
class Reply:
    """One HTTP answer, and how the wire misbehaves around it.

    `cut`: the connection ends without an answer. `unreachable`: there was no connection at all. `delay`: seconds
    before the answer. `late`: the change itself, to be made when the caller has given up; such a reply is cut too.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: bool = False
    unreachable: bool = False
    delay: float = 0
    late: Callable[[], None] | None = None


@dataclass(frozen=True)
class ErrorRow:
    """A row of the error table; `detail` may hold one `{}` for the argument's name."""

    status: int
    type: str
    detail: str


class Refusal(Exception):  # noqa: N818 - the API refuses; nothing went wrong in the sandbox
    """Ends a call with an error row."""

    def __init__(self, row: str, argument: str = "") -> None:
        template = ERROR_ROWS[row]
        self.row = ErrorRow(template.status, template.type, template.detail.format(argument))
        super().__init__(self.row.detail)


# The first nine rows are word for word; of the others only the meaning is public, so their texts are plausible ones.
ERROR_ROWS = {
    "unrecognized-argument": ErrorRow(400, MALFORMED, "'{}' is an unrecognized argument!"),
    "missing-argument": ErrorRow(400, MALFORMED, "The '{}' argument is missing!"),
    "invalid-argument": ErrorRow(400, MALFORMED, "The value of the '{}' argument is invalid!"),
    "base64url": ErrorRow(400, MALFORMED, "Base64url-encoding failed!"),
    "login": ErrorRow(
        401,
        UNAUTHORIZED,
        "Incorrect login details, account is locked, password has expired, or your source IP is blocked!",
    ),
    "https-required": ErrorRow(403, UNAUTHORIZED, "Use of HTTPS is REQUIRED!"),
    "not-deactivated": ErrorRow(403, UNAUTHORIZED, "Account could not be deactivated!"),
    "not-removed": ErrorRow(403, UNAUTHORIZED, "Domain could not be removed!"),
    "not-for-dv": ErrorRow(403, UNAUTHORIZED, "Not applicable for DV!"),
    "permission": ErrorRow(403, UNAUTHORIZED, "You do not have permission for this request. Please contact support!"),
    "no-subscription": ErrorRow(403, UNAUTHORIZED, "The subscription has expired or does not exist!"),
    "no-pricing": ErrorRow(403, UNAUTHORIZED, "Pricing for the subscription is not configured on your account!"),
    "pricing-unverified": ErrorRow(403, UNAUTHORIZED, "The prices of your pricing band must be verified and updated!"),
    "insufficient-funds": ErrorRow(
        403, UNAUTHORIZED, "Insufficient funds: your account could not be debited. Please top up!"
    ),
    "tier1-debit": ErrorRow(403, UNAUTHORIZED, "The Tier 1 account failed to process the debit!"),
    "tier1-credit": ErrorRow(403, UNAUTHORIZED, "The Tier 1 account has reached its credit limit!"),
    "partner-missing": ErrorRow(403, UNAUTHORIZED, "The Partner Account ID is missing from the request!"),
    "domain-present": ErrorRow(403, UNAUTHORIZED, "The domain name is already present in the subscription."),
    "rate-limited": ErrorRow(429, RATE_LIMITED, "Too many requests. Please try again later!"),
}


def money(cents: int) -> str:
    """A placeholder that `json_reply` prints as a JSON number with two decimals, as the samples do."""
    return f"money:{decimal_text(cents)}"


def decimal_text(cents: int) -> str:
    """Cents as `200.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def json_reply(content: dict[str, Any], status: int = HTTPStatus.OK) -> Reply:
    """An answer of the API."""
    text = _MONEY.sub(r"\1.\2", json.dumps(content))
    return Reply(status, {"Content-Type": JSON_TYPE}, text.encode())


def error_reply(row: ErrorRow) -> Reply:
    """The JSON body of a refusal: `type` and `detail`, nothing else."""
    reply = json_reply({"type": row.type, "detail": row.detail}, row.status)
    if row.status == HTTPStatus.TOO_MANY_REQUESTS:
        reply.headers["Retry-After"] = "1"
    return reply


def html_reply(status: int) -> Reply:
    """A page of the platform in front of the API, which knows nothing of JSON."""
    phrase = HTTPStatus(status).phrase
    page = f"<!DOCTYPE html><html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
    return Reply(status, {"Content-Type": "text/html"}, page.encode())
