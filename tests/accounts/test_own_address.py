"""Nobody changes their own e-mail address: it is what invitations and the audit trail know a person by."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests import cast


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_send"])
def test_nobody_takes_an_address_that_is_not_theirs(client: Client, viewer: User, action: str) -> None:
    """Else a person could wait under the address of someone who is invited later, with a passkey of their own."""
    cast.sign_in(client, viewer)
    cast.confirm_password(client)
    EmailAddress.objects.create(user=viewer, email="newhire@contoso.example")

    response = client.post("/auth/email/", {action: "", "email": "newhire@contoso.example"})

    assert response.status_code == 404
    viewer.refresh_from_db()
    assert viewer.email == "viewer@northwind.example"


@pytest.mark.parametrize("address", ["/auth/email/", "/auth/confirm-email/", "/auth/confirm-email/MQ:1w:x/"])
def test_the_pages_of_addresses_are_not_there(client: Client, viewer: User, address: str) -> None:
    assert cast.sign_in(client, viewer).get(address).status_code == 404
