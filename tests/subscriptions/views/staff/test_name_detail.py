"""The page of one name: its certificate, its last order, and what was issued before."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Domain, IssuedCertificate, Subscription
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def name(running_subscription: Subscription) -> Domain:
    domain: Domain = running_subscription.domains.get(name="www.example.com")
    return domain


def url_of(domain: Domain) -> str:
    return reverse("subscriptions:name-detail", args=[domain.code])


def text_of(client: Client, domain: Domain) -> str:
    return " ".join(html.unescape(client.get(url_of(domain)).content.decode()).split())


def test_it_says_how_the_certificate_is(staff_client: Client, name: Domain) -> None:
    assert "The CA was not asked about this name yet." in text_of(staff_client, name)
    now = timezone.now()
    certificate = cast.make_ca_order(name)
    assert "No certificate was issued for it: the name was added today." in text_of(staff_client, name)
    long_ago = {"issued_seen_at": now, "valid_from": now - timedelta(days=80)}
    cast.change_certificate(certificate, **long_ago, valid_until=now + timedelta(days=200))
    assert "It is valid, and its renewal is not due yet." in text_of(staff_client, name)
    cast.change_certificate(certificate, valid_until=now + timedelta(days=30))
    assert "Its renewal is due: ACME clients renew about now." in text_of(staff_client, name)
    cast.change_certificate(certificate, valid_until=now + timedelta(days=10))
    assert "Its renewal is late: it was due 20 days ago." in text_of(staff_client, name)
    cast.change_certificate(
        certificate, ordered_failed_since=now, failed_code=3, failed_description="PRE-SIGN FAILED: CAA"
    )
    page = text_of(staff_client, name)
    assert "The last order for it failed." in page
    assert "The CA’s words: PRE-SIGN FAILED: CAA (code 3)" in page
    cast.change_certificate(certificate, valid_until=now - timedelta(days=2))
    assert "It expired 2 days ago. The last order failed." in text_of(staff_client, name)
    Subscription.objects.update(expires_at=now)
    cast.change_certificate(certificate)
    assert "It expired 2 days ago. Its subscription has ended or is stopped" in text_of(staff_client, name)


def test_what_covers_it_and_what_else_it_covers(
    staff_client: Client, running_subscription: Subscription, name: Domain
) -> None:
    both = [cast.make_certificate(one, serial_number="0A0B") for one in running_subscription.domains.order_by("name")]
    shown = staff_client.get(url_of(name)).context["shown"]
    assert (shown.shared_with, shown.shared_with_more) == (["example.com"], 0)
    wildcard = cast.make_domain(running_subscription, "*.example.com")
    cast.make_certificate(wildcard, days=80)
    cast.change_certificate(both[1])
    page = text_of(staff_client, name)
    assert url_of(wildcard) in page
    assert "The certificate of the wildcard counts for this name too." in page


def test_its_history(staff_client: Client, running_subscription: Subscription, name: Domain) -> None:
    now = timezone.now()
    client = cast.make_client(running_subscription)
    cast.make_certificate(name, serial_number="05")
    fields: list[dict[str, Any]] = [
        {"revoked_at": now}, {"replaced_at": now}, {"renewed_at": now}, {"valid_until": now}, {},
    ]  # fmt: skip
    for number, ending in enumerate(fields, 1):
        IssuedCertificate.objects.create(
            domain=name,
            serial_number=f"0{number}",
            valid_from=now + timedelta(days=number),
            acme_account_id=client.acme_account_id,
            **ending,
        )
    history = staff_client.get(url_of(name)).context["shown"].history
    endings = [(one.row.serial_number, one.ending, one.is_last) for one in history]
    assert endings == [
        ("05", "", True), ("04", "Ran out", False), ("03", "Renewed", False), ("02", "Replaced by the CA", False),
        ("01", "Revoked", False),
    ]  # fmt: skip
    assert {one.client for one in history} == {client}
    assert "The last one" in text_of(staff_client, name)


def test_a_removed_name_says_so(staff_client: Client, name: Domain) -> None:
    Domain.objects.filter(pk=name.pk).update(removed_at=timezone.now())
    assert "The name was removed from the subscription" in text_of(staff_client, name)


def test_who_does_not_work_here(client: Client, owner: User, name: Domain) -> None:
    assert cast.sign_in(client, owner).get(url_of(name)).status_code == 404
