"""An owner changes a colleague's role."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Membership, User
from accounts.roles import CustomerRole
from accounts.services import change_role
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_people import people_of


def edit_of(customer: Customer, user: User) -> str:
    return reverse("accounts:member-edit", args=[customer.code, user.code])


def role_of(customer: Customer, user: User) -> str:
    return Membership.objects.get(customer=customer, user=user).role


def test_another_role(client: Client, owner: User, member: User, customer: Customer) -> None:
    cast.sign_in(client, owner)
    assert edit_of(customer, member) in client.get(people_of(customer)).content.decode()
    assert client.get(edit_of(customer, member)).context["form"]["role"].value() == "member"
    response = client.post(edit_of(customer, member), {"role": "viewer"})
    assert response["Location"] == people_of(customer)
    assert "The role of Max Member is Viewer now." in client.get(people_of(customer)).content.decode()
    assert role_of(customer, member) == "viewer"
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.customer_code) == ("membership.changed", owner.code, customer.code)
    detail = {"email": member.email, "role": "viewer", "changes": {"role": ["member", "viewer"]}}
    assert (event.target_code, event.detail) == (member.code, detail)


def test_it_holds_at_the_next_request(
    client: Client, owner: User, member: User, customer: Customer, subscription: Subscription
) -> None:
    reveal = reverse("subscriptions:my-key-reveal", args=[subscription.code])
    theirs = cast.sign_in(Client(), member)
    cast.confirm_password(theirs)
    assert theirs.post(reveal).status_code == 200
    cast.sign_in(client, owner).post(edit_of(customer, member), {"role": "viewer"})
    assert theirs.post(reveal).status_code == 403


def test_the_same_role_is_no_change(client: Client, owner: User, member: User, customer: Customer) -> None:
    response = cast.sign_in(client, owner).post(edit_of(customer, member), {"role": "member"})
    assert response["Location"] == people_of(customer)
    assert AuditEvent.objects.count() == 0


def test_the_only_owner_stays_one(client: Client, owner: User, member: User, customer: Customer) -> None:
    asleep = cast.make_user("asleep@northwind.example")
    cast.add_person(customer, asleep, CustomerRole.OWNER)
    User.objects.filter(pk=asleep.pk).update(is_active=False)
    response = cast.sign_in(client, owner).post(edit_of(customer, owner), {"role": "member"})
    message = "You are the only owner of Northwind Traders. Make somebody else an owner first."
    assert response.context["form"].errors == {"role": [message]}
    assert (role_of(customer, owner), AuditEvent.objects.count()) == ("owner", 0)


def test_one_of_two_owners_steps_back(client: Client, owner: User, member: User, customer: Customer) -> None:
    cast.sign_in(client, owner).post(edit_of(customer, member), {"role": "owner"})
    response = client.post(edit_of(customer, owner), {"role": "viewer"})
    assert response["Location"] == reverse("home")
    assert client.get(people_of(customer)).status_code == 403


def test_two_owners_at_the_same_moment(owner: User, customer: Customer) -> None:
    """Each was read while the other was an owner still."""
    other = cast.make_user("other@northwind.example", name="Otto Other")
    cast.add_person(customer, other, CustomerRole.OWNER)
    first, second = (Membership.objects.get(customer=customer, user=user) for user in (owner, other))
    change_role(actor=other, membership=first, role=CustomerRole.MEMBER)
    with pytest.raises(ServiceError, match="Otto Other is the only owner"):
        change_role(actor=owner, membership=second, role=CustomerRole.MEMBER)


@pytest.mark.parametrize("role", ["", "reseller_admin"])
def test_bad_input(client: Client, owner: User, member: User, customer: Customer, role: str) -> None:
    response = cast.sign_in(client, owner).post(edit_of(customer, member), {"role": role})
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["role"])
    assert role_of(customer, member) == "member"


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_may_not(
    client: Client, customer: Customer, member: User, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    assert client.post(edit_of(customer, member), {"role": "owner"}).status_code == status
    assert role_of(customer, member) == "member"


def test_only_within_the_own_customer(client: Client, owner: User, stranger: User, customer: Customer) -> None:
    cast.sign_in(client, owner)
    for one in (customer, stranger.customers.get()):
        assert client.post(edit_of(one, stranger), {"role": "viewer"}).status_code == 404
    assert stranger.memberships.get().role == "owner"
