"""Errors of the ACME side (RFC 8555, section 6.7), worded as Sectigo's servers do where that is known."""

from typing import Any

PREFIX = "urn:ietf:params:acme:error:"

STATUSES = {
    "accountDoesNotExist": 400,
    "alreadyReplaced": 409,
    "alreadyRevoked": 400,
    "badCSR": 400,
    "badNonce": 400,
    "badPublicKey": 400,
    "badRevocationReason": 400,
    "badSignatureAlgorithm": 400,
    "caa": 403,
    "externalAccountRequired": 403,
    "connection": 400,
    "dns": 400,
    "invalidContact": 400,
    "malformed": 400,
    "orderNotReady": 403,
    "rejectedIdentifier": 400,
    "serverInternal": 500,
    "unauthorized": 403,
    "unsupportedContact": 400,
    "unsupportedIdentifier": 400,
}


class Problem(Exception):  # noqa: N818 - RFC 8555 and RFC 9457 call it a problem
    """Ends a request, a challenge or an order with a problem document. `members` are added to it.

    `location` goes into the header of that name where it is a request that ends.
    """

    def __init__(
        self, kind: str, detail: str, *, status: int | None = None, location: str = "", **members: object
    ) -> None:
        super().__init__(detail)
        self.status = STATUSES[kind] if status is None else status
        self.headers = {"Location": location} if location else {}
        self.document: dict[str, Any] = {
            "type": PREFIX + kind,
            "detail": detail,
            "status": self.status,
            **members,
        }


def eab_problem(detail: str) -> Problem:
    """A refused external account binding, in the wording seen at Sectigo's servers."""
    return Problem("malformed", f"[External Account Binding] {detail}")


def deactivated() -> Problem:
    """What a deactivated account is told."""
    return Problem("unauthorized", "The account has been deactivated", status=401)


def suspended() -> Problem:
    """What a suspended account or binding is told."""
    return Problem("unauthorized", "The account has been suspended")
