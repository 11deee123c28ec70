"""An owner removes a colleague."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Membership, User
from accounts.roles import CustomerRole
from accounts.services import remove_person
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import link_of, make_invitation
from tests.accounts.test_people import people_of


def remove_of(customer: Customer, user: User) -> str:
    return reverse("accounts:member-remove", args=[customer.code, user.code])


def test_a_colleague(client: Client, owner: User, member: User, customer: Customer) -> None:
    cast.sign_in(client, owner)
    assert remove_of(customer, member) in client.get(people_of(customer)).content.decode()
    text = " ".join(client.get(remove_of(customer, member)).content.decode().split())
    assert "Remove Max Member from Northwind Traders" in text
    assert "Max Member can no longer see" in text
    assert "ask your provider for new EAB credentials if that matters" in text
    response = client.post(remove_of(customer, member))
    assert response["Location"] == people_of(customer)
    assert "Max Member was removed from Northwind Traders." in client.get(people_of(customer)).content.decode()
    assert list(customer.people.all()) == [owner]
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.customer_code) == ("membership.removed", owner.code, customer.code)
    assert (event.target_code, event.detail) == (member.code, {"email": member.email, "role": "member"})
    assert client.post(remove_of(customer, member)).status_code == 404


def test_it_holds_at_the_next_request(
    client: Client, owner: User, member: User, customer: Customer, subscription: Subscription
) -> None:
    other = cast.make_customer("Tailspin Toys")
    cast.add_person(other, member)
    pages = [reverse(f"subscriptions:{name}", args=[subscription.code]) for name in ("my-subscription", "my-setup")]
    reveal = reverse("subscriptions:my-key-reveal", args=[subscription.code])
    theirs = cast.sign_in(Client(), member)
    cast.confirm_password(theirs)
    assert [theirs.get(page).status_code for page in pages] == [200, 200]
    cast.sign_in(client, owner).post(remove_of(customer, member))
    assert [theirs.get(page).status_code for page in pages] == [404, 404]
    assert theirs.post(reveal).status_code == 404
    home = theirs.get(reverse("subscriptions:my-home"))
    assert home.status_code == 200  # signed in as before, for the other customer
    assert "Web shop" not in home.content.decode()


def test_an_open_invitation_ends_too(client: Client, owner: User, member: User, customer: Customer) -> None:
    open_one, token = make_invitation(customer, email=member.email)
    elsewhere, _ = make_invitation(cast.make_customer("Contoso"), email=member.email)
    cast.sign_in(client, owner).post(remove_of(customer, member))
    theirs = cast.sign_in(Client(), member)
    assert theirs.get(link_of(token), follow=True).status_code == 410
    for invitation, state in ((open_one, "revoked"), (elsewhere, "open")):
        invitation.refresh_from_db()
        assert invitation.state == state


def test_the_only_owner_stays(client: Client, owner: User, member: User, customer: Customer) -> None:
    cast.sign_in(client, owner)
    for response in (client.get(remove_of(customer, owner)), client.post(remove_of(customer, owner))):
        text = response.content.decode()
        assert "You are the only owner of Northwind Traders. Make somebody else an owner first." in text
        assert "btn-danger" not in text
    assert (customer.people.count(), AuditEvent.objects.count()) == (2, 0)


def test_one_of_two_owners_leaves(client: Client, owner: User, customer: Customer) -> None:
    cast.add_person(customer, cast.make_user("other@northwind.example"), CustomerRole.OWNER)
    cast.sign_in(client, owner)
    assert "This is you." in client.get(remove_of(customer, owner)).content.decode()
    assert client.post(remove_of(customer, owner))["Location"] == reverse("home")
    assert client.get(people_of(customer)).status_code == 404


def test_two_at_the_same_moment(owner: User, member: User, customer: Customer) -> None:
    membership = Membership.objects.get(customer=customer, user=member)
    remove_person(actor=owner, membership=Membership.objects.get(pk=membership.pk))
    with pytest.raises(ServiceError, match="Max Member does not belong to Northwind Traders any more"):
        remove_person(actor=owner, membership=membership)
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("viewer", 403), ("stranger", 404), ("operator", 404)])
def test_others_may_not(
    client: Client, customer: Customer, member: User, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    assert client.get(remove_of(customer, member)).status_code == status
    assert client.post(remove_of(customer, member)).status_code == status
    assert customer.people.filter(pk=member.pk).exists()


def test_only_from_the_own_customer(client: Client, owner: User, stranger: User, customer: Customer) -> None:
    cast.sign_in(client, owner)
    for one in (customer, stranger.customers.get()):
        assert client.post(remove_of(one, stranger)).status_code == 404
    assert stranger.memberships.count() == 1
