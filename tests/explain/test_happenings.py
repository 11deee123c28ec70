"""What the activity on a page says of an event."""

import pytest

from accounts.models import AuditEvent
from subscriptions.explain.happenings import sentence


@pytest.mark.parametrize(
    ("action", "detail", "words"),
    [
        ("customer.changed", {"fields": ["name"]}, "Customer changed"),
        ("invitation.created", {"email": "a@b.example", "role": "owner"}, "Invited: a@b.example"),
        ("factor.removed", {"email": "a@b.example"}, "Second factor removed: a@b.example"),
        ("sign_in.succeeded", {"how": "password and totp"}, "Signed in: password and totp"),
        ("sign_in.refused", {"email": "a@b.example"}, "Sign-in refused: a@b.example"),
        ("admin.changed", {"what": "user Olga Owner"}, "Changed in Django admin: user Olga Owner"),
        ("operation.settled", {"reason": ""}, "Operation settled"),
        ("operation.settled", {}, "Operation settled"),
        ("gate.closed", {"reason": "Wrong password"}, "Connection to the CA closed: Wrong password"),
        ("moon.landed_on", {"reason": "x"}, "Moon landed on"),
        ("", {}, ""),
    ],
)
def test_sentence(action: str, detail: dict[str, str], words: str) -> None:
    assert sentence(AuditEvent(action=action, detail=detail)) == words
