"""A person's e-mail address is changed: the old mailbox is good for nothing any more, and both are told."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import outbox, tasks
from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Invitation, Mail, User
from accounts.services import change_email
from portal.sessions import stored_key
from tests import cast
from tests.accounts.test_invitation_open import make_invitation
from tests.accounts.test_one_address import links_to_new_passwords

NEW, RESET, SIGN_IN = "new@northwind.example", reverse("account_reset_password"), reverse("account_login")


@pytest.fixture
def root(db: None) -> Client:
    return cast.sign_in(Client(), User.objects.create_superuser("root@reseller.example", cast.PASSWORD))


def change_in_admin(root: Client, user: User, email: str = NEW, **fields: str) -> Any:
    """Change a person's address as a superuser does."""
    url = reverse("admin:accounts_user_change", args=[user.pk])
    return root.post(url, {"email": email, "name": user.name, "is_active": "on"} | fields)


def link_in_last_mail() -> str:
    tasks.send_mails()
    return "/auth/" + str(mail.outbox[-1].body).split("/auth/")[1].split()[0]


def test_the_old_mailbox_gets_no_link(client: Client, root: Client, owner: User) -> None:
    old = owner.email
    client.post(RESET, {"email": old})
    assert links_to_new_passwords() == [old]
    link = link_in_last_mail()
    assert change_in_admin(root, owner).status_code == 302
    client.post(RESET, {"email": old})
    assert links_to_new_passwords() == [old]
    assert "token_fail" in client.get(link, follow=True).context
    client.post(RESET, {"email": NEW})
    assert links_to_new_passwords() == [old, NEW]


def test_a_link_that_was_opened_before_sets_no_password_after(client: Client, root: Client, owner: User) -> None:
    client.post(RESET, {"email": owner.email})
    form = client.get(link_in_last_mail(), follow=True)
    change_in_admin(root, owner)
    passwords = {"password1": "a long and good one", "password2": "a long and good one"}
    client.post(form.request["PATH_INFO"], passwords)
    owner.refresh_from_db()
    assert owner.check_password(cast.PASSWORD)


def test_every_session_ends(client: Client, root: Client, owner: User) -> None:
    client.post(SIGN_IN, {"login": owner.email, "password": cast.PASSWORD})
    assert UserSession.objects.filter(user=owner).count() == 1
    key = stored_key(str(client.session.session_key))
    assert Session.objects.filter(pk=key).exists()
    change_in_admin(root, owner)
    assert not UserSession.objects.filter(user=owner).exists()
    assert not Session.objects.filter(pk=key).exists()
    assert client.get(reverse("subscriptions:my-home")).status_code == 302


def test_a_session_ends_with_the_address_whoever_changed_it(client: Client, owner: User) -> None:
    """Past all code of the portal's, too."""
    cast.sign_in(client, owner)
    assert client.get(reverse("subscriptions:my-home")).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = %s WHERE id = %s", [NEW, owner.pk])
    assert client.get(reverse("subscriptions:my-home")).status_code == 302


def test_other_addresses_go(root: Client, owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    EmailAddress.objects.create(user=owner, email="other@northwind.example")
    change_in_admin(root, owner)
    assert not EmailAddress.objects.exists()


def test_an_invitation_to_the_old_mailbox_ends(root: Client, owner: User) -> None:
    invitation, _ = make_invitation(cast.make_customer("Contoso"), email=owner.email)
    change_in_admin(root, owner)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.token_digest) == ("revoked", "")


def test_both_addresses_are_told(root: Client, owner: User) -> None:
    old = owner.email
    change_in_admin(root, owner)
    event = AuditEvent.objects.get(action="email.changed")
    assert (event.actor_email, event.target_code, event.detail) == (
        "root@reseller.example",
        owner.code,
        {"old": old, "new": NEW},
    )
    tasks.send_mails()
    assert [message.to for message in mail.outbox] == [[old], [NEW]]
    to_old, to_new = (str(message.body) for message in mail.outbox)
    assert NEW not in to_old
    assert f"with this address any more, {old}." in to_old
    assert f"with this address from now on, {NEW}, and no more with {old}." in to_new


def test_what_is_sent_again_tells_when_the_address_was_changed(root: Client, owner: User, operator: User) -> None:
    change_in_admin(root, owner)
    tasks.send_mails()
    Mail.objects.update(created_at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    outbox.send_again(actor=operator, mail=Mail.objects.get(address=NEW))
    tasks.send_mails()
    assert "changed it on 2 January 2026, 03:04 UTC." in str(mail.outbox[-1].body)


def test_the_same_address_in_another_writing_changes_nothing(client: Client, root: Client, owner: User) -> None:
    cast.sign_in(client, owner)
    assert change_in_admin(root, owner, email=f" {owner.email.upper()} ").status_code == 302
    assert client.get(reverse("subscriptions:my-home")).status_code == 200
    assert not AuditEvent.objects.filter(action="email.changed").exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("email", ["MEMBER@northwind.example", "member@northwind.example\u200b", "x"])
def test_an_address_that_cannot_be_taken(root: Client, owner: User, member: User, email: str) -> None:
    assert change_in_admin(root, owner, email=email).status_code == 200
    with pytest.raises(ServiceError):
        change_email(actor=None, user=owner, email=email)
    owner.refresh_from_db()
    assert owner.email == "owner@northwind.example"


def test_what_stays(root: Client, owner: User, customer: Customer) -> None:
    change_in_admin(root, owner, name="Olga New")
    owner.refresh_from_db()
    assert (owner.email, owner.name, owner.is_active) == (NEW, "Olga New", True)
    assert owner.check_password(cast.PASSWORD)
    assert customer.memberships.filter(user=owner, role="owner").exists()
    assert not Invitation.objects.exists()


def test_an_address_of_an_older_version_can_be_put_right(root: Client, owner: User, member: User) -> None:
    """Such as the second of two writings of one address, which the migration leaves alone."""
    with connection.cursor() as cursor:
        on = " ON accounts_user" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER accounts_user_address_update{on}")
        cursor.execute(
            "UPDATE accounts_user SET email = %s WHERE id = %s", ["member@northwind.example\u200b", owner.pk]
        )
    assert change_in_admin(root, owner).status_code == 302
    owner.refresh_from_db()
    assert owner.email == NEW
