"""A business with a customer who has a running subscription, and a clock."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Customer, User
from tests import cast
from tests.accounts.clock import Clock
from tests.subscriptions.notices.arranged import Business


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def told(
    clock: Clock, customer: Customer, owner: User, viewer: User, stranger: User, reseller_admin: User, no_broker: Any
) -> Business:
    expires_at = timezone.now() + timedelta(days=300)
    subscription = cast.make_subscription(customer, label="Web shop", expires_at=expires_at)
    domain = cast.make_domain(subscription, "www.example.com")
    return Business(customer, owner, viewer, stranger, reseller_admin, subscription, domain)
