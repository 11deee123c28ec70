"""Mails: their list, one of them, and sending it again."""

import re
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import outbox, tasks
from accounts.models import AuditEvent, Customer, Mail, User
from subscriptions.explain.mails import MEANINGS
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import make_invitation
from tests.subscriptions.views.staff.access_checks import status_for, unknown

LIST = reverse("subscriptions:mail-list")
State = Mail.State
Sent = list[tuple[str, tuple[Any, ...]]]


def page_of(mail: Mail, route: str = "mail-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[mail.code])


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(LIST + query)
    assert page.status_code == 200
    return [row.record.address for row in page.context["table"].rows]


def test_list_works(staff_client: Client, owner: User, customer: Customer) -> None:
    mail = cast.make_mail(address=owner.email, person=owner, about_name="Web shop")
    page = staff_client.get(LIST).content.decode()
    for part in (page_of(mail), owner.email, "Hand-over to Olga Owner", "Web shop", "Not sent"):
        assert part in page


@pytest.mark.parametrize(
    ("query", "addresses"),
    [
        ("", ["new@x.example", "perhaps@x.example", "sent@x.example", "owner@northwind.example"]),
        ("?state=sent", ["sent@x.example"]),
        ("?state=unsent", ["perhaps@x.example", "owner@northwind.example"]),
        ("?notice=reset_requested", ["new@x.example"]),
        ("?q=olga", ["owner@northwind.example"]),
        ("?q=PERHAPS", ["perhaps@x.example"]),
        ("?day=2020-01-01", []),
        ("?state=nonsense", ["new@x.example", "perhaps@x.example", "sent@x.example", "owner@northwind.example"]),
    ],
)
def test_filters(staff_client: Client, owner: User, query: str, addresses: list[str]) -> None:
    cast.make_mail(address=owner.email, person=owner)
    cast.make_mail(State.SENT, address="sent@x.example")
    cast.make_mail(State.PERHAPS_SENT, address="perhaps@x.example")
    cast.make_mail(State.QUEUED, address="new@x.example", notice="reset_requested")
    assert listed(staff_client, query) == addresses


def test_filter_by_person(staff_client: Client, owner: User, member: User) -> None:
    for person in (owner, member):
        cast.make_mail(person=person, address=person.email)
    assert listed(staff_client, f"?person={member.code}") == [member.email]


def test_detail_works(staff_client: Client, subscription: Subscription, owner: User) -> None:
    mail = cast.make_mail(
        answer="550 5.1.1 No such <mailbox>",
        person=owner,
        about_kind="subscription",
        about_code=subscription.code,
        about_name="Web shop",
    )
    page = staff_client.get(page_of(mail)).content.decode()
    assert "550 5.1.1 No such &lt;mailbox&gt;" in page
    assert reverse("subscriptions:subscription-detail", args=[subscription.code]) in page
    assert f"{LIST}?person={owner.code}" in page
    assert str(mail.code) in page
    assert "Send again" in page


def test_an_invitations_mail_leads_to_its_customer(staff_client: Client, customer: Customer) -> None:
    invitation, _ = make_invitation(customer)
    mail = outbox.queue("invitation", address=invitation.email, about=invitation)
    customer_page = reverse("subscriptions:customer-detail", args=[customer.code])
    assert f'<a href="{customer_page}">' in staff_client.get(page_of(mail)).content.decode()
    invitation.delete()
    assert f'<a href="{customer_page}">' not in staff_client.get(page_of(mail)).content.decode()


@pytest.mark.parametrize("state", list(State))
def test_every_state_says_what_it_means(client: Client, auditor: User, state: str) -> None:
    mail = cast.make_mail(state, notice="of_another_version", answer="So it was.")
    page = cast.sign_in(client, auditor).get(page_of(mail)).content.decode()
    assert MEANINGS[state].split("’")[0] in page
    assert "Of another version" in page
    assert "So it was." in page
    assert ("Last answer" in page) == (state != State.NOT_NEEDED)
    assert page_of(mail, "mail-again") not in page
    can_go_again = state not in {State.SENDING, State.NOT_NEEDED}
    assert ("Operators and reseller admins can send it again." in page) == can_go_again


def test_of_what_was_sent_again_the_newer_is_the_one_to_send(staff_client: Client) -> None:
    mail = cast.make_mail()
    newer = cast.make_mail(again_of=mail)
    page = staff_client.get(page_of(mail)).content.decode()
    assert page_of(newer) in page
    assert page_of(mail, "mail-again") not in page
    assert page_of(newer, "mail-again") in staff_client.get(page_of(newer)).content.decode()


def test_again_works(staff_client: Client, operator: User, customer: Customer, no_broker: Sent) -> None:
    invitation, _ = make_invitation(customer)
    mail = outbox.queue("invitation", address=invitation.email, about=invitation)
    tasks.send_mails()
    response = staff_client.post(page_of(mail, "mail-again"), follow=True)
    again = Mail.objects.get(again_of=mail)
    assert response.redirect_chain == [(page_of(again), 302)]
    assert "A mail to new@northwind.example is on its way." in response.content.decode()
    assert (again.state, again.tries, again.about_code) == (State.QUEUED, 0, invitation.code)
    tasks.send_mails()
    first, second = [re.findall(r"/invitations/([^/]+)/", str(one.body))[0] for one in django_mail.outbox]
    assert first != second
    event = AuditEvent.objects.get(action="mail.sent_again")
    assert (event.actor_code, event.target_code) == (operator.code, mail.code)
    assert event.detail["email"] == mail.address


def test_what_is_sent_again_tells_of_then(staff_client: Client, owner: User, no_broker: Sent) -> None:
    then = cast.utc(2026, 1, 2, 3, 4)
    mail = cast.make_mail(
        State.SENT, notice="password_changed", address=owner.email, facts={"ip": "192.0.2.7"}, created_at=then
    )
    staff_client.post(page_of(mail, "mail-again"))
    staff_client.post(page_of(Mail.objects.get(again_of=mail), "mail-again"))
    tasks.send_mails()
    [message] = django_mail.outbox
    assert "When: 2 January 2026, 03:04 UTC" in str(message.body)
    assert "192.0.2.7" in str(message.body)


def test_clicked_twice_it_is_sent_once(staff_client: Client, no_broker: Sent) -> None:
    mail = cast.make_mail()
    pages = [staff_client.post(page_of(mail, "mail-again"), follow=True).content.decode() for _ in range(2)]
    assert "Nothing was sent. It was sent again already." in pages[1]
    assert Mail.objects.filter(again_of=mail).count() == 1
    assert AuditEvent.objects.filter(action="mail.sent_again").count() == 1


def test_one_that_waits_is_tried_now(
    staff_client: Client, no_broker: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    mail = cast.make_mail(State.QUEUED, not_before=cast.utc(2100, 1, 1))
    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(page_of(mail, "mail-again"))
    mail.refresh_from_db()
    assert mail.not_before <= timezone.now()
    assert Mail.objects.count() == 1
    assert ("send_mails", ()) in no_broker


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.SENDING, "Nothing was sent. It is being sent just now."),
        (State.NOT_NEEDED, "Nothing was sent. There is nothing to send any more. It was withdrawn."),
    ],
)
def test_again_is_refused(staff_client: Client, no_broker: Sent, state: str, words: str) -> None:
    mail = cast.make_mail(state, answer="It was withdrawn.")
    page = staff_client.post(page_of(mail, "mail-again"), follow=True).content.decode()
    assert words in page
    assert Mail.objects.count() == 1
    assert AuditEvent.objects.count() == 0


def test_again_counts_for_the_day(staff_client: Client, no_broker: Sent) -> None:
    mail = cast.make_mail(notice="invitation")
    for _ in range(10):
        outbox.queue("invitation", address=mail.address)
    page = staff_client.post(page_of(mail, "mail-again"), follow=True).content.decode()
    assert "has had its share of mails of this kind (“Invitation”), 10 a day. Try again later." in page
    assert not Mail.objects.filter(again_of=mail).exists()


def test_the_dashboard_tells_what_does_not_go_out(staff_client: Client) -> None:
    dashboard = reverse("subscriptions:dashboard")
    assert "mail" not in " ".join(task.title for task in staff_client.get(dashboard).context["tasks"])
    cast.make_mail()
    cast.make_mail(State.PERHAPS_SENT)
    again = cast.make_mail()
    cast.make_mail(State.SENT, again_of=again)
    cast.make_mail(State.QUEUED, answer="The server does not answer: timed out", created_at=cast.utc(2026, 1, 1))
    cast.make_mail(State.QUEUED)
    page = staff_client.get(dashboard).content.decode()
    assert "2 mails were not sent, or perhaps not, in the last" in page
    assert "1 mail waits for the mail server" in page
    assert "The server does not answer: timed out" in page


def test_access(owner: User, stranger: User, auditor: User, operator: User, reseller_admin: User) -> None:
    mail = cast.make_mail()
    for url in (LIST, page_of(mail)):
        assert [status_for(one, url) for one in (None, stranger, owner)] == [302, 404, 404]
        assert [status_for(one, url) for one in (auditor, operator, reseller_admin)] == [200] * 3
    again = page_of(mail, "mail-again")
    assert [status_for(one, again, "post") for one in (None, stranger, owner, auditor)] == [302, 404, 404, 403]
    assert Mail.objects.count() == 1


def test_unknown_and_wrong_method(operator: User) -> None:
    assert status_for(operator, unknown("mail-detail")) == 404
    assert status_for(operator, unknown("mail-again"), "post") == 404
    assert status_for(operator, page_of(cast.make_mail(), "mail-again")) == 405
