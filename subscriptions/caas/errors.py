"""What can go wrong with a call to the CA, by what is known about its effect.

    CaasError
    ├── NotSent                    the CA has seen nothing of the call: nothing happened, calling again is safe
    │   └── LookRefused            the caller's own last look said no: the call is no longer the caller's to make
    ├── Refused                    the CA said no: nothing was done and nothing was charged
    │   ├── LoginRefused           any 401; calling again can lock the reseller's login
    │   ├── RateLimited            any 429; call again later
    │   ├── InsufficientFunds      the reseller's balance does not cover the charge
    │   ├── PricingProblem         prices are missing or must be verified with the CA
    │   └── ParentAccountProblem   the Tier 1 account could not be debited or is at its credit limit
    └── OutcomeUnknown             begun, and what came back does not say what happened: settle by reading
        └── UnreadableReply        an answer came, but not one that can be read completely

The tree is the same for reads; for a read OutcomeUnknown only means that there is no reading.

Each class decides once what an error means for others: what it `closes`, whether it `is_final` for an operation that
met it, and whether its call was `surely_not_done`.

NotSent is told by whether anything of the request was written, not by the kind of failure. OutcomeUnknown is
everything that is neither of the first two: half a request, a read time-out, the total deadline, a lost connection,
any 5xx, any 3xx, a 4xx without the CA's error body, a body that is not the documented JSON. It is also a 2xx reply
with `success: false` and without the CA's error body (`type` and `detail`): the guide shows no such reply, so
nothing tells what did not succeed. A 2xx reply that is the CA's error body is a refusal.

The text of each error is a sentence for people; technical detail stands in its evidence.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar


class Closes(StrEnum):
    """Which calls an error stops until a person has looked, from narrow to wide."""

    NOTHING = "nothing"
    SERVER_CHARGES = "server_charges"  # the charges of the ACME server that the call was about
    CHARGES = "charges"
    ALL = "all"


class RefusalReason(StrEnum):
    """Why the CA refused, as far as its words tell ("Unsuccessful responses" in the CaaS guide)."""

    LOGIN = "login"
    RATE_LIMIT = "rate_limit"
    MISSING_ARGUMENT = "missing_argument"
    INVALID_ARGUMENT = "invalid_argument"
    UNRECOGNIZED_ARGUMENT = "unrecognized_argument"
    BASE64 = "base64"
    HTTPS_REQUIRED = "https_required"
    ACCOUNT = "account"  # the ACME account that the call names: unknown, deactivated, suspended
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
    """A call to the CA did not give a result; its text is a sentence for people, its `evidence` safe to store.

    `evidence` is redacted and holds `action`, `http_status` (None without an answer), `body` (at most 4,000
    characters), `elapsed_seconds` and, where there is more to say than that, `failure`. `retry_after` is how many
    seconds the CA asks to wait, up to an hour, where it named a time.
    """

    closes: ClassVar[Closes] = Closes.NOTHING
    is_final: ClassVar[bool] = False
    surely_not_done: ClassVar[bool] = False

    retry_after: int | None = None

    def __init__(self, message: str, *, evidence: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.evidence: dict[str, Any] = dict(evidence or {})


class NotSent(CaasError):  # noqa: N818 - it names the outcome, and design and callers speak of it so
    """Nothing of the call was written, so the CA has seen nothing of it."""

    surely_not_done = True


class LookRefused(NotSent):
    """The last look said no, so nothing was written: the claim is lost, or something closed meanwhile."""


class OutcomeUnknown(CaasError):  # noqa: N818
    """The call may or may not have taken effect; it must not be repeated before reading has settled it."""


class UnreadableReply(OutcomeUnknown):
    """The CA answered with success, but the answer is not the documented JSON or lacks what it must hold."""


class Refused(CaasError):  # noqa: N818
    """The CA refused the call in its own words (`detail`); nothing was changed and nothing was charged."""

    is_final = True
    surely_not_done = True

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

    closes = Closes.ALL
    is_final = False


class RateLimited(Refused):
    """The CA asks to slow down."""

    is_final = False


class InsufficientFunds(Refused):
    """The reseller's balance at the CA does not cover the charge."""

    closes = Closes.CHARGES
    is_final = False


class PricingProblem(Refused):
    """The CA has no valid price for the reseller: not configured, or to be verified first."""

    closes = Closes.SERVER_CHARGES
    is_final = False


class ParentAccountProblem(Refused):
    """The Tier 1 account above the reseller's could not be debited or has reached its credit limit."""

    closes = Closes.CHARGES
    is_final = False


REFUSAL_CLASSES: Mapping[RefusalReason, type[Refused]] = {
    RefusalReason.LOGIN: LoginRefused,
    RefusalReason.RATE_LIMIT: RateLimited,
    RefusalReason.INSUFFICIENT_FUNDS: InsufficientFunds,
    RefusalReason.PRICING: PricingProblem,
    RefusalReason.PARENT_ACCOUNT: ParentAccountProblem,
}
