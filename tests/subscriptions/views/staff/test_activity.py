"""The audit trail on the staff's page, and as a file."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.core import context
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record_event
from accounts.happenings import Happening as OfPeople
from accounts.models import AuditEvent, Customer, User
from subscriptions.happenings import Happening
from subscriptions.models import Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

URL = reverse("subscriptions:activity-list")
FILE = reverse("subscriptions:activity-export")


def shown(client: Client, **query: Any) -> list[str]:
    """Give what happened by the events on a page, newest first."""
    page = client.get(URL, query).context["page"]
    return [] if page is None else [event.action for event in page.events]


def days_ago(number: int, action: str) -> None:
    AuditEvent.objects.create(action=action, at=timezone.now() - timedelta(days=number))


def test_it_works(admin_client: Client, rf: Any, owner: User, customer: Customer, subscription: Subscription) -> None:
    with context.request_context(rf.get("/", REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "Browser 1"})):
        record_event(Happening.KEY_REVEALED, actor=owner, target=subscription, customer=customer)
    page = admin_client.get(URL).content.decode()
    for text in ("EAB HMAC key revealed", "Olga Owner", owner.email, "Northwind Traders", "192.0.2.7", "Browser 1"):
        assert text in page
    for query in (f"person={owner.code}", f"customer={customer.code}", "ip_address=192.0.2.7"):
        assert f'href="?{query}"' in page


def test_who_may_see_it(
    reseller_admin: User, auditor: User, operator: User, owner: User, stranger: User, no_broker: list[Any]
) -> None:
    for url in (URL, FILE):
        got = [status_for(user, url) for user in (reseller_admin, auditor, operator, owner, stranger)]
        assert got == [200, 200, 403, 404, 404]


def test_changes_are_shown(admin_client: Client, member: User) -> None:
    changes = {"reseller_role": ["", "operator"], "name": ["<b>Max</b>", "Max"]}
    record_event(OfPeople.CHANGED_IN_ADMIN, actor=None, target=member, what="user Max", changes=changes)
    page = admin_client.get(URL).content.decode()
    assert "reseller role: – → operator" in page
    assert "name: &lt;b&gt;Max&lt;/b&gt; → Max" in page
    assert "The portal" in page


def test_filters(admin_client: Client, rf: Any, owner: User, member: User, customer: Customer) -> None:
    other = cast.make_customer("Contoso")
    with context.request_context(rf.get("/", REMOTE_ADDR="2001:db8::7")):
        record_event(OfPeople.SIGNED_IN, actor=owner, target=owner, customer=customer)
    record_event(OfPeople.SIGN_IN_REFUSED, actor=None, target=owner, customer=customer)
    record_event(OfPeople.RESET_REQUESTED, actor=None, about=owner.email)
    record_event(OfPeople.SIGNED_OUT, actor=member, target=member, customer=other)
    of_owner = ["reset.requested", "sign_in.refused", "sign_in.succeeded"]
    assert shown(admin_client) == ["session.ended", *of_owner]
    assert shown(admin_client, person=owner.email.upper()) == of_owner
    assert shown(admin_client, person=owner.code) == of_owner[1:]
    assert shown(admin_client, customer="Contoso") == ["session.ended"]
    assert shown(admin_client, what="sign_in.refused") == ["sign_in.refused"]
    assert shown(admin_client, ip_address="2001:DB8::0007") == ["sign_in.succeeded"]
    assert shown(admin_client, person=owner.email, customer="Northwind", what="sign_in.succeeded") == [
        "sign_in.succeeded"
    ]
    assert shown(admin_client, person="nobody@northwind.example") == []


def test_one_who_is_gone_is_found_by_the_address_of_then(admin_client: Client, customer: Customer) -> None:
    person = cast.make_user("gone@northwind.example")
    record_event(OfPeople.SIGNED_IN, actor=person, target=person, customer=customer)
    person.delete()
    assert shown(admin_client, person="gone@northwind.example") == ["sign_in.succeeded"]


def test_a_customer_is_found_by_code_whatever_its_name_is_now(admin_client: Client, customer: Customer) -> None:
    record_event(OfPeople.CUSTOMER_CHANGED, actor=None, target=customer, customer=customer)
    former, customer.name = customer.name, "Northwind Ltd"
    customer.save()
    record_event(OfPeople.CUSTOMER_CREATED, actor=None, customer=cast.make_customer(former))
    link = f"?customer={customer.code}"
    assert f'<a href="{link}">{former}</a>' in admin_client.get(URL).content.decode()
    assert shown(admin_client, customer=str(customer.code)) == ["customer.changed"]
    assert admin_client.get(f"{FILE}{link}").status_code == 200


def test_days(admin_client: Client) -> None:
    days_ago(3, "gate.closed")
    days_ago(1, "gate.reopened")
    day = {number: (timezone.now() - timedelta(days=number)).date().isoformat() for number in (0, 1, 2, 3)}
    assert shown(admin_client, since=day[1], until=day[1]) == ["gate.reopened"]
    assert shown(admin_client, since=day[3], until=day[2]) == ["gate.closed"]
    assert shown(admin_client, until=day[1]) == ["gate.reopened", "gate.closed"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"person": "olga"}, "Person: Type the whole e-mail address."),
        ({"customer": "Nobody Inc"}, "No customer is called “Nobody Inc”."),
        ({"ip_address": "999.1.1.1"}, "IP address: This is no IP address."),
        ({"since": "2026-13-01"}, "From: This is no date. Write it like 2026-11-30."),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "To: This day is before the first one."),
        ({"what": "moon.landed"}, "This is not offered here. Choose one of those that are."),
    ],
)
def test_bad_input_is_told_and_kept(admin_client: Client, query: dict[str, str], words: str) -> None:
    record_event(Happening.GATE_CLOSED, actor=None)
    page = admin_client.get(URL, query)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert page.context["page"] is None
    name, typed = next(iter(query.items()))
    assert page.context["form"][name].value() == typed
    assert admin_client.get(FILE, query)["Location"].startswith(f"{URL}?{name}=")


def test_pages_follow_by_key(admin_client: Client, monkeypatch: pytest.MonkeyPatch, owner: User) -> None:
    monkeypatch.setattr("subscriptions.selectors.activity.PER_PAGE", 2)
    same = timezone.now()
    made = [AuditEvent.objects.create(action=f"a{number}", at=same, actor_code=owner.code) for number in range(5)]
    for query in ({}, {"person": str(owner.code)}):
        seen: list[str] = []
        before = ""
        while True:
            page = admin_client.get(URL, query | {"before": before}).context["page"]
            seen += [event.action for event in page.events]
            if not page.has_older:
                break
            before = str(page.oldest)
            AuditEvent.objects.create(action="newer", at=same + timedelta(seconds=1), actor_code=owner.code)
        assert [one for one in seen if one != "newer"] == [event.action for event in reversed(made)]


@pytest.mark.parametrize("before", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_key_that_is_none_begins_anew(admin_client: Client, before: str) -> None:
    record_event(Happening.GATE_CLOSED, actor=None)
    assert shown(admin_client, before=before) == ["gate.closed"]


# --- The file -------------------------------------------------------------------------------------------------------


def lines_of(client: Client, **query: Any) -> list[list[str]]:
    response = client.get(FILE, query)
    assert isinstance(response, StreamingHttpResponse)
    return list(csv.reader(StringIO(response.getvalue().decode().removeprefix("\ufeff"), newline="")))[1:]


def test_the_file(admin_client: Client, rf: Any, member: User, customer: Customer) -> None:
    with context.request_context(rf.get("/", REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "=cmd()"})):
        event = record_event(
            OfPeople.CHANGED_IN_ADMIN,
            actor=member,
            target=customer,
            customer=customer,
            what="customer",
            changes={"name": ["a", "b"]},
        )
    [line] = lines_of(admin_client)
    assert line == [
        event.at.strftime("%Y-%m-%d %H:%M:%S"),
        "Changed in Django admin: customer",
        "name: a → b",
        "Max Member",
        member.email,
        "Northwind Traders",
        "Northwind Traders",
        "192.0.2.7",
        "'=cmd()",
        "",
    ]


def test_the_file_holds_all_that_is_looked_for(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch, owner: User
) -> None:
    monkeypatch.setattr("subscriptions.selectors.activity.AT_ONCE", 3)
    for number in range(10):
        record_event(Happening.GATE_CLOSED, actor=owner if number % 2 else None, reason=str(number))
    assert [line[1][-1] for line in lines_of(admin_client)] == list("9876543210")
    assert [line[1][-1] for line in lines_of(admin_client, person=owner.email)] == list("97531")


# --- The ways through it, and what it is about ----------------------------------------------------------------------


def test_the_ways_lead_to_both_ends_and_to_a_day(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.selectors.activity.PER_PAGE", 2)
    for number in range(5):
        AuditEvent.objects.create(action=f"a{number}", at=cast.utc(2026, 3, 1 + number, 12))

    def page(**query: str) -> tuple[list[str], bool, bool]:
        told = admin_client.get(URL, query).context["page"]
        return [event.action for event in told.events], told.has_newer, told.has_older

    codes = dict(AuditEvent.objects.values_list("action", "code"))
    assert page() == (["a4", "a3"], False, True)
    assert page(before=str(codes["a3"])) == (["a2", "a1"], True, True)
    assert page(after=str(codes["a2"])) == (["a4", "a3"], False, True)
    assert page(after=str(codes["a1"])) == (["a3", "a2"], True, True)
    assert page(end="1") == (["a1", "a0"], True, False)
    assert page(jump="2026-03-03") == (["a2", "a1"], True, True)
    assert page(jump="2020-01-01") == (["a1", "a0"], True, False)
    assert page(jump="soon")[0] == ["a4", "a3"]


def test_an_event_leads_to_what_it_is_about_with_its_amount(
    admin_client: Client, subscription: Subscription, operator: User
) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "95.00"}), operator)
    operation = order.operations.get()
    cast.end_operation(operation, "succeeded", charged="96.50", charged_currency="USD")
    for target in (subscription.customer, subscription, order, order.quote, operation):
        record_event(Happening.QUOTE_REQUESTED, actor=operator, target=target, customer=subscription.customer)
    gone = cast.make_prevalidation(subscription.customer)
    record_event(Happening.PREVALIDATION_DELETED, actor=operator, target=gone, customer=subscription.customer)
    gone.delete()

    page = admin_client.get(URL)

    about = [(event.subject_url, event.amount) for event in page.context["page"].events]
    assert about == [
        ("", ""),
        (reverse("subscriptions:operation-detail", args=[operation.code]), "USD 96.50 charged"),
        (reverse("subscriptions:quote-detail", args=[order.quote.code]), "USD 95.00 quoted"),
        (reverse("subscriptions:order-detail", args=[order.code]), "USD 95.00 confirmed"),
        (reverse("subscriptions:subscription-detail", args=[subscription.code]), ""),
        (reverse("subscriptions:customer-detail", args=[subscription.customer.code]), ""),
    ]
    assert "USD 96.50 charged" in page.content.decode()
