"""Checks of names: asked for once, within limits, done by one worker, and none lost by a kill."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions import tasks
from subscriptions.models import Domain, NameCheck, Quote, ServedCertificate, Subscription
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from subscriptions.services import name_checks as services
from subscriptions.worker import name_checks as worker
from subscriptions.worker import served as served_looks
from tests import cast

State = NameCheck.State
FOUND = Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": ["192.0.2.1"]})
FORBIDDEN = Look(Topic.CAA, Outcome.PROBLEM, results.CAA_FORBIDS, {"at": "example.com"})


@pytest.fixture
def domain(running_subscription: Subscription) -> Domain:
    return running_subscription.domains.get(name="www.example.com")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked of the looks, which see two things one after the other."""
    questions: list[dict[str, Any]] = []

    def examine(name: str, **question: Any) -> Iterator[list[Look]]:
        questions.append({"name": name, **question})
        yield [FOUND]
        yield [FORBIDDEN]

    monkeypatch.setattr(worker, "examine_by_topic", examine)
    return questions


def begin(domain: Domain, actor: User, *, seconds: int = 0) -> NameCheck:
    return services.check_name(actor=actor, domain=domain, now=timezone.now() + timedelta(seconds=seconds))


def over_lease() -> None:
    """Let the lease of every check that has one be over."""
    ended = timezone.now() - timedelta(seconds=1)
    NameCheck.objects.filter(lease_expires_at__isnull=False).update(lease_expires_at=ended)


# --- Asking ---


def test_a_check_is_written_and_sent(
    domain: Domain, operator: User, no_broker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        check = begin(domain, operator)
    assert (check.name, check.state, check.asked_by, check.quote) == ("www.example.com", State.WAITING, operator, None)
    assert ("check_name", (check.pk,)) in no_broker
    # The CA is read too, by the reading that pages ask for: nothing that charges.
    assert ("sync_subscription", (domain.subscription.pk,)) in no_broker


def test_asked_twice_it_is_one(domain: Domain, operator: User, owner: User, no_broker: list[Any]) -> None:
    first = begin(domain, operator)
    assert begin(domain, owner) == first
    NameCheck.objects.update(state=State.DONE)
    assert begin(domain, owner, seconds=5) == first
    assert begin(domain, owner, seconds=60) != first


def test_only_the_last_few_are_kept(domain: Domain, operator: User, no_broker: list[Any]) -> None:
    for number in range(services.KEPT + 3):
        begin(domain, operator, seconds=600 * number)
        NameCheck.objects.update(state=State.DONE)
    assert NameCheck.objects.filter(domain=domain).count() == services.KEPT


def test_a_person_and_a_customer_have_limits(
    domain: Domain, owner: User, member: User, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [cast.make_domain(domain.subscription, f"n{number}.example.com") for number in range(45)]
    monkeypatch.setattr(services, "MOST_AT_ONCE", 50)
    for name in names[: services.OF_PERSON.at_once]:
        begin(name, owner)
    with pytest.raises(ServiceError, match="Many names were checked"):
        begin(names[20], owner)
    for name in names[20:40]:
        begin(name, member)
    other = cast.make_user()
    cast.add_person(domain.subscription.customer, other)
    with pytest.raises(ServiceError):
        begin(names[40], other)
    assert NameCheck.objects.count() == 40
    assert begin(names[0], owner).name == "n0.example.com"  # what is under way is given all the same


def test_a_customer_and_each_of_the_staff_have_a_handful_at_once(
    domain: Domain, owner: User, member: User, operator: User, reseller_admin: User, no_broker: list[Any]
) -> None:
    names = [cast.make_domain(domain.subscription, f"n{number}.example.com") for number in range(20)]
    for name in names[: services.MOST_AT_ONCE]:
        begin(name, owner)
    with pytest.raises(ServiceError, match="6 names are being checked already"):
        begin(names[6], member)
    assert begin(names[0], member).asked_by == owner  # what is under way is given all the same

    for name in names[6:12]:
        begin(name, operator)
    with pytest.raises(ServiceError, match="already"):
        begin(names[12], operator)
    begin(names[12], reseller_admin)

    NameCheck.objects.update(state=State.DONE)
    begin(names[13], member)
    begin(names[14], operator)


# --- Looking ---


def test_what_is_seen_is_kept(domain: Domain, operator: User, no_broker: list[Any], asked: list[Any]) -> None:
    check = begin(domain, operator)
    tasks.check_name(check.pk)
    check.refresh_from_db()
    assert (check.state, check.tries, check.claim_token) == (State.DONE, 1, None)
    assert check.looks == [FOUND.kept(), FORBIDDEN.kept()]
    assert check.ended_at is not None
    assert [(one["name"], one["wants_http"]) for one in asked] == [("www.example.com", True)]
    assert "sectigo.com" in asked[0]["identifiers"]


def test_what_the_website_serves_is_kept_with_the_name(
    domain: Domain, operator: User, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"serial_number": "abc", "valid_until": "2027-01-01T00:00:00+00:00", "covers_name": True}
    looks = [Look(Topic.SERVED, Outcome.FINE, results.SERVED, facts)]
    monkeypatch.setattr(worker, "examine_by_topic", lambda *_, **__: iter([looks]))
    tasks.check_name(begin(domain, operator).pk)

    served = ServedCertificate.objects.get(domain=domain)
    assert (served.serial_number, served.code, served.covers_name) == ("abc", "served", True)
    assert served.looked_at is not None

    looks = [Look(Topic.SERVED, Outcome.UNKNOWN, results.OUT_OF_TIME)]
    tasks.check_name(begin(domain, operator, seconds=60).pk)
    assert (
        ServedCertificate.objects.get(domain=domain).serial_number == "abc"
    )  # it saw nothing, rather than nothing there


def test_what_cannot_be_kept_with_the_name_does_not_fail_its_check(
    domain: Domain,
    operator: User,
    no_broker: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object) -> None:
        ServedCertificate.objects.create(domain=domain, names_count=-1)

    looks = [Look(Topic.SERVED, Outcome.FINE, results.SERVED, {"issuer": "a\0b"})]
    monkeypatch.setattr(worker, "examine_by_topic", lambda *_, **__: iter([looks, [FOUND]]))
    monkeypatch.setattr(served_looks, "keep_look", refuse)
    check = begin(domain, operator)
    tasks.check_name(check.pk)

    check.refresh_from_db()
    assert (check.state, len(check.looks)) == (State.DONE, 2)
    assert check.looks[0]["facts"] == {"issuer": r"a\x00b"}
    assert f"name {domain.pk} could not be kept" in caplog.text


def test_a_wildcard_wants_no_http(
    running_subscription: Subscription, operator: User, no_broker: list[Any], asked: list[Any]
) -> None:
    check = begin(cast.make_domain(running_subscription, "*.example.com"), operator)
    tasks.check_name(check.pk)
    assert asked[0]["wants_http"] is False


def test_a_message_that_comes_twice_looks_once(
    domain: Domain, operator: User, no_broker: list[Any], asked: list[Any]
) -> None:
    check = begin(domain, operator)
    tasks.check_name(check.pk)
    tasks.check_name(check.pk)
    tasks.check_name(check.pk + 1000)
    assert len(asked) == 1


def test_results_come_one_after_another(
    domain: Domain, operator: User, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check, seen = begin(domain, operator), []

    def examine(name: str, **question: Any) -> Iterator[list[Look]]:
        yield [FOUND]
        seen.append(NameCheck.objects.get().looks)
        yield [FORBIDDEN]

    monkeypatch.setattr(worker, "examine_by_topic", examine)
    tasks.check_name(check.pk)
    assert seen == [[FOUND.kept()]]


def test_what_a_killed_worker_left_is_taken_up_and_the_dead_one_writes_nothing_more(
    domain: Domain, operator: User, no_broker: list[Any], asked: list[Any]
) -> None:
    check, now = begin(domain, operator), timezone.now()
    assert worker._claim(check.pk, dead := uuid4())
    assert worker.take_due(now) == []
    NameCheck.objects.update(asked_at=now - timedelta(minutes=5), lease_expires_at=now - timedelta(seconds=1))
    assert worker.take_due(now) == [check.pk]
    tasks.check_name(check.pk)
    assert not worker._save(check.pk, dead, looks=[], state=State.DONE)
    check.refresh_from_db()
    assert (check.state, check.tries, len(check.looks)) == (State.DONE, 2, 2)


def test_a_lost_message_is_sent_again_by_the_sweep(domain: Domain, operator: User, no_broker: list[Any]) -> None:
    check = begin(domain, operator)
    no_broker.clear()
    tasks.sweep()
    assert no_broker.count(("check_name", (check.pk,))) == 0  # its first message may still arrive

    over_lease()
    tasks.sweep()
    tasks.sweep()
    assert no_broker.count(("check_name", (check.pk,))) == 1


def test_messages_end_when_another_may_be_sent() -> None:
    assert tasks.check_name.expires == NameCheck.LEASE.total_seconds()
    assert tasks.look_at_served_name.expires == ServedCertificate.LOST_AFTER.total_seconds()


def test_one_that_kills_its_worker_is_given_up(
    domain: Domain, operator: User, no_broker: list[Any], asked: list[Any]
) -> None:
    check = begin(domain, operator)
    NameCheck.objects.update(tries=worker.MAX_TRIES)
    tasks.check_name(check.pk)
    check.refresh_from_db()
    assert (check.state, asked) == (State.GIVEN_UP, [])


def test_switched_off_it_says_so(domain: Domain, operator: User, no_broker: list[Any], settings: Any) -> None:
    settings.OUTBOUND = False
    check = begin(domain, operator)
    tasks.check_name(check.pk)
    check.refresh_from_db()
    assert check.state == State.DONE
    assert {look["code"] for look in check.looks} == {results.OFF}


# --- Quotes ---


@pytest.fixture
def quote(running_subscription: Subscription) -> Quote:
    return cast.make_quote(running_subscription, {f"q{number}.example.com": "95.00" for number in range(5)})


def test_the_names_of_a_quote_are_looked_at_a_few_at_a_time(
    quote: Quote, no_broker: list[Any], asked: list[Any]
) -> None:
    first = worker.begin_of_quote(quote.pk)
    assert len(first) == worker.SIDE_BY_SIDE
    assert worker.begin_of_quote(quote.pk) == []  # they are on the way
    assert NameCheck.objects.count() == 5
    for pk in first:
        tasks.check_name(pk)
    sent = [arguments[0] for name, arguments in no_broker if name == "check_name"]
    assert sent == list(NameCheck.objects.order_by("pk").values_list("pk", flat=True)[3:5])


def test_the_sweep_keeps_to_a_few_of_a_quote(quote: Quote, no_broker: list[Any], asked: list[Any]) -> None:
    first = worker.begin_of_quote(quote.pk)
    NameCheck.objects.update(asked_at=timezone.now() - timedelta(minutes=5))
    assert worker.take_due(timezone.now()) == []

    for pk in first:
        assert worker._claim(pk, uuid4())
    assert worker.take_due(timezone.now()) == []

    over_lease()  # all three workers are gone
    assert worker.take_due(timezone.now()) == first
    assert worker.take_due(timezone.now()) == []
    assert set(NameCheck.objects.filter(pk__in=first).values_list("state", flat=True)) == {State.WAITING}


def test_a_quote_that_is_full_does_not_hold_up_others(
    quote: Quote, domain: Domain, operator: User, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AT_ONCE", 1)
    worker.begin_of_quote(quote.pk)
    check = begin(domain, operator)
    NameCheck.objects.filter(pk=check.pk).update(lease_expires_at=None)
    assert worker.take_due(timezone.now()) == [check.pk]


def test_of_a_large_quote_the_first_names_are_looked_at(
    running_subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAX_OF_QUOTE", 4)
    quote = cast.make_quote(running_subscription, {f"q{number}.example.com": "95.00" for number in range(9)})
    worker.begin_of_quote(quote.pk)
    assert sorted(NameCheck.objects.values_list("name", flat=True)) == [f"q{number}.example.com" for number in range(4)]


def test_a_quote_without_prices_is_not_looked_at(quote: Quote) -> None:
    Quote.objects.update(state=Quote.State.PRICING)
    assert worker.begin_of_quote(quote.pk) == []
    assert not NameCheck.objects.exists()
