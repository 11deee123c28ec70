"""A mail server that the portal sends to, and a browser that is known."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import cast
from tests.accounts.attempts import at, attempt, is_in
from tests.accounts.mail_servers import Mailbox, mail_server


@pytest.fixture
def use_server(settings: Any) -> Any:
    """Give a function that makes a port on this machine the portal's mail server."""

    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "portal.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5

    return use


@pytest.fixture
def mailbox(use_server: Any) -> Iterator[Mailbox]:
    """What the portal's mail server has taken."""
    with mail_server() as (box, port):
        use_server(port)
        yield box


@pytest.fixture
def known(owner: User) -> Client:
    """A browser, in which the owner has signed in once, signed out."""
    client = at("198.51.100.7")
    assert is_in(attempt(client, owner.email, cast.PASSWORD))
    client.post(reverse("account_logout"))
    return client
