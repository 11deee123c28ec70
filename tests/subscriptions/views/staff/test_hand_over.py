"""Handing many subscriptions over at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Invitation, Mail, User
from subscriptions.models import Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

Sent = list[tuple[str, tuple[Any, ...]]]
URL = reverse("subscriptions:hand-over")
pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def new(customer: Customer) -> list[Subscription]:
    return [cast.make_subscription(customer, shown_at=None, label=f"Shop {one}") for one in (1, 2)]


def codes(*subscriptions: Subscription) -> list[str]:
    return [str(one.code) for one in subscriptions]


def test_the_customers_page_leads_to_all_that_were_not(
    staff_client: Client, customer: Customer, owner: User, new: list[Subscription]
) -> None:
    Subscription.objects.filter(pk=new[1].pk).update(handed_over_at="2026-01-01T00:00Z")
    cast.make_subscription(customer, label="Unready", is_ready=False)
    page = staff_client.get(reverse("subscriptions:customer-detail", args=[customer.code])).content.decode()
    link = f"{URL}?customer={customer.code}"
    assert f'{link}">Hand over 1</a>' in page
    page = staff_client.get(link).content.decode()
    assert str(new[0].code) in page
    assert str(new[1].code) not in page
    assert "Unready" not in page
    assert owner.email in page
    assert not Mail.objects.exists()


def test_what_is_chosen_in_a_list_is_told_first_and_then_done(
    staff_client: Client, owner: User, new: list[Subscription]
) -> None:
    page = staff_client.post(URL, {"subscription": codes(*new)}).content.decode()
    assert page.count(" checked") == 2
    assert not Mail.objects.exists()
    done = staff_client.post(URL, {"subscription": codes(*new), "confirmed": "yes"}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("subscriptions:customer-detail", args=[new[0].customer.code])
    assert "Handed over: 1 mail on the way." in done.content.decode()
    assert Subscription.objects.filter(handed_over_at__isnull=False, shown_at__isnull=False).count() == 2
    assert Mail.objects.get().address == owner.email


def test_a_list_leads_to_it_with_what_is_chosen_there(staff_client: Client, new: list[Subscription]) -> None:
    listed = staff_client.get(reverse("subscriptions:subscription-list")).content.decode()
    assert f'formaction="{URL}"' in listed
    page = staff_client.post(URL, {"row": codes(new[0])}).content.decode()
    assert str(new[0].code) in page
    assert str(new[1].code) not in page


def test_of_several_customers(staff_client: Client, owner: User, new: list[Subscription]) -> None:
    other = cast.make_customer("Contoso")
    theirs = cast.make_subscription(other, shown_at=None)
    page = staff_client.post(URL, {"subscription": codes(*new, theirs)}).content.decode()
    assert f"{URL}?customer={other.code}" in page
    sent = {"subscription": codes(*new, theirs), "confirmed": "yes"}
    assert "Nobody at Contoso can sign in yet" in staff_client.post(URL, sent).content.decode()
    assert not Mail.objects.exists()
    cast.add_person(other, cast.make_user("carl@contoso.example"))
    done = staff_client.post(URL, sent, follow=True)
    assert done.redirect_chain[-1][0] == reverse("subscriptions:subscription-list")
    assert "Handed over: 2 mails on the way." in done.content.decode()


def test_somebody_is_invited_on_the_page(staff_client: Client, new: list[Subscription]) -> None:
    sent = {"subscription": codes(*new), "confirmed": "yes", "email": "nora@northwind.example", "role": "owner"}
    page = staff_client.post(URL, sent, follow=True).content.decode()
    assert "2 are handed over when they accept." in page
    assert Invitation.objects.get().email == "nora@northwind.example"
    assert Subscription.objects.filter(hand_over_pending_since__isnull=False).count() == 2


@pytest.mark.parametrize("chosen", [[], ["no code"], ["00000000-0000-4000-8000-000000000000"]])
def test_what_is_not_there(staff_client: Client, chosen: list[str]) -> None:
    page = staff_client.post(URL, {"subscription": chosen, "confirmed": "yes"}).content.decode()
    assert "Choose at least one subscription." in page
    assert "Nothing to hand over" in page


def test_access(new: list[Subscription], owner: User, stranger: User, auditor: User) -> None:
    for user, status in ((None, 302), (stranger, 404), (owner, 404), (auditor, 403)):
        assert status_for(user, URL, "post") == status
