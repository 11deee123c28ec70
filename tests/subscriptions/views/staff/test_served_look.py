"""A look at a website, asked for by staff."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from subscriptions.models import Domain, ServedCertificate, Subscription
from tests import cast

LOOK, STATUS, PAGE = "subscriptions:served-look", "subscriptions:served-status", "subscriptions:name-detail"


@pytest.fixture
def domain(running_subscription: Subscription, settings: Settings) -> Domain:
    settings.OUTBOUND = True
    return running_subscription.domains.get(name="example.com")


def test_it_works(
    staff_client: Client, domain: Domain, no_broker: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = staff_client.post(reverse(LOOK, args=[domain.code]))

    assert response.headers["Location"] == reverse(PAGE, args=[domain.code])
    assert ("look_at_served_name", (domain.pk,)) in no_broker
    html = staff_client.get(reverse(PAGE, args=[domain.code])).text
    assert "Being looked at" in html
    assert "Look again" not in html

    ServedCertificate.objects.update(looked_at=timezone.now(), code="served_nothing", outcome="warning")
    status = staff_client.get(reverse(STATUS, args=[domain.code]))
    assert "Nothing answered on port 443" in status.text
    assert "Look again" in status.text


def test_what_is_seen_already_is_not_sent_again(staff_client: Client, domain: Domain) -> None:
    first = staff_client.get(reverse(STATUS, args=[domain.code]))
    assert first.status_code == 200
    again = staff_client.get(reverse(STATUS, args=[domain.code]), headers={"X-Seen": "0.000000-False"})
    assert again.status_code == 204


@pytest.mark.usefixtures("no_broker")
def test_an_auditor_only_reads(client: Client, auditor: User, domain: Domain) -> None:
    cast.sign_in(client, auditor)
    assert "Look again" not in client.get(reverse(PAGE, args=[domain.code])).text
    assert client.post(reverse(LOOK, args=[domain.code])).status_code == 403
    assert not ServedCertificate.objects.exists()


def test_why_not_is_said(staff_client: Client, domain: Domain, settings: Settings) -> None:
    settings.OUTBOUND = False
    response = staff_client.post(reverse(LOOK, args=[domain.code]), follow=True)
    assert "This installation does not look at websites." in response.text
    assert not ServedCertificate.objects.exists()
