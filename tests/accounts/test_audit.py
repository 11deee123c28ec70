"""The audit trail: what an event holds, and that it stays as it is whatever becomes of those it names."""

from typing import Any

import pytest
from allauth.core import context
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.audit import record_event
from accounts.happenings import Happening as OfPeople
from accounts.models import AuditEvent, Customer, Invitation, User
from accounts.roles import CustomerRole
from subscriptions.happenings import Happening
from subscriptions.models import Subscription
from tests import cast


@pytest.fixture
def root(db: None) -> Client:
    return cast.sign_in(Client(), User.objects.create_superuser("root@reseller.example", cast.PASSWORD))


def trail() -> list[dict[str, Any]]:
    return [dict(row) for row in AuditEvent.objects.order_by("pk").values()]


def test_an_event_holds_the_codes_and_names_of_then(
    owner: User, customer: Customer, subscription: Subscription
) -> None:
    record_event(Happening.KEY_REVEALED, actor=owner, target=subscription, customer=customer)
    event = AuditEvent.objects.get()
    assert (event.action, event.ip_address, event.user_agent) == ("key.revealed", None, "")
    assert (event.actor_code, event.actor_name, event.actor_email) == (
        owner.code,
        "Olga Owner",
        "owner@northwind.example",
    )
    assert (event.customer_code, event.customer_name) == (customer.code, "Northwind Traders")
    assert (event.target_kind, event.target_code, event.target_name) == ("subscription", subscription.code, "Web shop")
    assert str(event) == "key.revealed by Olga Owner"


def test_what_the_portal_does_by_itself_has_no_actor(db: None) -> None:
    record_event(Happening.GATE_CLOSED, actor=None, reason="Wrong password")
    event = AuditEvent.objects.get()
    assert (event.actor_code, event.actor_name, event.actor_email) == (None, "", "")
    assert (event.customer_code, event.customer_name) == (None, "")
    assert (event.target_kind, event.target_code, event.target_name) == ("", None, "")
    assert str(event) == "gate.closed by the portal"


def test_the_longest_names_fit(db: None) -> None:
    host = ".".join(["d" * 60] * 3) + ".example"
    person = cast.make_user(f"{'p' * 60}@{host}")
    customer = cast.make_customer("C" * 150)
    invitation = Invitation(customer=customer, email=f"{'i' * 60}@{host}")
    event = record_event(OfPeople.INVITATION_CREATED, actor=person, target=invitation, customer=customer)
    event.refresh_from_db()
    assert (event.actor_name, event.customer_name) == (person.email, customer.name)
    assert event.target_name == str(invitation)[:300]


def test_where_it_came_from_is_told_by_the_request(
    client: Client, owner: User, subscription: Subscription, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    cast.confirm_password(cast.sign_in(client, owner))
    agent = "Browser\t1" + "x" * 300
    headers = {"X-Forwarded-For": "6.6.6.6, 192.0.2.7", "User-Agent": agent}
    client.post(reverse("subscriptions:my-key-reveal", args=[subscription.code]), headers=headers)
    event = AuditEvent.objects.get(action="key.revealed")
    assert (event.ip_address, event.user_agent) == ("192.0.2.7", "Browser 1" + "x" * 191)


def test_fewer_proxies_than_told_cost_the_address_and_nothing_else(rf: Any, settings: Any, db: None) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    with context.request_context(rf.get("/", headers={"X-Forwarded-For": "192.0.2.7"})):
        record_event(Happening.GATE_CLOSED, actor=None)
    assert AuditEvent.objects.get().ip_address is None


def test_what_is_too_long_is_cut(db: None) -> None:
    detail: dict[str, Any] = {"reason": "r" * 5000, "names": ["n" * 5000] * 500, "before": {"a": ("b" * 5000,)}}
    event = record_event(Happening.GATE_CLOSED, actor=None, **detail)
    event.refresh_from_db()
    assert event.detail == {"reason": "r" * 1000, "names": ["n" * 1000] * 200, "before": {"a": ["b" * 1000]}}


@pytest.mark.parametrize("gone", ["actor", "customer", "target"])
def test_no_event_changes_when_what_it_names_is_deleted(customer: Customer, member: User, gone: str) -> None:
    person = cast.make_user("person@northwind.example", name="Paul Person")
    named: dict[str, Model] = {"actor": member, "customer": customer, "target": person}
    record_event(OfPeople.MEMBERSHIP_REMOVED, actor=member, target=person, customer=customer, email=person.email)
    record_event(OfPeople.CUSTOMER_CHANGED, actor=member, target=customer, customer=customer)
    before = trail()
    named[gone].delete()
    assert trail() == before


def test_no_event_changes_when_what_it_names_is_renamed(customer: Customer, member: User) -> None:
    record_event(OfPeople.CUSTOMER_CHANGED, actor=member, target=customer, customer=customer)
    before = trail()
    User.objects.filter(pk=member.pk).update(name="Somebody Else", email="else@northwind.example")
    Customer.objects.filter(pk=customer.pk).update(name="Southwind")
    assert trail() == before


def test_an_event_joins_no_row(customer: Customer, member: User) -> None:
    event = record_event(OfPeople.CUSTOMER_CHANGED, actor=member, target=customer, customer=customer)
    assert [field.name for field in event._meta.get_fields() if field.is_relation] == []


def test_a_customer_deleted_in_django_admin_leaves_its_events(root: Client, customer: Customer, member: User) -> None:
    record_event(OfPeople.CUSTOMER_CHANGED, actor=member, target=customer, customer=customer)
    before = trail()
    assert root.post(reverse("admin:accounts_customer_delete", args=[customer.pk]), {"post": "yes"}).status_code == 302
    assert not Customer.objects.exists()
    assert trail()[: len(before)] == before


def test_pages_show_the_name_of_who_is_gone(
    staff_client: Client, customer: Customer, subscription: Subscription
) -> None:
    person = cast.make_user("gone@northwind.example", name="Gina Gone")
    record_event(Happening.KEY_REVEALED, actor=person, target=subscription, customer=customer)
    person.delete()
    for route, code in (("customer-detail", customer.code), ("subscription-detail", subscription.code)):
        page = staff_client.get(reverse(f"subscriptions:{route}", args=[code])).content.decode()
        assert "Gina Gone" in page


def test_the_customer_sees_who_revealed_the_key_though_gone(
    client: Client, owner: User, customer: Customer, running_subscription: Subscription
) -> None:
    person = cast.make_user("gone@northwind.example", name="Gina Gone")
    cast.add_person(customer, person, CustomerRole.MEMBER)
    record_event(Happening.KEY_REVEALED, actor=person, target=running_subscription, customer=customer)
    person.delete()
    url = reverse("subscriptions:my-subscription", args=[running_subscription.code])
    assert "Last revealed by Gina Gone" in cast.sign_in(client, owner).get(url).content.decode()


def test_the_portals_own_doings_are_told_as_such(staff_client: Client, subscription: Subscription) -> None:
    record_event(Happening.TERM_DIFFERS, actor=None, target=subscription, customer=subscription.customer)
    url = reverse("subscriptions:subscription-detail", args=[subscription.code])
    assert "The portal" in staff_client.get(url).content.decode()


# --- In Django admin ------------------------------------------------------------------------------------------------

LIST = "admin:accounts_auditevent_changelist"


@pytest.mark.parametrize("field", ["actor_code", "customer_code", "target_code"])
def test_a_name_leads_to_all_its_events(
    root: Client, owner: User, stranger: User, customer: Customer, field: str
) -> None:
    other = Customer.objects.exclude(pk=customer.pk).get()
    event = record_event(OfPeople.CUSTOMER_CHANGED, actor=owner, target=customer, customer=customer)
    record_event(OfPeople.CUSTOMER_CHANGED, actor=stranger, target=other, customer=other)
    page = root.get(reverse(LIST))
    assert f'href="?{field}={getattr(event, field)}"' in page.content.decode()
    listed = root.get(reverse(LIST), {field: getattr(event, field)}).context["cl"].result_list
    assert [one.pk for one in listed] == [event.pk]


def test_a_code_that_is_none_is_no_error(root: Client) -> None:
    assert root.get(reverse(LIST), {"actor_code": "x"}).status_code == 302


@pytest.mark.parametrize("text", ["Olga", "owner@northwind", "Northwind Tr", "customer.ch"])
def test_events_are_found_by_what_they_hold(root: Client, owner: User, customer: Customer, text: str) -> None:
    record_event(OfPeople.CUSTOMER_CHANGED, actor=owner, target=customer, customer=customer)
    record_event(Happening.GATE_CLOSED, actor=None)
    listed = root.get(reverse(LIST), {"q": text}).context["cl"].result_list
    assert [one.action for one in listed] == ["customer.changed"]


def test_names_are_text(root: Client, customer: Customer) -> None:
    person = cast.make_user("x@northwind.example", name="<b>Bold</b>")
    record_event(OfPeople.CUSTOMER_CHANGED, actor=person, target=customer, customer=customer)
    assert "<b>Bold" not in root.get(reverse(LIST)).content.decode()


def test_it_can_only_be_read(root: Client, owner: User, customer: Customer) -> None:
    event = record_event(OfPeople.CUSTOMER_CHANGED, actor=owner, target=customer, customer=customer)
    before = trail()
    admin = "admin:accounts_auditevent"
    assert root.get(reverse(f"{admin}_change", args=[event.pk])).status_code == 200
    assert root.post(reverse(f"{admin}_change", args=[event.pk]), {"action": "x"}).status_code == 403
    assert root.post(reverse(f"{admin}_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert root.post(reverse(f"{admin}_add"), {"action": "x"}).status_code == 403
    assert root.get(reverse(LIST)).context["action_form"] is None
    deleting = {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"}
    root.post(reverse(LIST), deleting)
    assert trail()[: len(before)] == before
    assert {one["action"] for one in trail()[len(before) :]} == {"request.refused"}
