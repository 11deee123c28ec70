"""Staff remove a person from a customer."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Membership, User
from accounts.services import remove_person
from tests import cast
from tests.subscriptions.views.staff.access_checks import UNKNOWN, status_for


def remove_of(customer: Customer, user: User) -> str:
    return reverse("subscriptions:person-remove", args=[customer.code, user.code])


def test_a_person(staff_client: Client, operator: User, owner: User, member: User, customer: Customer) -> None:
    detail = reverse("subscriptions:customer-detail", args=[customer.code])
    assert remove_of(customer, member) in staff_client.get(detail).content.decode()
    page = staff_client.get(remove_of(customer, member)).content.decode()
    assert "Max Member can no longer see" in page
    assert "The only owner" not in page

    response = staff_client.post(remove_of(customer, member))

    assert response["Location"] == detail
    assert list(customer.people.all()) == [owner]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.customer_code) == ("membership.removed", operator.code, customer.code)
    assert event.detail == {"email": member.email, "role": "member"}
    page = staff_client.get(detail).content.decode()
    assert "Max Member was removed from Northwind Traders." in page
    assert f"Person removed: {member.email}" in page


def test_staff_may_leave_a_customer_without_an_owner(staff_client: Client, owner: User, customer: Customer) -> None:
    page = staff_client.get(remove_of(customer, owner)).content.decode()

    staff_client.post(remove_of(customer, owner))

    assert "The only owner" in page
    assert customer.people.count() == 0


def test_somebody_removed_meanwhile(
    staff_client: Client, reseller_admin: User, member: User, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague was faster, between our look and our writing."""

    def late(*, actor: User, membership: Membership) -> None:
        remove_person(actor=reseller_admin, membership=Membership.objects.get(pk=membership.pk))
        remove_person(actor=actor, membership=membership)

    monkeypatch.setattr("accounts.views.customer_people.remove_person", late)
    response = staff_client.post(remove_of(customer, member), follow=True)

    assert "Max Member does not belong to Northwind Traders any more." in response.content.decode()
    assert AuditEvent.objects.get().actor_code == reseller_admin.code


def test_access(customer: Customer, member: User, owner: User, stranger: User, auditor: User, operator: User) -> None:
    url = remove_of(customer, member)
    people = {None: 302, stranger: 404, owner: 404, member: 404, auditor: 403}

    assert {one: status_for(one, url, "post") for one in people} == people
    assert status_for(operator, remove_of(customer, stranger)) == 404
    assert status_for(operator, reverse("subscriptions:person-remove", args=[UNKNOWN, member.code])) == 404
    detail = reverse("subscriptions:customer-detail", args=[customer.code])
    assert url not in cast.sign_in(Client(), auditor).get(detail).content.decode()
    assert customer.people.filter(pk=member.pk).exists()
