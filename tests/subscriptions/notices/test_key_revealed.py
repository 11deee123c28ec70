"""Everybody who sees a subscription learns that its key was shown."""

from typing import Any

import pytest
from django.core import mail as django_mail

from accounts.models import Matter, User
from subscriptions import tasks
from subscriptions.models import Subscription
from subscriptions.services.subscriptions import reveal_hmac_key
from tests import cast
from tests.accounts.told import send

pytestmark = pytest.mark.servers


def test_it_works(subscription: Subscription, owner: User, operator: User, no_broker: Any) -> None:
    tasks.watch()
    reveal_hmac_key(actor=owner, subscription=subscription)
    reveal_hmac_key(actor=operator, subscription=subscription)
    tasks.watch()
    tasks.watch()
    send()
    assert [one.to for one in django_mail.outbox] == [[owner.email]]
    body = django_mail.outbox[0].body
    assert f"The EAB HMAC key of {subscription.title} was shown" in str(body)
    assert "Olga Owner has looked at it" in str(body)
    assert "Your provider has looked at it" in str(body)
    assert "Otto" not in str(body)


def test_it_holds_no_key(subscription: Subscription, owner: User, no_broker: Any) -> None:
    tasks.watch()
    key = reveal_hmac_key(actor=owner, subscription=subscription)
    tasks.watch()
    send()
    message = django_mail.outbox[0]
    assert str(key) not in f"{message.message()} {list(Matter.objects.values())}"


def test_what_was_another_customers_is_not_told(
    subscription: Subscription, owner: User, operator: User, no_broker: Any
) -> None:
    tasks.watch()
    reveal_hmac_key(actor=operator, subscription=subscription)
    tasks.watch()
    Subscription.objects.filter(pk=subscription.pk).update(customer=cast.make_customer("Fabrikam"))
    send()
    assert django_mail.outbox == []
