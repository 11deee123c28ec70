"""Tries at the sign-in, from addresses that are made up."""

from typing import Any

from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from accounts import guessing
from accounts.models import AuditEvent

COOKIE = configured.KNOWN_DEVICE_COOKIE_NAME
SIGN_IN = reverse("account_login")
RESET = reverse("account_reset_password")
SECRET = "JBSWY3DPEHPK3PXP"
WRONG = "wrong"
NEW_PASSWORD = "sandwich-Kettle-42"


def at(address: str) -> Client:
    """A browser at an address, without cookies."""
    return Client(headers={"X-Forwarded-For": address})


def attempt(client: Client, email: str, password: str = WRONG) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password})


def is_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"] != SIGN_IN)


def is_refused(answer: Any, message: str = guessing.SIGN_IN) -> bool:
    return message in answer.content.decode()


def attack(email: str, number: int, *, addresses: int = 1) -> list[Any]:
    """Try wrong passwords, from as many addresses."""
    return [attempt(at(f"192.0.2.{one % addresses}"), email) for one in range(number)]


def refused_events() -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(action="tries.refused").order_by("pk")
    return [(event.detail["limit"], event.target_name) for event in events]
