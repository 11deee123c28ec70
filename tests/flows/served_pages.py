"""The page of a name with what its website serves, in each state that looks different."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from subscriptions.models import Certificate, Domain, IssuedCertificate, ServedCertificate
from tests import cast
from tests.flows.customer_pages import mine
from tests.flows.page import Page
from tests.flows.staff_pages import staff
from tests.portal.story import Story

SERIAL, BEFORE = "00B4E2A96C71F0D5338AF1B6C2E7D94F01", "00B4E2A96C71F0D5338AF1B6C2E7D94F00"
CA = {"issuer": "Sectigo Public Server Authentication CA DV R36", "issuer_organization": "Sectigo Limited"}


def served(serial: str = SERIAL, **told: Any) -> Callable[[Story], Domain]:
    """A name with a certificate, and what its website serves."""

    def row(story: Story) -> Domain:
        now = timezone.now()
        domain: Domain = story.running.domains.get(name="mail.northwind.example")
        Certificate.objects.filter(domain=domain).delete()
        cast.make_certificate(domain, days=80, serial_number=SERIAL)
        IssuedCertificate.objects.filter(domain=domain).delete()
        IssuedCertificate.objects.create(domain=domain, serial_number=BEFORE, valid_until=now + timedelta(days=20))
        seen = {"looked_at": now - timedelta(hours=3), "outcome": "fine", "code": "served"}
        dates = {"valid_from": now - timedelta(days=70), "valid_until": now + timedelta(days=20)} if serial else {}
        number = serial.lower().lstrip("0")
        ServedCertificate.objects.create(domain=domain, serial_number=number, **(seen | dates | CA | told))
        return domain

    return row


def _no_longer_paid_for(story: Story) -> Domain:
    domain = served()(story)
    Domain.objects.filter(pk=domain.pk).update(removed_at=timezone.now())
    return domain


SERVED_PAGES: list[Page] = [
    staff("name-detail", served(BEFORE), "old certificate in use"),
    mine("my-name", served(BEFORE, differs=True), "old certificate in use"),
    staff("name-detail", served(), "certificate in use"),
    mine("my-name", _no_longer_paid_for, "no longer paid for"),
    mine("my-name", served("FF", issuer_organization="Contoso Trust", issuer="Contoso TLS 1"), "another in use"),
    staff("name-detail", served("", code="no_answer", problem="timed_out", issuer=""), "website not reachable"),
    staff("name-detail", served(asked_at=timezone.now() + timedelta(days=1)), "website being looked at"),
]
