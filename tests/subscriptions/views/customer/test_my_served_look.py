"""A look at a website, asked for by one of a customer's people."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from subscriptions.models import Domain, ServedCertificate, Subscription
from tests import cast

LOOK, STATUS = "subscriptions:my-served-look", "subscriptions:my-served-status"


@pytest.fixture
def domain(running_subscription: Subscription, settings: Settings) -> Domain:
    settings.OUTBOUND = True
    return running_subscription.domains.get(name="example.com")


@pytest.mark.usefixtures("no_broker")
def test_it_works(client: Client, member: User, domain: Domain) -> None:
    cast.sign_in(client, member)

    response = client.post(reverse(LOOK, args=[domain.code]), follow=True)

    assert response.redirect_chain == [(reverse("subscriptions:my-name", args=[domain.code]), 302)]
    assert "Being looked at" in response.text
    assert ServedCertificate.objects.get(domain=domain).asked_at is not None
    assert "Being looked at" in client.get(reverse(STATUS, args=[domain.code])).text


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("stranger", 404)])
def test_others_may_not(request: Any, client: Client, domain: Domain, who: str, status: int) -> None:
    cast.sign_in(client, request.getfixturevalue(who))
    assert client.post(reverse(LOOK, args=[domain.code])).status_code == status
    assert not ServedCertificate.objects.exists()


def test_a_viewer_is_offered_nothing(client: Client, viewer: User, domain: Domain) -> None:
    cast.sign_in(client, viewer)
    assert "Look again" not in client.get(reverse(STATUS, args=[domain.code])).text


@pytest.mark.usefixtures("no_broker")
def test_too_many(client: Client, owner: User, running_subscription: Subscription, domain: Domain) -> None:
    cast.sign_in(client, owner)
    for number in range(20):
        name = cast.make_domain(running_subscription, f"n{number}.example.com")
        client.post(reverse(LOOK, args=[name.code]))

    response = client.post(reverse(LOOK, args=[domain.code]), follow=True)

    assert "6 websites are being looked at already." in response.text
