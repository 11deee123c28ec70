"""Each person is sent where their work is."""

from django.test import Client

from accounts.models import User
from tests import cast


def sent_to(client: Client) -> str:
    return client.get("/").headers["Location"]


def test_staff_go_to_the_staff_pages(client: Client, auditor: User) -> None:
    cast.sign_in(client, auditor)

    assert sent_to(client) == "/staff/"


def test_a_customers_people_go_to_their_pages(client: Client, viewer: User) -> None:
    cast.sign_in(client, viewer)

    assert sent_to(client) == "/my/"


def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    assert sent_to(client) == "/auth/login/"


def test_who_belongs_to_no_customer_is_told_so(client: Client, db: None) -> None:
    cast.sign_in(client, cast.make_user("nobody@example.net"))

    response = client.get("/")

    assert response.status_code == 200
    assert "nobody@example.net belongs to no customer yet" in response.content.decode()


def test_wrong_method(client: Client) -> None:
    assert client.post("/").status_code == 405
