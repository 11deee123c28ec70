"""The mail that lets a person set a new password speaks with the portal's voice."""

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts import tasks
from accounts.models import User


@pytest.fixture
def sent(client: Client, owner: User) -> mail.EmailMultiAlternatives:
    client.post("/auth/password/reset/", {"email": owner.email})
    tasks.send_mails()
    (message,) = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    return message


def test_it_works(sent: mail.EmailMultiAlternatives) -> None:
    assert sent.subject == f"[{settings.PORTAL_NAME}] Set a new password"
    assert sent.body.startswith("Someone, most likely you, asked for a new password for owner@northwind.example on ")
    assert sent.body.count("/auth/password/reset/key/") == 1
    assert sent.body.rstrip().endswith(settings.PORTAL_NAME)


def test_the_html_part_has_the_same_link(sent: mail.EmailMultiAlternatives) -> None:
    ((html, mimetype),) = sent.alternatives
    (link,) = [line for line in sent.body.splitlines() if "/auth/password/reset/key/" in line]

    assert mimetype == "text/html"
    assert f'<a class="button" href="{link}">Set a new password</a>' in str(html)


def test_an_address_without_a_sign_in_learns_so(client: Client, db: None) -> None:
    client.post("/auth/password/reset/", {"email": "nobody@northwind.example"})
    tasks.send_mails()

    (message,) = mail.outbox
    assert message.subject == f"[{settings.PORTAL_NAME}] No sign-in with this address"
    assert "there is no sign-in with that address" in message.body


def test_whoever_asks_does_not_choose_where_the_link_leads(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PORTAL_URL", "https://portal.example/")
    client.post("/auth/password/reset/", {"email": owner.email}, headers={"Host": "localhost:6666"})
    tasks.send_mails()

    (message,) = mail.outbox
    (link,) = [line for line in str(message.body).splitlines() if "/auth/password/reset/key/" in line]
    assert link.startswith("https://portal.example/auth/password/reset/key/")
    assert client.get(link.removeprefix("https://portal.example"), follow=True).status_code == 200
