"""Why an order for a name fails, for its customer: in their words, and nothing that is not theirs."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.models import Domain, NameCheck, Subscription
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic
from tests import cast

pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def domain(running_subscription: Subscription) -> Domain:
    return running_subscription.domains.get(name="www.example.com")


def url(domain: Domain, route: str = "my-name-check") -> str:
    return reverse(f"subscriptions:{route}", args=[domain.subscription.code, domain.code])


@pytest.mark.parametrize("role", ["owner", "member", "viewer"])
def test_it_works(role: str, domain: Domain, request: pytest.FixtureRequest) -> None:
    client = cast.sign_in(Client(), request.getfixturevalue(role))
    answer = client.post(url(domain), follow=True)
    assert "Set up a client with the values of this subscription." in answer.content.decode()
    assert NameCheck.objects.count() == 1


def test_the_step_is_the_customers(client: Client, owner: User, domain: Domain) -> None:
    Subscription.objects.filter(pk=domain.subscription.pk).update(expires_at=timezone.now())
    page = cast.sign_in(client, owner).get(url(domain)).content.decode()
    assert "Ask your provider to extend it." in page
    assert "/staff/" not in page


def test_what_staff_had_looked_at_is_shown_without_their_name(
    client: Client, owner: User, operator: User, domain: Domain
) -> None:
    cast.make_client(domain.subscription)
    look = Look(Topic.DNS, Outcome.PROBLEM, results.NO_NAME, {"missing": "www.example.com"})
    NameCheck.objects.create(name=domain.name, domain=domain, looks=[look.kept()], state="done", asked_by=operator)
    page = cast.sign_in(client, owner).get(url(domain)).content.decode()
    assert "There is no such name in the DNS: www.example.com." in page
    assert operator.email not in page


@pytest.mark.parametrize("route", ["my-name-check", "my-name-check-status"])
def test_a_name_of_another_or_a_removed_one_is_not_found(
    route: str, client: Client, stranger: User, owner: User, domain: Domain
) -> None:
    assert cast.sign_in(Client(), stranger).get(url(domain, route)).status_code == 404
    Domain.objects.filter(pk=domain.pk).update(removed_at=timezone.now())
    assert cast.sign_in(client, owner).get(url(domain, route)).status_code == 404


def test_the_results_come_by_themselves(client: Client, owner: User, domain: Domain) -> None:
    cast.sign_in(client, owner)
    NameCheck.objects.create(name=domain.name, domain=domain)
    answer = client.get(url(domain, "my-name-check-status"))
    assert f'hx-get="{url(domain, "my-name-check-status")}"' in answer.content.decode()


def test_the_admin_api_is_nothing_of_theirs(client: Client, owner: User, domain: Domain) -> None:
    text = "Incorrect login details, account is locked, password has expired, or your source IP is blocked!"
    page = cast.sign_in(client, owner).post(url(domain), {"text": text}).content.decode()
    assert "This text is not known here" in page
    assert "send your provider" in page
