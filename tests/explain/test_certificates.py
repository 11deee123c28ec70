"""What is said of a subscription's certificates."""

from datetime import timedelta

import pytest

from subscriptions.explain.certificates import CertificateCounts, CertificateState, Health, certificate_state, health
from subscriptions.models import Certificate
from tests.cast import utc

NOW = utc(2026, 3, 1)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (6, "current"),
        (9, "current"),
        (3, "failed"),
        (5, "failed"),
        (7, "failed"),
        (8, "revoked"),
        (14, "replaced"),
        (12, "pending"),
        (None, "pending"),
        (0, "pending"),
    ],
)
def test_state_by_code(code: int | None, state: str) -> None:
    assert certificate_state(Certificate(status_code=code), NOW) == state


def test_state_without_order() -> None:
    assert certificate_state(None, NOW) is CertificateState.NONE


@pytest.mark.parametrize(("seconds", "state"), [(1, "current"), (0, "expired"), (-1, "expired")])
def test_state_at_the_end_of_validity(seconds: int, state: str) -> None:
    certificate = Certificate(status_code=6, valid_until=NOW + timedelta(seconds=seconds))
    assert certificate_state(certificate, NOW) == state


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (CertificateCounts(), Health("No names yet.", "info")),
        (CertificateCounts(names=1), Health("No certificate yet for 1 name.", "info")),
        (CertificateCounts(names=1, current=1), Health("1 of 1 certificate current.", "success")),
        (CertificateCounts(names=12, current=12), Health("12 of 12 certificates current.", "success")),
        (CertificateCounts(names=12, current=3), Health("3 of 12 certificates current.", "info")),
        (CertificateCounts(names=3, current=2, failed=1), Health("The last order of 1 of 3 names failed.", "warning")),
        (
            CertificateCounts(names=3, expired=2, failed=1, expired_name="a.example"),
            Health("2 of 3 certificates have expired.", "danger"),
        ),
    ],
)
def test_sentences(counts: CertificateCounts, expected: Health) -> None:
    assert health(counts, NOW) == expected


def test_no_name_is_left() -> None:
    assert health(CertificateCounts(), NOW, had_names=True) == Health("No name is left.", "info")


@pytest.mark.parametrize(("hours", "words"), [(1, "today"), (25, "1 day ago"), (72, "3 days ago")])
def test_one_expired(hours: int, words: str) -> None:
    counts = CertificateCounts(
        names=5, current=4, expired=1, expired_name="www.example.com", expired_at=NOW - timedelta(hours=hours)
    )
    assert health(counts, NOW).sentence == f"The certificate of www.example.com expired {words}."
