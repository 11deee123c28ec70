"""What the websites serve, looked at once a day: batches, what is kept, and a worker that is killed."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from subscriptions.models import Domain, ServedCertificate, Subscription
from subscriptions.preflight import results
from subscriptions.preflight.question import Ports, Question
from subscriptions.preflight.results import Look, Outcome, Topic
from subscriptions.preflight.served import read as really_read
from subscriptions.worker import served
from tests import cast
from tests.preflight.certificates import (
    EXTENSION_TWICE,
    NUL_IN_ISSUER,
    VERSION_SIX,
    TlsServer,
    make_certificate,
    strange_certificate,
)
from tests.preflight.name_server import NameServer

pytestmark = pytest.mark.django_db

NAME = "shop.example.com"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def resolver(settings: Settings) -> Iterator[NameServer]:
    with NameServer() as server:
        server.records[NAME, "A"] = ["127.0.0.1"]
        settings.OUTBOUND, settings.OUTBOUND_RESOLVERS = True, [server.setting]
        settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
        yield server


@pytest.fixture
def domain(running_subscription: Subscription) -> Domain:
    running_subscription.domains.all().delete()
    return cast.make_domain(running_subscription, NAME)


@pytest.fixture
def site(tmp_path: Path, resolver: NameServer) -> Iterator[TlsServer]:
    with TlsServer(tmp_path, make_certificate([NAME], days=90)) as server:
        yield server


def row() -> ServedCertificate:
    return ServedCertificate.objects.get()


def look(site: TlsServer) -> None:
    served.look_at_due(ports=Ports(https=site.port))


@pytest.mark.usefixtures("domain")
def test_it_works(site: TlsServer) -> None:
    look(site)

    kept = row()
    assert (kept.outcome, kept.code, kept.serial_number) == ("fine", "served", "1234abcd")
    assert (kept.issuer, kept.issuer_organization) == ("Northwind CA DV R1", "Northwind CA")
    assert (kept.covers_name, kept.names_count, kept.differs, kept.problem) == (True, 1, False, "")
    assert kept.valid_from is not None
    assert kept.valid_until == kept.valid_from + 90 * DAY
    assert kept.looked_at is not None
    assert kept.due_at == kept.looked_at + DAY

    look(site)
    assert site.asked == [NAME]  # once a day


@pytest.mark.usefixtures("domain")
def test_nothing_is_looked_at_where_it_is_off(settings: Settings, site: TlsServer) -> None:
    settings.OUTBOUND = False
    look(site)
    assert (site.asked, ServedCertificate.objects.count()) == ([], 0)


def test_a_wildcard_has_no_website(domain: Domain, site: TlsServer) -> None:
    Domain.objects.update(name="*.example.com")
    look(site)
    assert (row().due_at, row().code, site.asked) == (None, "", [])

    served.look_at_one(domain.pk)
    assert (row().due_at, row().code) == (None, "not_needed")


@pytest.mark.usefixtures("domain")
def test_what_was_seen_before_does_not_stay(site: TlsServer, resolver: NameServer) -> None:
    look(site)
    resolver.rcodes[NAME] = "SERVFAIL"
    ServedCertificate.objects.update(due_at=timezone.now())

    look(site)

    kept = row()
    assert (kept.outcome, kept.code, kept.problem) == ("unknown", "no_answer", "unreachable")
    assert (kept.serial_number, kept.valid_until, kept.covers_name, kept.renewal_id) == ("", None, None, "")
    assert kept.looked_at is not None
    assert kept.due_at == kept.looked_at + 6 * HOUR


@pytest.mark.usefixtures("domain")
def test_what_a_killed_worker_had_taken_is_due_again(site: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_keep", lambda seen: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        look(site)
    monkeypatch.undo()

    look(site)
    assert row().looked_at is None  # another worker may still have it

    ServedCertificate.objects.update(due_at=timezone.now())  # ten minutes later
    look(site)
    assert row().code == "served"


@pytest.mark.usefixtures("domain")
def test_what_a_pass_has_no_time_for_is_left_due(site: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "PASS_SECONDS", 0)
    look(site)
    assert (row().looked_at, site.asked) == (None, [])

    monkeypatch.undo()
    look(site)
    assert row().code == "served"


def test_batches(running_subscription: Subscription, site: TlsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "BATCH", 1)
    monkeypatch.setattr(served, "NEW_ROWS", 1)

    look(site)
    look(site)

    assert ServedCertificate.objects.exclude(looked_at=None).count() == 2 == running_subscription.domains.count()


def test_a_removed_name_is_looked_at_while_its_certificate_lasts(domain: Domain, site: TlsServer) -> None:
    look(site)
    Domain.objects.update(removed_at=timezone.now())
    certificate = cast.make_certificate(domain, days=60)
    ServedCertificate.objects.update(due_at=timezone.now())
    look(site)
    assert row().due_at is not None

    certificate.valid_until = timezone.now() - HOUR
    certificate.save()
    ServedCertificate.objects.update(due_at=timezone.now())
    look(site)
    assert row().due_at is None


# --- Strangers' certificates ---


@pytest.mark.usefixtures("domain")
@pytest.mark.parametrize(
    ("strange", "code", "problem"),
    [(VERSION_SIX, "served_nothing", "unreadable"), (EXTENSION_TWICE, "unreadable", "unreadable")],
)
def test_a_certificate_that_cannot_be_read_is_noted(
    tmp_path: Path, resolver: NameServer, strange: tuple[str, str], code: str, problem: str
) -> None:
    with TlsServer(tmp_path, strange_certificate([NAME], *strange)) as server:
        look(server)

    kept = row()
    assert (kept.code, kept.problem, kept.serial_number) == (code, problem, "")
    assert kept.due_at is not None
    assert kept.due_at > timezone.now() + 5 * HOUR


@pytest.mark.usefixtures("domain")
def test_a_nul_in_the_issuer_is_not_kept(tmp_path: Path, resolver: NameServer) -> None:
    with TlsServer(tmp_path, strange_certificate([NAME], *NUL_IN_ISSUER)) as server:
        look(server)

    assert (row().code, row().issuer) == ("served", r"Northwind CA\x00DV R1")


@pytest.mark.parametrize("is_read", [False, True], ids=["look", "keep"])
def test_what_goes_wrong_with_one_website_leaves_the_others(
    domain: Domain,
    site: TlsServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    is_read: bool,
) -> None:
    broken = cast.make_domain(domain.subscription, "broken.example.com")

    def read(question: Question) -> tuple[Look, object]:
        if question.host != broken.name:
            return really_read(question)
        if not is_read:
            raise OverflowError
        # Refused by the database, as PostgreSQL refuses a NUL.
        return Look(Topic.SERVED, Outcome.FINE, results.SERVED, {"issuer": None}), None

    monkeypatch.setattr(served, "read", read)
    with caplog.at_level(logging.ERROR):
        look(site)

    (message,) = (record.getMessage() for record in caplog.records if record.name == served.__name__)
    assert broken.name in message
    kept = {row.domain_id: row for row in ServedCertificate.objects.all()}
    assert kept[domain.pk].code == "served"
    assert (kept[broken.pk].outcome, kept[broken.pk].code, kept[broken.pk].problem) == ("unknown", *2 * ("unreadable",))
    looked_at, due_at = kept[broken.pk].looked_at, kept[broken.pk].due_at
    assert looked_at is not None
    assert due_at == looked_at + 6 * HOUR


def test_one_on_demand(domain: Domain, site: TlsServer) -> None:
    ServedCertificate.objects.create(domain=domain, asked_at=timezone.now())
    assert row().is_awaited(timezone.now())

    served.look_at_one(domain.pk, ports=Ports(https=site.port))

    assert (row().code, row().is_awaited(timezone.now())) == ("served", False)
    served.look_at_one(0)
