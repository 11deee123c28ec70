"""The mails about requests: they hold no price and no name, and go only to those who still may see the page."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Mail, Membership, User
from accounts.notices import NotNeededError, notice_named
from subscriptions.models import CustomerRequest, Subscription
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(running_subscription: Subscription, owner: User) -> CustomerRequest:
    note = "See www.evil.example for why."
    return cast.make_request(running_subscription, "shop.example.com", created_by=owner, note=note)


def mail(notice: str, person: User, asked: CustomerRequest) -> Mail:
    about = {"about_kind": "customerrequest", "about_code": asked.code}
    return cast.make_mail("queued", notice=notice, person=person, address=person.email, **about)


def written(one: Mail) -> str:
    message = notice_named(one.notice).write(one)
    return f"{message.subject}\n{message.body}\n{message.alternatives[0][0]!s}"


def test_staff_are_told_that_something_is_asked_for(asked: CustomerRequest, operator: User) -> None:
    text = written(mail("request_made", operator, asked))

    assert text.startswith("Northwind Traders asks: Add 1 name")
    assert reverse("subscriptions:request-detail", args=[asked.code]) in text
    assert "shop.example.com" not in text
    assert "www.evil.example" not in text  # no mail program makes a link of it


def test_those_who_cannot_answer_are_not(asked: CustomerRequest, auditor: User, operator: User) -> None:
    with pytest.raises(NotNeededError):
        written(mail("request_made", auditor, asked))
    asked.state = CustomerRequest.State.WITHDRAWN
    asked.save()
    with pytest.raises(NotNeededError, match="“Withdrawn” by now"):
        written(mail("request_made", operator, asked))


@pytest.mark.parametrize(("state", "word"), [("done", "done"), ("declined", "declined")])
def test_who_asked_is_told_of_the_answer(asked: CustomerRequest, owner: User, state: str, word: str) -> None:
    CustomerRequest.objects.update(state=state, reason="It is under another subscription.")
    text = written(mail("request_answered", owner, asked))

    assert text.startswith(f"Your request was {word}: Add 1 name")
    assert "Your provider says: It is under another subscription." in text
    assert reverse("subscriptions:my-request", args=[asked.code]) in text


def test_not_who_has_left(asked: CustomerRequest, owner: User) -> None:
    Membership.objects.filter(user=owner).delete()

    with pytest.raises(NotNeededError, match="does not see"):
        written(mail("request_answered", owner, asked))


def test_staff_find_the_mail_with_what_it_is_about(
    asked: CustomerRequest, admin_client: Client, operator: User
) -> None:
    page = admin_client.get(reverse("subscriptions:mail-detail", args=[mail("request_made", operator, asked).code]))

    assert "Customer’s request" in page.content.decode()
