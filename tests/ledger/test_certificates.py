"""What readings say of certificates: the last order and the last certificate apart, and no single reading trusted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from subscriptions.models import Certificate, IssuedCertificate, Subscription
from subscriptions.sandbox import Fault
from subscriptions.worker.certificates import KEPT
from tests.ledger.world import World

NAME = "first.example.com"
DAY = timedelta(days=1)


@pytest.fixture
def running(world: World) -> Subscription:
    return world.run(world.ready_subscription())


def order(world: World, number: int, code: int = 6, *, name: str = NAME, age: int = 0, **fields: Any) -> dict[str, Any]:
    """An order of some days ago: issued for 90 days, or by its code failed or under way."""
    issued = world.clock.instant - age * DAY
    entry = {
        "orderNumber": number, "acmeOrderID": f"order-{number}", "domainName": name, "statusCode": code,
        "statusDesc": f"code {code}", "acmeAccountID": f"client-{number}",
    }  # fmt: skip
    if code in (6, 8, 9, 14):
        dates = {"validNotBefore": issued, "validNotAfter": issued + 90 * DAY}
        entry |= {"serialNumber": f"{number:04X}"} | {name: text(at) for name, at in dates.items()}
    return {key: value for key, value in (entry | fields).items() if value is not None}


def text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(world: World, subscription: Subscription, *orders: dict[str, Any]) -> Certificate:
    world.rewrite("GETLASTORDER", lambda answer: answer.update(Orders=list(orders)))
    world.clock.advance(minutes=1)
    world.read(subscription)
    return Certificate.objects.get(name=NAME)


def state(world: World, certificate: Certificate, *, days: int = 0) -> str:
    return str(certificate.state_at(world.clock.instant + days * DAY))


def test_each_name_has_a_row_from_its_first_reading_on(world: World, running: Subscription) -> None:
    Certificate.objects.all().delete()
    world.ca.arm("GETLASTORDER", Fault.server_error())
    world.read(running)
    assert Certificate.objects.count() == 0  # nothing is known of it yet
    certificate = read(world, running)
    domain = running.domains.get()
    assert (certificate.code, certificate.never_issued_since) == (domain.code, domain.added_at)
    assert state(world, certificate) == "never_issued"
    assert certificate.renewable_until == Subscription.objects.get().expires_at


def test_its_course_by_the_clock(world: World, running: Subscription) -> None:
    certificate = read(world, running, order(world, 1))
    states = [state(world, certificate, days=days) for days in (0, 59, 61, 68, 70, 89, 91)]
    assert states == ["current", "current", "due", "due", "late", "late", "expired"]
    assert state(world, read(world, running, order(world, 1, age=70), order(world, 2))) == "current"  # quiet at once


def test_a_renewal_that_fails(world: World, running: Subscription) -> None:
    before = read(world, running, order(world, 1, age=61))
    failed = read(world, running, order(world, 2, 3, statusDesc="PRE-SIGN FAILED: CAA"))
    since = failed.ordered_failed_since
    assert (failed.serial_number, failed.valid_until, failed.ca_order_number) == ("0001", before.valid_until, 2)
    assert (failed.issued_order_number, failed.issued_account_id, failed.failed_code) == (1, "client-1", 3)
    assert (state(world, failed), state(world, failed, days=30)) == ("failing", "expired")
    waits = read(world, running, order(world, 3, 12))
    assert (state(world, waits), waits.failed_description) == ("failing", "PRE-SIGN FAILED: CAA")
    again = read(world, running, order(world, 4, 7))
    assert (again.ordered_failed_since, again.failed_code) == (since, 7)
    renewed = read(world, running, order(world, 5))
    assert (state(world, renewed), renewed.ordered_failed_since, renewed.failed_code) == ("current", None, None)


def test_what_one_list_lacks_is_not_gone(world: World, running: Subscription) -> None:
    before = read(world, running, order(world, 1))
    after = read(world, running)
    assert (after.serial_number, after.status_code, after.seen_at) == ("0001", 6, before.seen_at)


def test_an_older_order_replaces_nothing(world: World, running: Subscription) -> None:
    newer, older = order(world, 7), order(world, 5, age=60)
    read(world, running, newer)
    after = read(world, running, older)
    assert (after.serial_number, after.ca_order_number, state(world, after)) == ("0007", 7, "current")
    assert IssuedCertificate.objects.filter(serial_number="0005").exclude(renewed_at=None).exists()
    failed_before = read(world, running, order(world, 6, 7))
    assert (failed_before.status_code, state(world, failed_before)) == (6, "current")


def test_a_list_from_before_the_failure_hides_it_not(world: World, running: Subscription) -> None:
    issued = order(world, 1)
    read(world, running, issued)
    read(world, running, order(world, 2, 7, orderNumber=None))
    assert state(world, read(world, running, issued)) == "failing"


def test_an_order_that_is_listed_an_hour_late_is_taken_in(world: World, running: Subscription) -> None:
    read(world, running, order(world, 1, age=70))
    failed, issued = order(world, 3, 7), order(world, 2)
    read(world, running, failed)
    world.clock.advance(hours=1)
    after = read(world, running, issued)
    assert (after.serial_number, after.issued_order_number) == ("0002", 2)
    assert (after.ca_order_number, state(world, after)) == (3, "failing")  # which came after it


@pytest.mark.parametrize(("code", "word"), [(8, "revoked"), (14, "replaced")])
def test_revoked_and_replaced(world: World, running: Subscription, code: int, word: str) -> None:
    read(world, running, order(world, 1))
    ended = read(world, running, order(world, 1, code, age=0))
    assert (state(world, ended), getattr(ended, f"{word}_at")) == (word, world.clock.instant)
    assert getattr(IssuedCertificate.objects.get(), f"{word}_at") == world.clock.instant
    bare = read(world, running, order(world, 1, code, serialNumber=None, validNotBefore=None, validNotAfter=None))
    assert (state(world, bare), bare.serial_number) == (word, "0001")
    assert state(world, read(world, running, order(world, 2))) == "current"
    back = read(world, running, order(world, 2, code), order(world, 3))
    assert (state(world, back), back.serial_number) == ("current", "0003")


def test_a_list_from_before_the_revocation_takes_it_not_back(world: World, running: Subscription) -> None:
    read(world, running, issued := order(world, 1))
    before = world.clock.instant - timedelta(seconds=30)
    revoked = read(world, running, order(world, 1, 8, validNotBefore=issued["validNotBefore"]))
    world.clock.instant = before - timedelta(minutes=1)  # asked for before both, kept after
    after = read(world, running, issued)
    assert after.revoked_at == revoked.revoked_at is not None
    assert IssuedCertificate.objects.get().revoked_at is not None


def test_one_certificate_of_several_names_counts_for_each(world: World, running: Subscription) -> None:
    world.add(running, "second.example.com")
    world.clock.advance(hours=1)
    both = [order(world, 1), order(world, 1, name="second.example.com")]
    read(world, running, *both)
    assert [state(world, one) for one in Certificate.objects.all()] == ["current", "current"]
    read(world, running, order(world, 2, 7), both[1])
    assert [state(world, one) for one in Certificate.objects.order_by("name")] == ["failing", "current"]


def test_a_wildcard_covers_what_has_none(world: World, running: Subscription) -> None:
    world.add(running, "*.example.com")
    world.clock.advance(hours=1)
    covered = read(world, running, order(world, 1, name="*.example.com"))
    assert (str(covered.covered_by), state(world, covered)) == ("*.example.com", "current")
    world.remove(running, "*.example.com")
    world.clock.advance(hours=3)
    left = read(world, running)
    assert (left.covered_by, state(world, left)) == (None, "never_issued")
    gone = Certificate.objects.get(name="*.example.com")
    assert (gone.gone_at is not None, gone.renewable_until) == (True, None)


def test_its_history(world: World, running: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IssuedCertificate, "MOST_KEPT", 3)
    for number in range(1, 6):
        read(world, running, order(world, number, age=10 - number))
    rows = IssuedCertificate.objects.values_list("serial_number", "renewed_at")
    assert [serial for serial, _ in rows] == ["0005", "0004", "0003"]
    assert [renewed_at is None for _, renewed_at in rows] == [True, False, False]


def test_several_clients_of_one_name(world: World, running: Subscription) -> None:
    """Where the CA breaks its list down by account, a name comes several times."""
    certificate = read(world, running, order(world, 9, 7), order(world, 8, age=1), order(world, 4, age=70))
    assert (certificate.serial_number, certificate.ca_order_number, state(world, certificate)) == ("0008", 9, "failing")
    assert IssuedCertificate.objects.count() == 2


def test_when_the_ca_says_when_to_renew(world: World, running: Subscription) -> None:
    read(world, running, order(world, 1, age=10))
    Certificate.objects.update(ari_starts_at=world.clock.instant - DAY)
    assert state(world, read(world, running)) == "due"
    renewed = read(world, running, order(world, 2))
    assert (renewed.ari_starts_at, state(world, renewed)) == (None, "current")


def test_what_is_left_out_wipes_nothing(world: World, running: Subscription) -> None:
    before = read(world, running, order(world, 1))
    after = read(world, running, order(world, 1, serialNumber=None, validNotBefore=None, validNotAfter=None))
    assert [getattr(after, name) for name in KEPT] == [getattr(before, name) for name in KEPT]
