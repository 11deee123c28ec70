"""Mails about people and their subscriptions: the link only in the mail, the key nowhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from accounts import invitations, services, tasks
from accounts.models import Customer, Invitation, User
from subscriptions import tasks as subscription_tasks
from subscriptions.models import Subscription
from subscriptions.services.subscriptions import hand_over
from tests import cast
from tests.accounts.test_invitation_open import make_invitation


def sent_mail() -> tuple[EmailMultiAlternatives, str]:
    """Give the one mail that was sent, and its HTML part."""
    [message] = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message, str(message.alternatives[0][0])


def token_in(text: str) -> str:
    return text.split("/invitations/")[1].split("/")[0]


def test_invitation(customer: Customer, owner: User, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example/"
    Customer.objects.filter(pk=customer.pk).update(name="Miller & Sons <UK>")
    invitation, old_token = make_invitation(customer, owner)
    tasks.send_invitation(invitation.pk)
    message, html = sent_mail()
    assert (message.to, message.subject) == (
        ["new@northwind.example"],
        "Invitation to Miller & Sons <UK> at Certificate Portal",
    )
    text = str(message.body)
    token = token_in(text)
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


@pytest.mark.parametrize(
    ("minutes", "fields", "is_sent"),
    [
        (5, {}, True),
        (4, {}, False),
        (5, {"mailed_at": cast.utc(2026, 11, 23, 12, 1)}, False),
        (5, {"accepted_at": cast.utc(2026, 11, 23, 12, 1)}, False),
        (5, {"revoked_at": cast.utc(2026, 11, 23, 12, 1)}, False),
        (60 * 24 * 7, {}, False),
    ],
)
def test_a_mail_that_was_lost_is_sent(customer: Customer, minutes: int, fields: dict[str, Any], is_sent: bool) -> None:
    written = cast.utc(2026, 11, 23, 12, 0)
    invitation, _ = make_invitation(customer)
    times = {"created_at": written, "expires_at": written + timedelta(days=7)}
    Invitation.objects.filter(pk=invitation.pk).update(**times | fields)
    assert invitations.unsent(written + timedelta(minutes=minutes)) == ([invitation.pk] if is_sent else [])


def test_what_was_lost_is_looked_for_by_beat(
    customer: Customer, no_broker: list[tuple[str, tuple[Any, ...]]], settings: Any
) -> None:
    invitation, _ = make_invitation(customer)
    Invitation.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    tasks.send_unsent_invitations()
    assert no_broker == [("send_invitation", (invitation.pk,))]
    assert tasks.send_unsent_invitations.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_invitation_that_is_not_open_gets_no_mail(customer: Customer, owner: User) -> None:
    invitation, _ = make_invitation(customer)
    services.revoke_invitation(actor=owner, invitation=invitation)
    tasks.send_invitation(invitation.pk)
    assert mail.outbox == []


def test_message_of_an_invitation_holds_only_its_id(
    customer: Customer,
    owner: User,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invitation = services.invite_person(
            actor=owner, customer=customer, email="new@northwind.example", role="member"
        )
    assert no_broker == [("send_invitation", (invitation.pk,))]
    assert invitation.token_digest == ""


def test_handover(
    subscription: Subscription,
    owner: User,
    operator: User,
    settings: Any,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.PORTAL_URL = "https://portal.example"
    with django_capture_on_commit_callbacks(execute=True):
        assert hand_over(actor=operator, subscription=subscription) == 1
    membership = owner.memberships.get()
    assert no_broker == [("send_handover", (subscription.pk, membership.pk))]
    subscription_tasks.send_handover(subscription.pk, membership.pk)
    message, html = sent_mail()
    assert (message.to, message.subject) == (["owner@northwind.example"], "Your ACME credentials are ready: Web shop")
    link = "https://portal.example" + reverse("subscriptions:my-subscription", args=[subscription.code])
    for part in (str(message.body), html):
        assert link in part
        assert "Olga Owner" in part
        assert subscription.binding.eab_hmac_key not in part
        assert subscription.binding.eab_key_id not in part


def test_handover_goes_only_to_the_customers_people(subscription: Subscription, stranger: User) -> None:
    from accounts.models import Membership

    with pytest.raises(Membership.DoesNotExist):
        subscription_tasks.send_handover(subscription.pk, stranger.memberships.get().pk)
    assert mail.outbox == []
