"""The state of a certificate is the same in Python and in SQL, and each certificate is in one state."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer
from subscriptions.models import Certificate, Domain, Subscription
from subscriptions.models.certificates import state_condition
from subscriptions.rules.certificates import CertificateState
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

ISSUED = cast.utc(2026, 1, 1)
DAY = timedelta(days=1)
END = ISSUED + 90 * DAY


def facts() -> Iterator[dict[str, Any]]:
    """Every combination of what can be known of a name's order and certificate."""
    dates: list[dict[str, Any]] = [{}, {"valid_until": END}, {"valid_from": ISSUED, "valid_until": END}]
    issued: list[dict[str, Any]] = [{"issued_seen_at": None}, *({"issued_seen_at": ISSUED, **one} for one in dates)]
    words: list[dict[str, Any]] = [
        {"ordered_failed_since": ISSUED},
        {"revoked_at": ISSUED + DAY},
        {"replaced_at": ISSUED},
    ]
    for first, failed, revoked, replaced in product(issued, *([{}, word] for word in words)):
        yield {**first, **failed, **revoked, **replaced}


def wildcards() -> list[dict[str, Any] | None]:
    """What the wildcard over a name may have: nothing, one that ends before or after the name's own, one revoked."""
    later = {"valid_from": ISSUED + 2 * DAY, "valid_until": END + DAY, "issued_seen_at": ISSUED}
    return [None, {"issued_seen_at": None}, later, later | {"revoked_at": ISSUED}, later | {"valid_until": END - DAY}]


@pytest.fixture
def certificates(subscription: Subscription) -> list[Certificate]:
    covering = [
        None
        if told is None
        else cast.make_certificate(cast.make_domain(subscription, f"*.w{number}.example"), **NOTHING | told)
        for number, told in enumerate(wildcards())
    ]
    renewable = [None, ISSUED + 65 * DAY, END + 100 * DAY]
    combinations = list(product(facts(), covering, renewable))
    domains = Domain.objects.bulk_create(
        Domain(subscription=subscription, name=f"n{number}.example") for number in range(len(combinations))
    )
    rows = []
    for domain, (told, wildcard, until) in zip(domains, combinations, strict=True):
        row = Certificate(domain=domain, code=domain.code, name=domain.name, **told)
        row.reckon(wildcard=wildcard, renewable_until=until, late_percent=10)
        rows.append(row)
    Certificate.objects.bulk_create(rows)
    return list(Certificate.objects.all())


NOTHING: dict[str, Any] = {"valid_from": None, "valid_until": None}


def instants(certificates: list[Certificate]) -> set[datetime]:
    """Every instant at which a state can change, and those right before."""
    columns = ("due_at", "late_at", "ends_at", "renewable_until")
    changes = {getattr(one, column) for one in certificates for column in columns} - {None}
    return changes | {instant - timedelta(microseconds=1) for instant in changes}


def test_python_and_sql_say_the_same(certificates: list[Certificate]) -> None:
    assert len(certificates) > 400
    shown = set()
    for now in instants(certificates):
        expected: dict[str, set[int]] = {state: set() for state in CertificateState}
        for one in certificates:
            expected[one.state_at(now)].add(one.pk)
        for state, pks in expected.items():
            assert set(Certificate.objects.of_state(state, now).values_list("pk", flat=True)) == pks, (state, now)
            by_name = Domain.objects.filter(state_condition(state, now, prefix="certificate__"))
            assert set(by_name.values_list("certificate", flat=True)) == pks
        shown |= {state for state, pks in expected.items() if pks}
    assert shown == set(CertificateState)


@pytest.fixture
def covered(running_subscription: Subscription) -> tuple[Certificate, Certificate]:
    """The certificate of a wildcard, and that of a name under it that has none of its own."""
    wildcard = cast.make_certificate(cast.make_domain(running_subscription, "*.example.com"))
    return wildcard, cast.make_ca_order(running_subscription.domains.get(name="www.example.com"))


def test_a_wildcard_counts_for_each_name_it_covers(covered: tuple[Certificate, Certificate]) -> None:
    wildcard, name = covered
    now = timezone.now()
    assert (name.covered_by, name.state_at(now), name.never_issued_since) == (wildcard.domain, "current", None)
    cast.change_certificate(wildcard, valid_from=now - 80 * DAY, valid_until=now + 10 * DAY)
    assert cast.change_certificate(name).state_at(now) == "late"
    assert list(Certificate.objects.watched(now).of_state("late", now)) == [wildcard]  # said once


def test_what_ends_last_counts(covered: tuple[Certificate, Certificate]) -> None:
    wildcard, name = covered
    now = timezone.now()
    own = {"issued_seen_at": now, "valid_from": now - 80 * DAY}
    cast.change_certificate(name, **own, valid_until=now + 10 * DAY)
    assert (name.covered_by, name.ends_at) == (wildcard.domain, wildcard.valid_until)
    cast.change_certificate(name, **own, valid_until=now + 100 * DAY)
    assert (name.covered_by, name.ends_at) == (None, now + 100 * DAY)


def test_a_revoked_one_is_cured_by_what_was_issued_since(covered: tuple[Certificate, Certificate]) -> None:
    wildcard, name = covered
    now = timezone.now()
    cast.change_certificate(name, issued_seen_at=now, revoked_at=now)
    assert (name.covered_by, name.state_at(now)) == (None, "revoked")
    cast.change_certificate(wildcard, valid_from=now + DAY)
    assert cast.change_certificate(name).state_at(now) == "current"
    cast.change_certificate(wildcard, revoked_at=now + DAY)
    assert cast.change_certificate(name).state_at(now) == "revoked"


@pytest.mark.parametrize("case", ["removed", "lapsed", "suspended", "archived", "gone"])
def test_nobody_is_told_of_what_cannot_be_renewed(running_subscription: Subscription, case: str) -> None:
    now = timezone.now()
    domain = running_subscription.domains.get(name="www.example.com")
    certificate = cast.make_certificate(domain, days=-1)
    assert list(Certificate.objects.watched(now)) == [certificate]
    mine = Subscription.objects.filter(pk=running_subscription.pk)
    if case == "removed":
        Domain.objects.filter(pk=domain.pk).update(removed_at=now)
    elif case == "gone":
        Certificate.objects.update(gone_at=now)
    elif case == "suspended":
        mine.update(account_state=Subscription.AccountState.SUSPENDED)  # said at once, before the next reading
    elif case == "lapsed":
        mine.update(expires_at=now - DAY)
        cast.change_certificate(Certificate.objects.get())
    else:
        Customer.objects.update(archived_at=now)
        cast.change_certificate(Certificate.objects.get())
    assert list(Certificate.objects.watched(now)) == []
    assert Certificate.objects.get().state_at(now) == "expired"
