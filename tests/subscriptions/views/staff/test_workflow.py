"""The steps to the first certificate, on the page of a new ACME account and on the subscription's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer
from subscriptions.models import AcmeAccount, Subscription
from tests import cast


def steps_of(client: Client, subscription: Subscription) -> dict[str, str]:
    page = client.get(reverse("subscriptions:subscription-detail", args=[subscription.code]))
    return {step.title: step.state for step in page.context["steps"]}


def test_they_tick_themselves_off(staff_client: Client, customer: Customer, no_broker: list[Any]) -> None:
    prevalidation = cast.make_prevalidation(customer, recorded_status="in_validation")
    subscription = cast.make_subscription(customer, cast.make_server("OV"), prevalidation=prevalidation)
    assert steps_of(staff_client, subscription)["Pre-validation"] == "current"

    prevalidation.recorded_status = "valid"
    prevalidation.save()
    assert steps_of(staff_client, subscription)["Names"] == "current"
    name = cast.make_domain(subscription, "www.example.com")
    assert steps_of(staff_client, subscription)["Hand-over"] == "current"
    Subscription.objects.filter(pk=subscription.pk).update(handed_over_at=timezone.now())
    assert steps_of(staff_client, subscription)["Client registered"] == "current"
    AcmeAccount.objects.create(binding=subscription.binding, acme_account_id="1", status="valid", user_agent="certbot")
    assert steps_of(staff_client, subscription)["First certificate"] == "current"
    cast.make_certificate(name)
    assert steps_of(staff_client, subscription) == {}


def test_dv_has_no_step_of_a_pre_validation(staff_client: Client, subscription: Subscription) -> None:
    assert "Pre-validation" not in steps_of(staff_client, subscription)
    page = staff_client.get(reverse("subscriptions:subscription-add"))
    assert "Pre-validation" not in [step.title for step in page.context["steps"]]
    assert "Pre-validation" in [step.title for step in page.context["steps_with_prevalidation"]]


@pytest.mark.parametrize("creation", ["creating", "failed"])
def test_before_the_account_is_there(staff_client: Client, customer: Customer, creation: str) -> None:
    subscription = cast.make_subscription(customer, is_ready=False, creation=creation)
    assert steps_of(staff_client, subscription).get("ACME account") == ("current" if creation == "creating" else None)
