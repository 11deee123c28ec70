"""What was told long ago is deleted, with who was told; what still lasts never."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import clearing, own_tellings
from accounts.models import Matter, Telling, UndeliverableAddress, User
from accounts.tasks import clear_expired
from subscriptions.models import Subscription
from tests import cast


def test_it_works(owner: User, subscription: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "AT_ONCE", 2)
    now = timezone.now()
    for days in (1, 399, 401, 500, 600):
        cast.make_telling(owner, subscription, closed_at=now - timedelta(days=days), began_at=now)
    cast.make_telling(owner, subscription, is_event=False, began_at=now - timedelta(days=900))
    assert own_tellings.clear_expired(now) == 6
    assert Matter.objects.count() == Telling.objects.count() == 3


def test_addresses_that_work_again(db: None) -> None:
    now = timezone.now()
    for cleared_at in (None, now, now - timedelta(days=401)):
        cast.make_mark(marked_at=now - timedelta(days=500), cleared_at=cleared_at)
    clear_expired()
    assert UndeliverableAddress.objects.count() == 2
