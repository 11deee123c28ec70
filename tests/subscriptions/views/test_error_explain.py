"""The page of the help that explains a pasted text, for customers and staff alike."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import cast

URL = reverse("subscriptions:error-explain")
TEXT = 'Account registration error: The request must include a value for the \\"externalAccountBinding\\" field'


@pytest.mark.parametrize("role", ["owner", "viewer", "stranger", "operator", "auditor"])
def test_it_works(role: str, request: pytest.FixtureRequest, client: Client) -> None:
    cast.sign_in(client, request.getfixturevalue(role))
    assert "Have an error explained" in client.get(URL).content.decode()
    page = client.post(URL, {"text": TEXT}).content.decode()
    assert "The client sent no EAB values" in page
    assert reverse("subscriptions:help-topic", args=["errors"]) + "#externalaccountrequired" in page


def test_what_else_the_text_says_is_listed(client: Client, owner: User) -> None:
    text = "Could not bind TCP port 80 because it is already in use. CAA record for example.com prevents issuance"
    page = cast.sign_in(client, owner).post(URL, {"text": text}).content.decode()
    assert "A CAA record forbids it" in page
    assert "Port 80 is taken on the machine" in page


def test_it_is_reached_from_the_help(client: Client, owner: User) -> None:
    cast.sign_in(client, owner)
    for page in (reverse("subscriptions:help-list"), reverse("subscriptions:help-topic", args=["errors"])):
        assert URL in client.get(page).content.decode()


def test_a_text_in_an_address_is_not_read(client: Client, owner: User) -> None:
    page = cast.sign_in(client, owner).get(URL, {"text": TEXT}).content.decode()
    assert "The client sent no EAB values" not in page
