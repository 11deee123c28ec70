"""What never reaches a log."""

import logging
from typing import Any

import pytest
from django.test import Client

from portal.redaction import RedactingFilter, redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /invitations/aB-9_x/ 500", "GET /invitations/[redacted]/ 500"),
        ("Not Found: /auth/password/reset/key/1-set/", "Not Found: /auth/password/reset/key/[redacted]/"),
        ("GET /invitations/accept/ 200", "GET /invitations/accept/ 200"),
        ("loginPassword=secret&x=1", "loginPassword=[redacted]&x=1"),
        ('{"eabMACKeyb64url": "abc"}', '{"eabMACKeyb64url": "[redacted]"}'),
        ("nothing secret", "nothing secret"),
    ],
)
def test_redact(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_the_cas_password(settings: Any) -> None:
    settings.CAAS_LOGIN_PASSWORD = "hunter2-hunter2"
    assert redact("said hunter2-hunter2 aloud") == "said [redacted] aloud"


def test_arguments_are_redacted_too() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Error: %s", ("/invitations/abc/",), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == "Error: /invitations/[redacted]/"


def test_what_an_exception_says_is_redacted_too() -> None:
    try:
        raise ValueError("eab_hmac_key=c2VjcmV0")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "Failed", (), (type(error), error, error.__traceback__))
    assert RedactingFilter().filter(record)
    line = logging.Formatter("%(message)s").format(record)
    assert "eab_hmac_key=[redacted]" in line
    assert "c2VjcmV0" not in line.rpartition("ValueError")[2]


def test_opening_a_link_logs_no_token(client: Client, db: None, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/invitations/very-secret-token/")
    client.get("/invitations/accept/")
    assert "very-secret-token" not in caplog.text
