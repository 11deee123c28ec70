"""Staff change the role of a customer's person."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, User
from tests.subscriptions.views.staff.access_checks import UNKNOWN, status_for


def edit_of(customer: Customer, user: User) -> str:
    return reverse("subscriptions:person-edit", args=[customer.code, user.code])


def test_another_role(staff_client: Client, operator: User, member: User, customer: Customer) -> None:
    detail = reverse("subscriptions:customer-detail", args=[customer.code])
    assert edit_of(customer, member) in staff_client.get(detail).content.decode()
    assert staff_client.get(edit_of(customer, member)).context["form"]["role"].value() == "member"

    response = staff_client.post(edit_of(customer, member), {"role": "owner"})

    assert response["Location"] == detail
    assert member.memberships.get().role == "owner"
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.customer_code) == ("membership.changed", operator.code, customer.code)
    assert event.detail == {"email": member.email, "role": "owner", "changes": {"role": ["member", "owner"]}}
    page = staff_client.get(detail).content.decode()
    assert "The role of Max Member is Owner now." in page
    assert f"Person’s role changed: {member.email}" in page


def test_staff_may_leave_a_customer_without_an_owner(staff_client: Client, owner: User, customer: Customer) -> None:
    page = staff_client.get(edit_of(customer, owner)).content.decode()

    staff_client.post(edit_of(customer, owner), {"role": "viewer"})

    assert "The only owner" in page
    assert owner.memberships.get().role == "viewer"


@pytest.mark.parametrize("role", ["", "operator"])
def test_bad_input(staff_client: Client, member: User, customer: Customer, role: str) -> None:
    response = staff_client.post(edit_of(customer, member), {"role": role})

    assert (response.status_code, list(response.context["form"].errors)) == (200, ["role"])
    assert member.memberships.get().role == "member"


def test_access(
    customer: Customer, member: User, owner: User, stranger: User, auditor: User, operator: User, staff_client: Client
) -> None:
    url, typed = edit_of(customer, member), {"role": "owner"}
    people = {None: 302, stranger: 404, owner: 404, member: 404, auditor: 403}

    assert {one: status_for(one, url, "post", dict(typed)) for one in people} == people
    assert status_for(operator, edit_of(customer, stranger)) == 404
    assert status_for(operator, reverse("subscriptions:person-edit", args=[UNKNOWN, member.code])) == 404
    assert member.memberships.get().role == "member"
