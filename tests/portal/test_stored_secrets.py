"""Secrets that cannot be decrypted with the keys given: told at the start, and plainly to whoever asks for one."""

import logging
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import AuditEvent, User
from portal import stored_secrets
from portal.stored_secrets import check_stored_secrets, report_unreadable_secrets, unreadable_secrets
from subscriptions.models import EabBinding, Subscription
from tests import cast

FORMER = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
KINDS = ["EAB HMAC key", "TOTP Authenticator", "Recovery codes"]


@pytest.fixture
def _stored(subscription: Subscription, operator: User) -> None:
    TOTP.activate(operator, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(operator)


@pytest.fixture
def _other_key(_stored: None, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]


@pytest.mark.usefixtures("_stored")
def test_it_works(settings: Settings) -> None:
    assert unreadable_secrets() == []
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert sorted(unreadable_secrets()) == sorted(KINDS)
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, FORMER]
    assert unreadable_secrets() == []


@pytest.mark.django_db
def test_an_installation_that_stores_none_yet() -> None:
    assert unreadable_secrets() == []


@pytest.mark.usefixtures("_other_key")
def test_a_process_without_keys_asks_nothing(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = []
    with CaptureQueriesContext(connection) as captured:
        assert unreadable_secrets() == []
    assert len(captured) == 0


def test_only_the_oldest_and_the_newest_are_tried(subscription: Subscription, settings: Settings) -> None:
    former = EabBinding.objects.get()
    for _ in range(3):
        cast.make_subscription(subscription.customer, subscription.server)
    with CaptureQueriesContext(connection) as captured:
        assert unreadable_secrets() == []
    assert len(captured) == 2 * len(KINDS)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), FORMER]
    former.eab_hmac_key = cast.HMAC_KEY
    former.save()
    settings.ENCRYPTION_KEYS = [FORMER]
    assert unreadable_secrets() == ["EAB HMAC key"]


@pytest.mark.usefixtures("_other_key")
def test_the_system_check_warns() -> None:
    err = StringIO()
    call_command("check", databases=["default"], stderr=err)
    assert "(portal.W020) Stored secrets cannot be decrypted with the ENCRYPTION_KEYS given" in err.getvalue()
    assert check_stored_secrets() == []  # a check of settings alone asks no database


@pytest.mark.django_db
def test_a_database_without_tables_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(stored_secrets, "unreadable_secrets", fail)
    assert check_stored_secrets(databases=["default"]) == []
    report_unreadable_secrets()


@pytest.mark.usefixtures("_other_key")
def test_the_log_says_so_at_the_start(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # it is the test's own
    with caplog.at_level(logging.ERROR):
        report_unreadable_secrets()
    assert "Stored secrets cannot be decrypted with the ENCRYPTION_KEYS given: EAB HMAC key" in caplog.text


@pytest.mark.usefixtures("_other_key")
def test_a_reveal_says_so(staff_client: Client, subscription: Subscription) -> None:
    cast.confirm_password(staff_client)
    response = staff_client.post(reverse("subscriptions:subscription-reveal", args=[subscription.code]))

    assert response.status_code == 503
    assert "A stored secret cannot be read" in response.content.decode()
    assert "nothing was charged" in " ".join(response.content.decode().split())
    assert not AuditEvent.objects.filter(action="key.revealed").exists()


@pytest.mark.usefixtures("_other_key")
def test_a_second_factor_says_so(client: Client, operator: User) -> None:
    client.post(reverse("account_login"), {"login": operator.email, "password": cast.PASSWORD})
    response: Any = client.post(reverse("mfa_authenticate"), {"code": "123456"})

    assert response.status_code == 503
    assert "A stored secret cannot be read" in response.content.decode()


@pytest.mark.usefixtures("_other_key")
def test_the_page_of_second_factors_needs_none(staff_client: Client, operator: User) -> None:
    codes = Authenticator.objects.get(user=operator, type=Authenticator.Type.RECOVERY_CODES)
    codes.data["used_mask"] = 0b101
    codes.save()
    response = staff_client.get(reverse("mfa_index"))

    assert response.status_code == 200
    assert "8 of 10 left" in " ".join(response.content.decode().split())
