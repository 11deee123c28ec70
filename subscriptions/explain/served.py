"""What a website serves beside what was issued and what is subscribed to: from rows to one sentence. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subscriptions.models import Certificate, ServedCertificate
from subscriptions.preflight import results
from subscriptions.rules.serial_numbers import is_same_serial


class ServedState(StrEnum):
    """How what is served stands to what was issued; `subscriptions/explain/states.py` has the words."""

    IN_USE = "in_use"
    OLD = "old"
    UNPAID = "unpaid"
    NEWER = "newer"
    OTHER = "other"
    OTHER_NAME = "other_name"
    SELF_SIGNED = "self_signed"
    EXPIRED = "expired"
    EARLY = "early"
    NOTHING = "nothing"
    UNREACHABLE = "unreachable"
    WILDCARD = "wildcard"
    WAITING = "waiting"


State = ServedState

_WITHOUT_A_CERTIFICATE = {
    results.SERVED_NOTHING: State.NOTHING,
    results.NOT_NEEDED: State.WILDCARD,
}
_WORTHLESS = {
    results.SERVED_SELF_SIGNED: State.SELF_SIGNED,
    results.SERVED_OTHER_NAME: State.OTHER_NAME,
}


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued for a name: the certificate that covers it, its own or a wildcard's, and the serials before."""

    certificate: Certificate | None = None
    older: Collection[str] = ()
    read_at: datetime | None = None
    """When the CA was last asked."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is said of a served certificate: the state, one sentence, and the next step where there is one."""

    state: ServedState
    sentence: str
    next_step: str = ""


def served_state(
    row: ServedCertificate | None, issued: Issued, *, is_wildcard: bool, is_subscribed: bool, now: datetime
) -> ServedState:
    """Give how what was last seen at a website stands to what was issued.

    `is_subscribed`: the name is in a subscription whose term runs.
    """
    if is_wildcard:
        return State.WILDCARD
    if row is None or row.looked_at is None:
        return State.WAITING
    if not row.serial_number:
        return _WITHOUT_A_CERTIFICATE.get(row.code, State.UNREACHABLE)
    if row.code in _WORTHLESS:
        return _WORTHLESS[row.code]
    return _of_this_name(row, issued, is_subscribed=is_subscribed, now=now)


def _of_this_name(row: ServedCertificate, issued: Issued, *, is_subscribed: bool, now: datetime) -> ServedState:
    last = issued.certificate.serial_number if issued.certificate else ""
    is_last = is_same_serial(last, row.serial_number)
    is_older = not is_last and any(is_same_serial(serial, row.serial_number) for serial in issued.older)
    has_ended = row.valid_until is not None and row.valid_until <= now
    if (is_last or is_older) and not is_subscribed and not has_ended:
        return State.UNPAID
    if is_older:
        return State.OLD
    if has_ended:
        return State.EXPIRED
    if row.valid_from is not None and row.valid_from > now:
        return State.EARLY
    if is_last:
        return State.IN_USE
    is_unread = row.valid_from is not None and (issued.read_at is None or row.valid_from > issued.read_at)
    return State.NEWER if is_unread else State.OTHER


_SENTENCES: dict[ServedState, tuple[str, str]] = {
    State.IN_USE: ("The server shows the certificate that was issued last.", ""),
    State.OLD: (
        "A newer certificate was issued, but the server still shows the old one.",
        "Have the ACME client install the new one, or reload the web server.",
    ),
    State.UNPAID: (
        "The server shows a certificate of this name, but the name is no longer paid for, so it cannot be renewed.",
        "Put the name back into a running subscription, or have another certificate ready before this one ends.",
    ),
    State.NEWER: ("The server shows a newer certificate than the last one the CA was asked about.", ""),
    State.OTHER: (
        "The server shows a certificate that was not issued here.",
        "If it was to come from this subscription, see which certificate file the web server is set to.",
    ),
    State.OTHER_NAME: (
        "The server shows a certificate that is not for this name, so browsers warn.",
        "See that the web server has a site for this name with its own certificate.",
    ),
    State.SELF_SIGNED: (
        "The server shows a certificate that it made itself, so browsers warn.",
        "Have the ACME client order one, and set the web server to its files.",
    ),
    State.EXPIRED: (
        "The certificate that the server shows has ended, so browsers warn.",
        "See why the ACME client did not renew it, or did not install what it ordered.",
    ),
    State.EARLY: ("The certificate that the server shows does not hold yet.", "See whether its clock is right."),
    State.NOTHING: ("Nothing answered on port 443, where a website would serve its certificate.", ""),
    State.UNREACHABLE: ("The website could not be reached from here.", ""),
    State.WILDCARD: ("A wildcard has no website of its own to look at.", ""),
    State.WAITING: ("Nobody has looked at the website yet.", ""),
}

_WHY = {
    results.NOTHING_TO_REACH: "The name has no public address.",
    "timed_out": "There was no answer within the time.",
    "no_route": "This installation has no way to its addresses.",
    "refused": "The name leads to addresses that are not public.",
    "no_name": "There is no such name in the DNS.",
    "unreadable": "What it answered could not be read.",
}


def served_words(state: ServedState, row: ServedCertificate | None) -> Served:
    """Give the sentence of a state and the next step; of one that was not reached, why."""
    sentence, next_step = _SENTENCES[state]
    if row is not None and state in (State.UNREACHABLE, State.NOTHING):
        why = _WHY.get(row.code) or _WHY.get(row.problem, "")
        sentence = f"{sentence} {why}".strip()
    if row is not None and state is State.OTHER and row.issuer_organization:
        sentence = f"The server shows a certificate of {row.issuer_organization} that was not issued here."
    if row is not None and row.differs:
        sentence += " Its addresses show different ones: this is the one that ends first."
    return Served(state, sentence, next_step)
