"""Small things that pages say: what is so, once, and what to do next."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from subscriptions.lists.tables import Count
from subscriptions.models import Operation, Subscription
from tests import cast


def test_nobody_is_told_that_they_signed_in(client: Client, operator: User) -> None:
    answer = client.post(reverse("account_login"), {"login": operator.email, "password": cast.PASSWORD}, follow=True)

    page = answer.content.decode()
    assert answer.wsgi_request.user == operator
    assert "Successfully" not in page
    assert 'class="callout callout--success"' not in page


def test_numbers_are_grouped() -> None:
    assert Count().render(20000) == "20,000"


def test_an_account_that_was_just_made_was_read_then(staff_client: Client, subscription: Subscription) -> None:
    made = cast.make_subscription(subscription.customer, is_ready=False)
    url = reverse("subscriptions:subscription-detail", args=[made.code])
    assert "Not yet" in staff_client.get(url).content.decode().partition("Last read at the CA")[2][:300]

    cast.end_operation(made.operations.get(), "succeeded", finished_at=timezone.now())
    Subscription.objects.filter(pk=made.pk).update(creation="created")
    cast.make_binding(made)

    told = staff_client.get(url).content.decode().partition("Last read at the CA")[2][:700]
    assert "when it was created" in told
    assert "Not yet" not in told


@pytest.mark.parametrize("is_handed_over", [True, False])
def test_an_order_that_is_done_has_a_next_step(
    staff_client: Client, subscription: Subscription, *, is_handed_over: bool
) -> None:
    order = cast.make_order(cast.make_quote(subscription))
    Operation.objects.update(state="succeeded", finished_at=timezone.now())
    Subscription.objects.update(handed_over_at=timezone.now() if is_handed_over else None)

    page = staff_client.get(reverse("subscriptions:order-detail", args=[order.code])).content.decode()

    callout = page.partition("Everything was done")[2].partition("</div>")[0]
    route = "subscription-detail" if is_handed_over else "subscription-hand-over"
    assert reverse(f"subscriptions:{route}", args=[subscription.code]) in callout


def test_password_fields_get_their_eye_from_a_script_of_the_portals_own(db: None, client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()

    assert 'type="password"' in page
    assert "js/password-eye.js" in page
    assert "password-eye" not in page.replace("js/password-eye.js", "")  # without scripts there is no button


def test_a_revealed_key_stands_at_an_address_that_can_be_loaded_again(
    staff_client: Client, subscription: Subscription
) -> None:
    cast.confirm_password(staff_client)
    page = staff_client.post(reverse("subscriptions:subscription-reveal", args=[subscription.code])).content.decode()
    address = reverse("subscriptions:subscription-detail", args=[subscription.code])

    assert f'data-address="{address}"' in page
    assert staff_client.get(address).status_code == 200
