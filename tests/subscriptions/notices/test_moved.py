"""What people are told of a subscription that was another customer's before, and of what happened until then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Matter, Telling, User
from accounts.roles import CustomerRole
from subscriptions.models import Operation, Subscription
from subscriptions.services.subscriptions import reveal_hmac_key
from tests import cast
from tests.accounts.clock import Clock
from tests.accounts.told import watch
from tests.subscriptions.notices.arranged import ARRANGED, Business

pytestmark = [pytest.mark.servers, pytest.mark.django_db]


@pytest.fixture
def newcomer(told: Business) -> User:
    """The owner of the customer to whom the subscription is moved."""
    user = cast.make_user("owner@fabrikam.example")
    cast.add_person(cast.make_customer("Fabrikam"), user, CustomerRole.OWNER)
    return user


def move(told: Business, newcomer: User) -> None:
    customer = newcomer.memberships.get().customer
    Subscription.objects.filter(pk=told.subscription.pk).update(customer=customer, moved_here_at=timezone.now())


def test_names_that_came_before_are_not_told(told: Business, newcomer: User) -> None:
    watch()
    ARRANGED["names_changed"].begin(told)
    move(told, newcomer)
    watch()
    assert not Matter.objects.filter(notice="names_changed").exists()

    Subscription.objects.update(moved_here_at=timezone.now() - timedelta(hours=3))
    assert Operation.objects.filter(state=Operation.State.SUCCEEDED).exists()
    watch()
    assert Matter.objects.get(notice="names_changed").customer == newcomer.memberships.get().customer


def test_a_key_shown_before_is_not_told(told: Business, newcomer: User) -> None:
    watch()
    reveal_hmac_key(actor=told.owner, subscription=told.subscription)
    move(told, newcomer)
    watch()
    assert not Matter.objects.filter(notice="key_revealed").exists()


def test_a_trouble_that_lasts_is_told_to_the_new_customer_too(told: Business, newcomer: User, clock: Clock) -> None:
    ARRANGED["certificate_expired"].begin(told)
    watch()
    clock.forward(minutes=5)
    move(told, newcomer)
    watch()
    people = Telling.objects.filter(matter__notice="certificate_expired", is_solution=False)
    assert set(people.values_list("person", flat=True)) >= {told.owner.pk, newcomer.pk}
    assert Matter.objects.filter(notice="certificate_expired", closed_at=None, solved_at=None).count() == 1
