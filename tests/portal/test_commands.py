"""Commands on the server that make people, or change their passwords, leave their trace in the audit trail."""

import getpass
import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, Customer, User
from subscriptions.explain.happenings import sentence

PASSWORD = "a horse, a battery and a staple"


def test_createsuperuser(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="root@reseller.example", interactive=False, stdout=io.StringIO())
    made = User.objects.get()
    event = AuditEvent.objects.get()
    assert (event.action, event.target_code, event.actor_code) == ("superuser.made", made.code, None)
    assert sentence(event) == "Superuser made: by a command on the server"


def test_changepassword(owner: User, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: PASSWORD)
    call_command("changepassword", owner.email, stdout=io.StringIO())
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    ended, event = AuditEvent.objects.all()
    assert (event.action, event.target_code, event.customer_code) == ("password.changed", owner.code, customer.code)
    assert sentence(event) == "Password changed: by a command on the server"
    assert (ended.action, ended.detail["reason"]) == ("sessions.ended", "by a command on the server")
    assert PASSWORD not in str(event.detail)


def test_a_password_that_was_not_changed_leaves_none(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "short")
    with pytest.raises(CommandError):
        call_command("changepassword", owner.email, stdout=io.StringIO(), stderr=io.StringIO())
    assert not AuditEvent.objects.exists()
