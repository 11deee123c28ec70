"""What becomes of a name's certificate, from its own lifetime: no day count stands here.

Lifetimes fall from year to year ("Subscriber certificate validity", 6.3.2 of the Sectigo TLS CP/CPS), and the CA tells
each one ("Get the last order details for each domain" in the CaaS guide).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

# "Get the last order details for each domain" in the CaaS guide. Other codes are of an order that is under way.
ISSUED_CODES = frozenset({6, 9})
FAILED_CODES = frozenset({3, 5, 7})
REVOKED_CODE = 8
REPLACED_CODE = 14
ENDED_CODES = frozenset({REVOKED_CODE, REPLACED_CODE})  # something was issued, and is not what is to be served any more

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # the end of what has none: rows are ordered by it


class CertificateState(StrEnum):
    """How a name's certificate is; `subscriptions/explain/states.py` has the words.

    Of several that hold, the one that comes first here is shown, and what else holds is said beside it:
    REVOKED beats all, also where the certificate has run out since;
    EXPIRED, whatever was tried since, for the site is down;
    FAILING before LATE: it says why;
    LATE before REPLACED: that a renewal is overdue is never hidden;
    REPLACED before DUE: there should be a newer one now, and none is known.
    """

    REVOKED = "revoked"
    EXPIRED = "expired"
    FAILING = "failing"
    LATE = "late"
    REPLACED = "replaced"
    DUE = "due"
    CURRENT = "current"
    NEVER_ISSUED = "never_issued"


class Standing(StrEnum):
    """What the CA's word comes to, whatever time it is: with the dates beside it, it gives the state."""

    NONE = "none"  # nothing was issued, and the last order, if any, is under way
    ISSUED = "issued"
    FAILING = "failing"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Course:
    """From when on a certificate is due, from when on late, and when it ends; None where its dates are not told."""

    due_at: datetime | None
    late_at: datetime | None
    ends_at: datetime | None


def course_of(
    valid_from: datetime | None,
    valid_until: datetime | None,
    *,
    late_percent: float,
    ari_starts_at: datetime | None = None,
) -> Course:
    """Give the course of a certificate: due past two thirds of its lifetime, late so many percent of it beyond that.

    Where the CA itself says when to renew (`ari_starts_at`, the start of the window of RFC 9773) that counts instead.
    """
    if valid_until is None:
        return Course(None, None, None)
    if valid_from is None or valid_from >= valid_until:
        return Course(None, None, valid_until)
    lifetime = valid_until - valid_from
    due_at = min(ari_starts_at or valid_from + lifetime * 2 / 3, valid_until)
    return Course(due_at, min(due_at + lifetime * (late_percent / 100), valid_until), valid_until)


def can_renew(renewable_until: datetime | None, now: datetime) -> bool:
    """Whether a name can be renewed at `now`: its term runs and its ACME account is open until `renewable_until`."""
    return renewable_until is not None and renewable_until > now


def state_of(
    standing: str, course: Course, *, is_issued: bool, renewable_until: datetime | None, now: datetime
) -> CertificateState:
    """Give the state at `now`; `is_issued` is whether there is a certificate at all.

    Where nothing can be renewed, because the term is over or the ACME account is stopped (`renewable_until`), nothing
    is due, late or failing: the certificate ends, and then it has expired.
    """
    state = CertificateState
    if standing == Standing.REVOKED:
        return state.REVOKED
    if course.ends_at is not None and course.ends_at <= now:
        return state.EXPIRED
    is_renewable = can_renew(renewable_until, now)
    if is_renewable and standing == Standing.FAILING:
        return state.FAILING
    if not is_issued:
        return state.NEVER_ISSUED
    if is_renewable and course.late_at is not None and course.late_at <= now:
        return state.LATE
    if standing == Standing.REPLACED:
        return state.REPLACED
    if is_renewable and course.due_at is not None and course.due_at <= now:
        return state.DUE
    return state.CURRENT


def wildcard_over(name: str) -> str:
    """Give the wildcard whose certificate covers a name too: one label stands for its asterisk (RFC 6125, 6.4.3)."""
    return f"*.{name.split('.', 1)[-1]}"
