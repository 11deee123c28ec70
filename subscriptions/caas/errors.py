"""What can go wrong with a call to the CA, by what is known about its effect.

    CaasError
    ├── NotSent                    no connection was made: nothing happened, calling again is safe
    ├── Refused                    the CA said no: nothing was done and nothing was charged
    │   ├── LoginRefused           any 401; calling again can lock the reseller's login
    │   ├── RateLimited            any 429; call again later
    │   ├── InsufficientFunds      the reseller's balance does not cover the charge
    │   ├── PricingProblem         prices are missing or must be verified with the CA
    │   └── ParentAccountProblem   the Tier 1 account could not be debited or is at its credit limit
    └── OutcomeUnknown             sent, and what came back does not say what happened: settle by reading
        └── UnreadableReply        an answer came, but not one that can be read completely

The tree is the same for reads; for a read OutcomeUnknown only means that there is no reading.

OutcomeUnknown is everything that is neither of the first two: a read time-out, the total deadline, a lost
connection, any 5xx, any 3xx, a 4xx without the CA's error body, a body that is not the documented JSON.

A 2xx reply that is readable and carries `success: false` is a refusal with reason OTHER. The guide shows no
such reply, but the field exists, and in it the CA itself states that it did nothing; calling that unknown
would have it settled as "did not happen", queued and refused again without end, instead of shown to a person.
The same holds for a 2xx reply that is the CA's error body.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

LONGEST_WAIT = 3600  # seconds; a longer wish is a slip, and an endless one would keep a call for ever


class RefusalReason(StrEnum):
    """Why the CA refused, as far as its words tell ("Unsuccessful responses" in the CaaS guide)."""

    LOGIN = "login"
    RATE_LIMIT = "rate_limit"
    MISSING_ARGUMENT = "missing_argument"
    INVALID_ARGUMENT = "invalid_argument"
    UNRECOGNIZED_ARGUMENT = "unrecognized_argument"
    BASE64 = "base64"
    HTTPS_REQUIRED = "https_required"
    PERMISSION = "permission"
    EXPIRED = "expired"
    ALREADY_PRESENT = "already_present"
    DV_ONLY = "dv_only"
    NOT_REMOVABLE = "not_removable"
    NOT_DEACTIVATABLE = "not_deactivatable"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    PRICING = "pricing"
    PARENT_ACCOUNT = "parent_account"
    OTHER = "other"


class InsecureUrlError(ValueError):
    """The CA's address is neither https nor on this machine, so the login would travel in the clear."""


class CaasError(Exception):
    """A call to the CA did not give a result; `evidence` is redacted and safe to store.

    `evidence` holds `action`, `http_status` (None without an answer), `body` (at most 4,000 characters),
    `elapsed_seconds` and, where no answer came, `failure`.
    """

    def __init__(self, message: str, *, evidence: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.evidence: dict[str, Any] = dict(evidence or {})


class NotSent(CaasError):  # noqa: N818 - it names the outcome, and design and callers speak of it so
    """No connection to the CA could be made, so it has seen nothing of the call."""


class OutcomeUnknown(CaasError):  # noqa: N818
    """The call may or may not have taken effect; it must not be repeated before reading has settled it."""


class UnreadableReply(OutcomeUnknown):
    """The CA answered with success, but the answer is not the documented JSON or lacks what it must hold."""


class Refused(CaasError):  # noqa: N818
    """The CA refused the call in its own words (`detail`); nothing was changed and nothing was charged."""

    def __init__(
        self,
        message: str,
        *,
        http_status: int = 0,
        error_type: str = "",
        detail: str = "",
        reason: RefusalReason = RefusalReason.OTHER,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, evidence=evidence)
        self.http_status = http_status
        self.error_type = error_type
        self.detail = detail
        self.reason = reason


class LoginRefused(Refused):
    """The CA refused the reseller's login: wrong, locked, expired, or called from an address it blocks."""


class RateLimited(Refused):
    """The CA asks to slow down; `retry_after_seconds` is its own wish, up to LONGEST_WAIT, where it named one."""

    retry_after_seconds: int | None = None


class InsufficientFunds(Refused):
    """The reseller's balance at the CA does not cover the charge."""


class PricingProblem(Refused):
    """The CA has no valid price for the reseller: not configured, or to be verified first."""


class ParentAccountProblem(Refused):
    """The Tier 1 account above the reseller's could not be debited or has reached its credit limit."""


REFUSAL_CLASSES: Mapping[RefusalReason, type[Refused]] = {
    RefusalReason.LOGIN: LoginRefused,
    RefusalReason.RATE_LIMIT: RateLimited,
    RefusalReason.INSUFFICIENT_FUNDS: InsufficientFunds,
    RefusalReason.PRICING: PricingProblem,
    RefusalReason.PARENT_ACCOUNT: ParentAccountProblem,
}
