"""What mails say: the link only in the mail, the key nowhere, and no link but the portal's own."""

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from accounts import invitations, outbox, tasks
from accounts.emails import SIGN_IN_NOTICES
from accounts.models import Customer, Invitation, Mail, Membership, User
from accounts.validators import without_links
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import make_invitation


def sent_mail() -> tuple[EmailMultiAlternatives, str]:
    """Give the one mail that was sent, and its HTML part."""
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message, str(message.alternatives[0][0])


def send(name: str, **fields: Any) -> tuple[EmailMultiAlternatives, str]:
    outbox.queue(name, **fields)
    tasks.send_mails()
    return sent_mail()


def test_invitation(customer: Customer, owner: User, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example/"
    Customer.objects.filter(pk=customer.pk).update(name="Miller & Sons <UK>")
    invitation, old_token = make_invitation(customer, owner)
    message, html = send("invitation", address=invitation.email, about=invitation)
    assert (message.to, message.subject) == (
        ["new@northwind.example"],
        "Invitation to Miller & Sons <UK> at Certificate Portal",
    )
    text = str(message.body)
    token = text.split("/invitations/")[1].split("/")[0]
    assert f"https://portal.example/invitations/{token}/" in text
    assert f"https://portal.example/invitations/{token}/" in html
    assert "Olga Owner invites you to Miller & Sons <UK>" in text
    assert "Miller &amp; Sons &lt;UK&gt;" in html
    invitation.refresh_from_db()
    assert invitation.token_digest == invitations.token_digest(token)
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    assert invitation.mailed_at is not None
    assert old_token != token
    assert invitations.open_invitation(invitations.token_digest(old_token)) is None


def test_who_invites_without_a_name_is_told_by_address(customer: Customer) -> None:
    inviter = cast.make_user("olga@northwind.example")
    Membership.objects.create(customer=customer, user=inviter, role="owner")
    invitation, _ = make_invitation(customer, inviter)
    message, _ = send("invitation", address=invitation.email, about=invitation)
    assert str(message.body).startswith("olga@northwind.example invites you to Northwind Traders")


def test_handover(subscription: Subscription, owner: User, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example"
    message, html = send("handover", address=owner.email, person=owner, about=subscription)
    assert (message.to, message.subject) == (["owner@northwind.example"], "Your ACME credentials are ready: Web shop")
    link = "https://portal.example" + reverse("subscriptions:my-subscription", args=[subscription.code])
    for part in (str(message.body), html):
        assert link in part
        assert "Olga Owner" in part
        assert cast.HMAC_KEY not in part
        assert subscription.binding.eab_key_id not in part


@pytest.mark.parametrize(
    ("name", "address", "subject"),
    [
        ("reset_requested", "owner@northwind.example", "[Miller & Sons] Set a new password"),
        ("reset_requested", "nobody@northwind.example", "[Miller & Sons] No sign-in with this address"),
        ("password_changed", "owner@northwind.example", "[Miller & Sons] Password changed"),
    ],
)
def test_a_subject_is_plain_text(owner: User, settings: Any, name: str, address: str, subject: str) -> None:
    settings.PORTAL_NAME = "Miller & Sons"
    assert send(name, address=address)[0].subject == subject


def test_handover_goes_to_the_address_of_now(subscription: Subscription, owner: User) -> None:
    outbox.queue("handover", address="old@northwind.example", person=owner, about=subscription)
    tasks.send_mails()
    assert sent_mail()[0].to == [owner.email]
    assert Mail.objects.get().address == owner.email


def test_handover_goes_only_to_the_customers_people(subscription: Subscription, stranger: User, owner: User) -> None:
    gone = cast.make_user()
    for person in (stranger, owner, gone, None):
        outbox.queue("handover", address="x@northwind.example", person=person, about=subscription)
    Membership.objects.filter(user=owner).update(role="viewer")
    User.objects.filter(pk=owner.pk).update(is_active=False)
    tasks.send_mails()
    assert mail.outbox == []
    assert set(Mail.objects.values_list("state", "answer")) == {("not_needed", "The person does not see it any more.")}


def test_what_a_mail_is_about_can_be_gone(customer: Customer) -> None:
    invitation, _ = make_invitation(customer)
    outbox.queue("invitation", address=invitation.email, about=invitation)
    invitation.delete()
    tasks.send_mails()
    assert Mail.objects.get().answer == "The invitation is not there any more."


def test_a_changed_password_is_told(client: Client, owner: User) -> None:
    cast.sign_in(client, owner)
    cast.confirm_password(client)
    new = "another good and long one"
    answer = client.post(
        reverse("account_change_password"),
        {"oldpassword": cast.PASSWORD, "password1": new, "password2": new},
        headers={"User-Agent": "Firefox/1 (+https://evil.example)"},
    )
    assert answer.status_code == 302
    tasks.send_mails()
    message, html = sent_mail()
    assert (message.to, message.subject) == ([owner.email], "[Certificate Portal] Password changed")
    for part in (str(message.body), html):
        assert "The password of your sign-in was changed." in part
        assert "127.0.0.1" in part
        assert "Firefox/ 1 (+https: / / evil. example)" in part


# Mails of the sign-in library for what the portal does not offer.
NEVER_SENT = {
    *("base", "account_already_exists", "login_code", "password_reset_code", "email_changed", "email_confirm"),
    *("email_confirmation", "email_confirmation_signup", "email_deleted", "unknown_account", "password_reset_key"),
}


def test_each_mail_of_the_sign_in_library_has_its_notice() -> None:
    folder = Path(allauth.__file__).parent / "templates"
    files = [*folder.glob("account/email/*_subject.txt"), *folder.glob("mfa/email/*_subject.txt")]
    names = {path.name.removesuffix("_subject.txt") for path in files}
    assert {notice.name for notice in SIGN_IN_NOTICES} == names - NEVER_SENT


LINKED = re.compile(r"(?i)\b[\w+.-]+:(?=[/\w])(?!\d\d)|evil[.。](?=\S)|[:@/]evil|www\.(?=\S)|0\.2\.66")
PLANTED = [
    "Visit https://evil.example/now",
    "evil.example",
    "WWW.EVIL.EXAMPLE",
    "mailto:x@evil.example",
    "evil。example",
    "192.0.2.66",
    "//evil.example/x",
    "ftp:evil",
    "Team (evil.example).",
]


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("name", ["invitation", "handover", "password_changed"])
def test_no_name_becomes_a_link(
    name: str, planted: str, subscription: Subscription, customer: Customer, owner: User
) -> None:
    Customer.objects.update(name=planted)
    User.objects.update(name=planted)
    Subscription.objects.update(label=planted)
    owner.refresh_from_db()
    customer.refresh_from_db()
    about = {"invitation": make_invitation(customer, owner)[0], "handover": subscription}.get(name)
    message, html = send(name, address=owner.email, person=owner, about=about, facts={"user_agent": planted})
    told = " ".join([str(message.subject), str(message.body), html])
    assert LINKED.findall(re.sub(r"http://localhost:8000/\S+", "", told)) == []


@pytest.mark.parametrize(
    "name", ["J.R.R. Tolkien", "Novo Nordisk A/S", "Miller & Sons", "St. Gallen: Nord", "v. d. Berg", "50 %", "R&D/IT"]
)
def test_a_name_without_an_address_stays_as_it_is(name: str) -> None:
    assert without_links(name) == name
