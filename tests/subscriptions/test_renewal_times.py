"""When the CA wants a certificate renewed (RFC 9773): asked of the CA, and bounded by the certificate's lifetime."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal import outbound
from subscriptions.models import Certificate, Domain, EabBinding, ServedCertificate, Subscription
from subscriptions.worker import renewal_times
from tests import cast

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLACE = "https://ari.example.net/info"


class Ca:
    """Answers as a CA's directory and its renewal information do."""

    def __init__(self) -> None:
        self.window: Any = None
        self.headers: dict[str, str] = {}
        self.directory: Any = {"renewalInfo": PLACE}
        self.asked: list[str] = []

    def get_json(self, url: str, **_: Any) -> tuple[Any, dict[str, str]]:
        self.asked.append(url)
        if not url.startswith(PLACE):
            return self.directory, {}
        if self.window is None:
            raise outbound.TimedOut(url)
        return {"suggestedWindow": self.window}, self.headers

    def say(self, start: datetime, end: datetime) -> None:
        self.window = json.loads(json.dumps({"start": start.isoformat(), "end": end.isoformat()}))


@pytest.fixture
def ca(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Ca:
    settings.OUTBOUND = True
    answers = Ca()
    monkeypatch.setattr(outbound, "get_json", answers.get_json)
    return answers


@pytest.fixture
def certificate(running_subscription: Subscription) -> Certificate:
    """One that began 30 days ago and is served."""
    now = timezone.now()
    domain = Domain.objects.get(name="example.com")
    issued = cast.make_certificate(domain)
    issued.serial_number, issued.valid_from, issued.valid_until = "0A:BC", now - 30 * DAY, now + 60 * DAY
    issued.save()
    ServedCertificate.objects.create(domain=domain, serial_number="abc", renewal_id="key.serial", renewal_due_at=now)
    return issued


def served() -> ServedCertificate:
    return ServedCertificate.objects.get()


def test_it_works(ca: Ca, certificate: Certificate) -> None:
    start = timezone.now() + 3 * DAY
    ca.say(start, start + DAY)
    ca.headers = {"retry-after": "7200"}

    renewal_times.ask_due()

    directory = EabBinding.objects.get().directory_url
    assert ca.asked == [directory, f"{PLACE}/key.serial"]
    certificate.refresh_from_db()
    assert certificate.ari_starts_at == certificate.due_at == start
    wait = (served().renewal_due_at or start) - timezone.now()
    assert timedelta(minutes=119) < wait <= 2 * HOUR

    renewal_times.ask_due()
    assert len(ca.asked) == 2


@pytest.mark.parametrize(("began", "lasts"), [(61, 1), (60, 1), (3, 0), (3, -1)])
def test_a_window_that_cannot_be_meant(ca: Ca, certificate: Certificate, began: int, lasts: int) -> None:
    start = timezone.now() + began * DAY
    ca.say(start, start + lasts * DAY)

    renewal_times.ask_due()

    certificate.refresh_from_db()
    assert certificate.ari_starts_at is None


def test_a_window_of_long_ago_means_at_once(ca: Ca, certificate: Certificate) -> None:
    start = timezone.now() - 300 * DAY
    ca.say(start, start + DAY)

    renewal_times.ask_due()

    began = certificate.valid_from
    certificate.refresh_from_db()
    assert certificate.ari_starts_at == began


@pytest.mark.parametrize("window", [None, 7, {}, {"start": "soon", "end": "later"}, {"start": 1, "end": 2}, []])
def test_what_cannot_be_read_changes_nothing(ca: Ca, certificate: Certificate, window: Any) -> None:
    known = timezone.now()
    Certificate.objects.filter(pk=certificate.pk).update(ari_starts_at=known)
    ca.window = window

    renewal_times.ask_due()

    certificate.refresh_from_db()
    assert certificate.ari_starts_at == known
    assert (served().renewal_due_at or known) > timezone.now() + 5 * HOUR


def test_an_instant_without_an_offset_says_nothing(ca: Ca, certificate: Certificate) -> None:
    ca.window = {"start": "2026-01-01T00:00:00", "end": "2026-01-02T00:00:00"}
    assert renewal_times.window_start({"suggestedWindow": ca.window}, certificate) is None


@pytest.mark.parametrize("directory", [[], {}, {"renewalInfo": 7}, {"renewalInfo": "http://ari.example.net/"}])
@pytest.mark.usefixtures("certificate")
def test_a_directory_that_names_no_place(ca: Ca, directory: Any) -> None:
    ca.directory = directory
    renewal_times.ask_due()
    assert len(ca.asked) == 1


def test_only_the_certificate_that_was_issued_last_is_asked_about(ca: Ca, certificate: Certificate) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(serial_number="0A:BD")

    renewal_times.ask_due()

    assert (ca.asked, served().renewal_due_at) == ([], None)


@pytest.mark.usefixtures("certificate")
def test_nothing_is_asked_where_it_is_off(ca: Ca, settings: Settings) -> None:
    settings.OUTBOUND = False
    renewal_times.ask_due()
    assert ca.asked == []


@pytest.mark.parametrize(
    ("said", "wait"),
    [("", 6), ("7200", 2), ("1", 1), ("0", 1), ("999999", 24), ("9" * 30, 6), ("-5", 6), ("soon", 6), ("²", 6)],
)
def test_how_long_it_waits(said: str, wait: int) -> None:
    assert renewal_times.wait_of(said) == wait * HOUR
