"""One organization a subscription, unless staff say why."""

import html
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import ServiceError
from accounts.models import AuditEvent, User
from subscriptions.models import AcmeServer, Order, Prevalidation, Quote, QuoteLine, Subscription
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from tests import cast

ASKED = "This subscription is for Northwind Traders Ltd; the pre-validation is of Northwind Holding SE."


def text_of(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


@pytest.fixture
def subscription(prevalidation: Prevalidation, server_ov: AcmeServer) -> Subscription:
    """An OV subscription with a name of Northwind Traders Ltd."""
    made = cast.make_subscription(prevalidation.customer, server_ov, prevalidation=prevalidation)
    cast.make_domain(made, "www.example.com", ov_anchor_order_number=prevalidation.ov_anchor_order_number)
    return made


@pytest.fixture
def other(prevalidation: Prevalidation) -> Prevalidation:
    return cast.make_prevalidation(prevalidation.customer, organization_name="Northwind Holding SE")


def typed(prevalidation: Prevalidation, **more: Any) -> dict[str, Any]:
    return {"names": "new.example.com", "prevalidation": prevalidation.code, "form_token": uuid4()} | more


def test_it_is_asked_for_and_kept(
    staff_client: Client, subscription: Subscription, other: Prevalidation, operator: User, no_broker: list[Any]
) -> None:
    url = reverse("subscriptions:domain-add", args=[subscription.code])
    assert "organization_reason" not in text_of(staff_client.get(url))

    asked = staff_client.post(url, typed(other))
    assert ASKED in text_of(asked)
    assert "new.example.com" in text_of(asked)
    assert not Quote.objects.exists()

    reason = "Both are run by one team."
    assert staff_client.post(url, typed(other, organization_reason=reason)).status_code == 302
    quote = Quote.objects.get()
    priced = cast.make_quote(
        subscription, {"new.example.com": "95.00"}, prevalidation=other, organization_reason=reason
    )
    assert quote.organization_reason == reason
    assert reason in text_of(staff_client.get(reverse("subscriptions:quote-detail", args=[priced.code])))
    confirm_quote(actor=operator, quote=priced)
    event = AuditEvent.objects.get(action="name.other_organization")
    assert (event.target_code, event.detail["reason"]) == (subscription.code, reason)


def test_another_pre_validation_of_the_same_organization_is_not_asked_about(
    staff_client: Client, subscription: Subscription, prevalidation: Prevalidation
) -> None:
    second = cast.make_prevalidation(prevalidation.customer, organization_name="NORTHWIND  Traders Ltd.")
    url = reverse("subscriptions:domain-add", args=[subscription.code])
    assert staff_client.post(url, typed(second)).status_code == 302


def test_without_names_it_is_the_organization_the_subscription_is_for(
    staff_client: Client, subscription: Subscription, other: Prevalidation
) -> None:
    subscription.domains.all().delete()
    url = reverse("subscriptions:domain-add", args=[subscription.code])
    assert ASKED in text_of(staff_client.post(url, typed(other)))
    Subscription.objects.filter(pk=subscription.pk).update(prevalidation=other)
    assert staff_client.post(url, typed(other)).status_code == 302


def test_services_ask_too_and_again_at_the_confirmation(
    subscription: Subscription, other: Prevalidation, operator: User, no_broker: list[Any]
) -> None:
    with pytest.raises(ServiceError, match="Say why names of both go together"):
        request_quote(
            actor=operator, subscription=subscription, names=["new.example.com"], add_companions=False,
            prevalidation=other, form_token=uuid4(),
        )  # fmt: skip
    quote = cast.make_quote(subscription, prevalidation=other)  # asked for before the other names were there
    with pytest.raises(ServiceError, match="Say why names of both go together"):
        confirm_quote(actor=operator, quote=quote)
    assert (Order.objects.count(), QuoteLine.objects.count()) == (0, 1)
