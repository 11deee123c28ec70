"""How well a subscription's certificates are, from what the CA last reported. Pure: no clock, no database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from subscriptions.models.certificates import FAILED_CODES, ISSUED_CODES, REPLACED_CODE, REVOKED_CODE, Certificate
from subscriptions.rules.written_names import written


class CertificateState(StrEnum):
    """The state of a name's last ACME order; `subscriptions/explain/states.py` has the words."""

    NONE = "none"
    PENDING = "pending"
    CURRENT = "current"
    EXPIRED = "expired"
    FAILED = "failed"
    REVOKED = "revoked"
    REPLACED = "replaced"


def certificate_state(certificate: Certificate | None, now: datetime) -> CertificateState:
    """Give the state of a name's last ACME order at `now` (codes: "Get the last order" in the CaaS guide)."""
    if certificate is None:
        return CertificateState.NONE
    code = certificate.status_code
    if code in ISSUED_CODES:
        return CertificateState.CURRENT if certificate.is_current(now) else CertificateState.EXPIRED
    if code in FAILED_CODES:
        return CertificateState.FAILED
    others = {REVOKED_CODE: CertificateState.REVOKED, REPLACED_CODE: CertificateState.REPLACED}
    return others.get(code or 0, CertificateState.PENDING)


@dataclass(frozen=True, slots=True)
class CertificateCounts:
    """How many names of a subscription are in which state, and the name whose certificate ran out first."""

    names: int = 0
    current: int = 0
    expired: int = 0
    failed: int = 0
    expired_name: str = ""
    expired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """One sentence about a subscription's certificates, and how it is meant: `success`, `warning`, `danger`, `info`."""

    sentence: str
    tone: str


def health(counts: CertificateCounts, now: datetime, *, had_names: bool = False) -> Health:
    """Say in one sentence how the certificates of a subscription with these counts are at `now`.

    `had_names` is whether its term has begun, which is with its first name.
    """
    if not counts.names:
        return Health("No name is left." if had_names else "No names yet.", "info")
    if counts.expired:
        return Health(_expired_sentence(counts, now), "danger")
    if counts.failed:
        return Health(f"The last order of {_share(counts.failed, counts.names)} failed.", "warning")
    if not counts.current:
        return Health(f"No certificate yet for {_names(counts.names)}.", "info")
    tone = "success" if counts.current == counts.names else "info"
    return Health(f"{counts.current} of {_certificates(counts.names)} current.", tone)


def _expired_sentence(counts: CertificateCounts, now: datetime) -> str:
    if counts.expired > 1 or counts.expired_at is None:
        return f"{counts.expired} of {_certificates(counts.names)} have expired."
    days = (now - counts.expired_at) // timedelta(days=1)
    ago = "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} ago"
    return f"The certificate of {written(counts.expired_name)} expired {ago}."


def _share(part: int, whole: int) -> str:
    return f"{part} of {_names(whole)}"


def _names(number: int) -> str:
    return f"{number} name{'' if number == 1 else 's'}"


def _certificates(number: int) -> str:
    return f"{number} certificate{'' if number == 1 else 's'}"
