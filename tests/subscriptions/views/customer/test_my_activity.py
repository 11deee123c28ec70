"""What the owners of a customer see of the audit trail: their own part, without where the reseller's staff sit."""

import csv
from io import StringIO
from typing import Any

import pytest
from allauth.core import context
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from accounts.audit import record_event
from accounts.happenings import Happening as OfPeople
from accounts.models import Customer, User
from subscriptions.happenings import Happening
from subscriptions.models import Subscription
from tests import cast


def url_of(customer: Customer) -> str:
    return reverse("subscriptions:my-activity", args=[customer.code])


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    return cast.sign_in(client, owner)


def shown(client: Client, customer: Customer, **query: Any) -> list[str]:
    return [event.action for event in client.get(url_of(customer), query).context["page"].events]


def test_it_works(
    signed_in: Client, rf: Any, owner: User, operator: User, customer: Customer, subscription: Subscription
) -> None:
    for address, actor in (("192.0.2.7", owner), ("198.51.100.9", operator)):
        with context.request_context(rf.get("/", REMOTE_ADDR=address, headers={"User-Agent": f"Agent {address}"})):
            record_event(Happening.KEY_REVEALED, actor=actor, target=subscription, customer=customer)
    with context.request_context(rf.get("/", REMOTE_ADDR="203.0.113.5")):
        record_event(OfPeople.SIGN_IN_REFUSED, actor=None, target=owner, customer=customer, email=owner.email)
    page = signed_in.get(url_of(customer)).content.decode()
    for text in ("Olga Owner", "192.0.2.7", "Agent 192.0.2.7", "Otto Operator", "203.0.113.5", "Sign-in refused"):
        assert text in page
    assert "198.51.100.9" not in page
    assert operator.email not in page


def test_where_one_who_left_was_is_not_told(signed_in: Client, rf: Any, customer: Customer) -> None:
    person = cast.make_user("left@northwind.example")
    with context.request_context(rf.get("/", REMOTE_ADDR="192.0.2.77")):
        record_event(OfPeople.SIGNED_IN, actor=person, target=person, customer=customer)
    page = signed_in.get(url_of(customer)).content.decode()
    assert person.email in page
    assert "192.0.2.77" not in page


def test_only_what_is_theirs(signed_in: Client, operator: User, stranger: User, customer: Customer) -> None:
    other = Customer.objects.exclude(pk=customer.pk).get()
    record_event(OfPeople.SIGNED_IN, actor=stranger, target=stranger, customer=other)
    record_event(OfPeople.SIGNED_IN, actor=operator, target=operator)
    record_event(OfPeople.CUSTOMER_CHANGED, actor=operator, target=customer, customer=customer, fields=["notes"])
    record_event(
        OfPeople.CHANGED_IN_ADMIN, actor=operator, target=customer, customer=customer, changes={"notes": ["", "bad"]}
    )
    record_event(Happening.FINDING_CLOSED, actor=operator, customer=customer, reason="Ours.")
    record_event(OfPeople.INVITATION_CREATED, actor=operator, customer=customer, email="new@northwind.example")
    assert shown(signed_in, customer) == ["invitation.created"]
    assert signed_in.get(url_of(customer), {"what": "customer.changed"}).context["page"] is None


def test_filters(signed_in: Client, owner: User, member: User, operator: User, customer: Customer) -> None:
    record_event(OfPeople.SIGNED_IN, actor=owner, target=owner, customer=customer)
    record_event(OfPeople.SIGNED_OUT, actor=member, target=member, customer=customer)
    record_event(OfPeople.SIGNED_IN, actor=owner, target=owner)  # of another of the owner's customers
    assert shown(signed_in, customer, person=owner.email) == ["sign_in.succeeded"]
    assert shown(signed_in, customer, what="session.ended") == ["session.ended"]
    record_event(OfPeople.INVITATION_CREATED, actor=operator, customer=customer, email="new@northwind.example")
    refused = signed_in.get(url_of(customer), {"person": operator.email})
    assert refused.context["page"] is None
    assert "Nobody at Northwind Traders has this address." in refused.content.decode()


def test_an_ip_address_is_no_question(signed_in: Client, operator: User, rf: Any, customer: Customer) -> None:
    with context.request_context(rf.get("/", REMOTE_ADDR="198.51.100.9")):
        record_event(OfPeople.INVITATION_CREATED, actor=operator, customer=customer, email="new@northwind.example")
    for address in ("198.51.100.9", "198.51.100.10"):
        assert shown(signed_in, customer, ip_address=address) == ["invitation.created"]


def test_who_may_see_it(
    client: Client, stranger: User, viewer: User, member: User, operator: User, customer: Customer
) -> None:
    got = [cast.sign_in(Client(), user).get(url_of(customer)).status_code for user in (stranger, viewer, member)]
    assert got == [404, 403, 403]
    assert cast.sign_in(Client(), operator).get(url_of(customer)).status_code == 404


def test_the_way_there(signed_in: Client, customer: Customer) -> None:
    people = signed_in.get(reverse("subscriptions:my-people", args=[customer.code])).content.decode()
    assert f'href="{url_of(customer)}"' in people


@pytest.mark.parametrize("query", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_days_that_no_event_has_are_refused(signed_in: Client, customer: Customer, query: dict[str, str]) -> None:
    page = signed_in.get(url_of(customer), query)
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == query.keys()


def test_the_file_has_what_the_page_shows(
    client: Client, owner: User, operator: User, customer: Customer, subscription: Subscription, rf: Any
) -> None:
    with context.request_context(rf.get("/", REMOTE_ADDR="192.0.2.7")):
        for actor in (owner, operator):
            record_event(Happening.KEY_REVEALED, actor=actor, target=subscription, customer=customer)
        record_event(Happening.QUOTE_REQUESTED, actor=operator, target=subscription, customer=customer)
    url = reverse("subscriptions:my-activity-export", args=[customer.code])

    answer = cast.sign_in(client, owner).get(url)

    assert isinstance(answer, StreamingHttpResponse)
    lines = list(csv.reader(StringIO(answer.getvalue().decode().removeprefix("\ufeff"), newline="")))
    assert [line[1:] for line in lines[1:] if line[1] == "EAB HMAC key revealed"] == [
        ["EAB HMAC key revealed", "Otto Operator", ""],
        ["EAB HMAC key revealed", "Olga Owner", "192.0.2.7"],
    ]
    assert "Quote" not in "".join(line[1] for line in lines)
    assert client.get(url, {"person": "nobody@x.example"})["Location"].startswith(url.removesuffix("export/"))
