"""How well a subscription's certificates are, from what the CA last reported. Pure: no clock, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from subscriptions.models.certificates import Certificate, IssuedCertificate
from subscriptions.rules.certificates import CertificateState, can_renew
from subscriptions.rules.written_names import written

State = CertificateState
# What a name's site can be served with, whatever is to be done about it.
VALID = (State.CURRENT, State.DUE, State.LATE, State.REPLACED)


def certificate_state(certificate: Certificate | None, now: datetime) -> CertificateState:
    """Give the state of a name's certificate at `now`; None is a name that was not read yet."""
    return State.NEVER_ISSUED if certificate is None else certificate.state_at(now)


def failure_of(certificate: Certificate | None) -> str:
    """Give the CA's own words for the order that failed after the last certificate; an empty text without one."""
    if certificate is None or certificate.ordered_failed_since is None:
        return ""
    return certificate.failed_description or f"Code {certificate.failed_code}"


def note_of(certificate: Certificate | None, state: CertificateState) -> str:
    """Give the CA's own words that belong beside a state: of a failure, or where no certificate is simply there."""
    if certificate is None or certificate.covered_by_id is not None:
        return ""
    if failure := failure_of(certificate):
        return failure
    return certificate.status_description if state in (State.NEVER_ISSUED, State.REPLACED, State.REVOKED) else ""


def told(certificate: Certificate | None, state: CertificateState, now: datetime) -> "Health":
    """Say in one sentence how a name's certificate is, and how that is meant."""
    if certificate is None:
        return Health("The CA was not asked about this name yet.", "info")
    if state == State.NEVER_ISSUED:
        since = certificate.never_issued_since or now
        return Health(f"No certificate was issued for it: the name was added {ago(since, now)}.", "info")
    if state == State.EXPIRED and certificate.ends_at is not None:
        return Health(f"It expired {ago(certificate.ends_at, now)}.{_why_it_ended(certificate, now)}", "danger")
    if state == State.LATE and certificate.due_at is not None:
        return Health(f"Its renewal is late: it was due {ago(certificate.due_at, now)}.", "warning")
    return _TOLD.get(state) or _valid(certificate, now)


def _why_it_ended(certificate: Certificate, now: datetime) -> str:
    if not can_renew(certificate.renewable_until, now):
        return " Its subscription has ended or is stopped: nothing can be renewed."
    return " The last order failed." if failure_of(certificate) else " No newer one was ordered."


def _valid(certificate: Certificate, now: datetime) -> "Health":
    if not can_renew(certificate.renewable_until, now):
        return Health("It is valid, and ends: its subscription has ended or is stopped.", "warning")
    return Health("It is valid, and its renewal is not due yet.", "success")


def ending_of(issued: IssuedCertificate, now: datetime) -> str:
    """Give how a certificate in the history of a name ended; an empty text where it has not."""
    if issued.revoked_at is not None:
        return "Revoked"
    if issued.replaced_at is not None:
        return "Replaced by the CA"
    if issued.renewed_at is not None:
        return "Renewed"
    return "Ran out" if issued.valid_until is not None and issued.valid_until <= now else ""


@dataclass(frozen=True, slots=True)
class CertificateCounts:
    """How many names are in which state; of those that expired, and of those that are late, the first one."""

    names: int = 0
    of_state: Mapping[CertificateState, int] = field(default_factory=dict)
    expired_name: str = ""
    expired_at: datetime | None = None
    late_name: str = ""
    due_at: datetime | None = None

    def __getitem__(self, state: CertificateState) -> int:
        return self.of_state.get(state, 0)

    @property
    def valid(self) -> int:
        """How many have a certificate that is valid, not counting those whose renewal fails."""
        return self[State.CURRENT] + self[State.DUE]


@dataclass(frozen=True, slots=True)
class Health:
    """One sentence about a subscription's certificates, and how it is meant: `success`, `warning`, `danger`, `info`."""

    sentence: str
    tone: str


_TOLD = {
    State.REVOKED: Health("The CA has revoked it: browsers may refuse it. A new order makes a new one.", "danger"),
    State.FAILING: Health("The last order for it failed.", "danger"),
    State.REPLACED: Health("The CA has replaced it, and no newer one is known.", "warning"),
    State.DUE: Health("Its renewal is due: ACME clients renew about now.", "info"),
}


def health(counts: CertificateCounts, now: datetime, *, had_names: bool = False) -> Health:
    """Say in one sentence how certificates with these counts are at `now`: of several troubles, the worst.

    `had_names` is whether the term has begun, which is with its first name.
    """
    if not counts.names:
        return Health("No name is left." if had_names else "No names yet.", "info")
    if counts[State.EXPIRED]:
        return Health(_expired_sentence(counts, now), "danger")
    if revoked := counts[State.REVOKED]:
        return Health(f"{revoked} of {_certificates(counts.names)} {_is_or_are(revoked)} revoked.", "danger")
    if failing := counts[State.FAILING]:
        return Health(f"The last order of {failing} of {_names(counts.names)} failed.", "warning")
    if counts[State.LATE]:
        return Health(_late_sentence(counts, now), "warning")
    if replaced := counts[State.REPLACED]:
        sentence = (
            f"{replaced} of {_certificates(counts.names)} {_is_or_are(replaced)} replaced, and no newer one is known."
        )
        return Health(sentence, "warning")
    if not counts.valid:
        return Health(f"No certificate yet for {_names(counts.names)}.", "info")
    tone = "success" if counts.valid == counts.names else "info"
    return Health(f"{counts.valid} of {_certificates(counts.names)} current.", tone)


def _expired_sentence(counts: CertificateCounts, now: datetime) -> str:
    if counts[State.EXPIRED] > 1 or counts.expired_at is None:
        return f"{counts[State.EXPIRED]} of {_certificates(counts.names)} have expired."
    return f"The certificate of {written(counts.expired_name)} expired {ago(counts.expired_at, now)}."


def _late_sentence(counts: CertificateCounts, now: datetime) -> str:
    if counts[State.LATE] > 1 or counts.due_at is None:
        return f"{counts[State.LATE]} of {_certificates(counts.names)} are late to be renewed."
    return f"The renewal of {written(counts.late_name)} is late: it was due {ago(counts.due_at, now)}."


def ago(instant: datetime, now: datetime) -> str:
    """Give how long before `now` an instant was, in whole days: "today", "1 day ago"."""
    days = (now - instant) // timedelta(days=1)
    return "today" if days == 0 else f"{days} day{'' if days == 1 else 's'} ago"


def _is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


def _names(number: int) -> str:
    return f"{number} name{'' if number == 1 else 's'}"


def _certificates(number: int) -> str:
    return f"{number} certificate{'' if number == 1 else 's'}"
