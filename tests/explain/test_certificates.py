"""What is said of a subscription's certificates."""

from datetime import timedelta
from typing import Any

import pytest

from subscriptions.explain.certificates import CertificateCounts, Health, certificate_state, health, note_of
from subscriptions.models import Certificate
from subscriptions.rules.certificates import CertificateState as State
from tests.cast import utc

NOW = utc(2026, 3, 1)


def counts_of(names: int, states: dict[State, int], **fields: Any) -> CertificateCounts:
    return CertificateCounts(names=names, of_state=states, **fields)


def test_state_without_order() -> None:
    assert certificate_state(None, NOW) is State.NEVER_ISSUED


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (CertificateCounts(), Health("No names yet.", "info")),
        (CertificateCounts(names=1), Health("No certificate yet for 1 name.", "info")),
        (counts_of(1, {State.CURRENT: 1}), Health("1 of 1 certificate current.", "success")),
        (counts_of(12, {State.CURRENT: 9, State.DUE: 3}), Health("12 of 12 certificates current.", "success")),
        (counts_of(12, {State.CURRENT: 3}), Health("3 of 12 certificates current.", "info")),
        (
            counts_of(3, {State.CURRENT: 1, State.LATE: 1, State.FAILING: 1}),
            Health("The last order of 1 of 3 names failed.", "warning"),
        ),
        (
            counts_of(3, {State.EXPIRED: 2, State.FAILING: 1}, expired_name="a.example"),
            Health("2 of 3 certificates have expired.", "danger"),
        ),
        (counts_of(3, {State.REVOKED: 1, State.FAILING: 1}), Health("1 of 3 certificates is revoked.", "danger")),
        (counts_of(3, {State.LATE: 2}), Health("2 of 3 certificates are late to be renewed.", "warning")),
        (
            counts_of(3, {State.LATE: 1}, late_name="a.example", due_at=NOW - timedelta(days=3)),
            Health("The renewal of a.example is late: it was due 3 days ago.", "warning"),
        ),
        (
            counts_of(3, {State.REPLACED: 2}),
            Health("2 of 3 certificates are replaced, and no newer one is known.", "warning"),
        ),
    ],
)
def test_sentences(counts: CertificateCounts, expected: Health) -> None:
    assert health(counts, NOW) == expected


def test_no_name_is_left() -> None:
    assert health(CertificateCounts(), NOW, had_names=True) == Health("No name is left.", "info")


@pytest.mark.parametrize(("hours", "words"), [(1, "today"), (25, "1 day ago"), (72, "3 days ago")])
def test_one_expired(hours: int, words: str) -> None:
    expired_at = NOW - timedelta(hours=hours)
    counts = counts_of(5, {State.CURRENT: 4, State.EXPIRED: 1}, expired_name="www.example.com", expired_at=expired_at)
    assert health(counts, NOW).sentence == f"The certificate of www.example.com expired {words}."


@pytest.mark.parametrize(
    ("fields", "state", "note"),
    [
        ({"status_description": "Valid"}, State.CURRENT, ""),
        ({"status_description": "Awaiting Validation"}, State.NEVER_ISSUED, "Awaiting Validation"),
        ({"status_description": "Revoked"}, State.REVOKED, "Revoked"),
        ({"failed_code": 3, "failed_description": "PRE-SIGN FAILED: CAA"}, State.EXPIRED, "PRE-SIGN FAILED: CAA"),
        ({"failed_code": 7}, State.FAILING, "Code 7"),
        ({"failed_code": 7, "covered_by_id": 4}, State.CURRENT, ""),
    ],
)
def test_the_words_beside_a_state(fields: dict[str, Any], state: State, note: str) -> None:
    failed_since = NOW if "failed_code" in fields else None
    assert note_of(Certificate(ordered_failed_since=failed_since, **fields), state) == note
