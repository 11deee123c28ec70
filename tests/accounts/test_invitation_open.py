"""The link of an invitation."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import invitations
from accounts.models import Customer, Invitation, User

ACCEPT = reverse("accounts:invitation-accept")


def make_invitation(customer: Customer, invited_by: User | None = None, **fields: object) -> tuple[Invitation, str]:
    """Make an invitation and give it with the token of its link."""
    defaults = {
        "email": "new@northwind.example",
        "role": "member",
        "expires_at": timezone.now() + timedelta(days=7),
        "invited_by": invited_by,
    }
    invitation = Invitation.objects.create(customer=customer, **(defaults | fields))
    return invitation, invitations.issue_token(invitation)


def link_of(token: str) -> str:
    return reverse("accounts:invitation-open", args=[token])


def test_it_takes_the_token_out_of_the_address(client: Client, customer: Customer) -> None:
    _, token = make_invitation(customer)
    response = client.get(link_of(token))
    assert (response.status_code, response["Location"]) == (302, ACCEPT)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert token not in str(dict(client.session))
    assert "Northwind Traders" in client.get(ACCEPT).content.decode()


def test_an_unknown_token_is_not_told_apart_here(client: Client, db: None) -> None:
    """A 404 would write the address into the log."""
    assert client.get(link_of("x" * 43))["Location"] == ACCEPT
    assert client.get(ACCEPT).status_code == 410


def test_post_is_refused(client: Client, db: None) -> None:
    assert client.post(link_of("x")).status_code == 405
