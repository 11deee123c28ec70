"""What every staff view's test asks of its door."""

from uuid import uuid4

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import sign_in

UNKNOWN = uuid4()


def status_for(user: User | None, url: str, method: str = "get", data: dict[str, object] | None = None) -> int:
    """Give the status a person (None: nobody) gets."""
    client = sign_in(Client(), user)
    return int(getattr(client, method)(url, data or {}).status_code)


def unknown(route: str) -> str:
    """Give the address of something that does not exist."""
    return reverse(f"subscriptions:{route}", args=[UNKNOWN])
