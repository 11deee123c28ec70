"""Archiving a customer: not while something runs; nothing new is bought for it; it comes back."""

import html
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, User
from accounts.services import invite_person
from subscriptions.forms.customers import find_customer
from subscriptions.models import AcmeServer, Operation, Quote, Subscription
from subscriptions.selectors.rows import customer_names
from subscriptions.services.customers import archive_customer
from subscriptions.services.orders import confirm_quote
from subscriptions.services.prevalidations import create_prevalidation
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription
from tests import cast

LIST = reverse("subscriptions:customer-list")


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def of(route: str, customer: Customer) -> str:
    return reverse(f"subscriptions:{route}", args=[customer.code])


@pytest.fixture
def archived(customer: Customer, operator: User) -> Customer:
    archive_customer(actor=operator, customer=customer, removes_people=False)
    customer.refresh_from_db()
    return customer


@pytest.mark.parametrize("people", ["keep", "remove"])
def test_it_works(staff_client: Client, operator: User, customer: Customer, owner: User, people: str) -> None:
    invitation = invite_person(actor=operator, customer=customer, email="new@northwind.example", role="member")

    answer = staff_client.post(of("customer-archive", customer), {"people": people}, follow=True)

    page = text_of(answer)
    assert "Northwind Traders is archived." in page
    assert "nothing new is made or bought for it" in page
    assert "New ACME account" not in page
    assert customer.memberships.filter(user=owner).exists() == (people == "keep")
    invitation.refresh_from_db()
    assert invitation.state == "revoked"
    event = AuditEvent.objects.get(action="customer.archived")
    assert (event.customer_code, event.detail["people_removed"]) == (customer.code, 0 if people == "keep" else 1)


def test_it_is_gone_from_the_list_and_the_choices(staff_client: Client, archived: Customer) -> None:
    assert archived.name not in text_of(staff_client.get(LIST))
    assert archived.name not in text_of(staff_client.get(LIST, {"q": "Northwind"}))
    assert archived.name in text_of(staff_client.get(LIST, {"having": "archived"}))
    assert customer_names("North") == []
    with pytest.raises(Exception, match="No customer is called"):
        find_customer("North")


def test_its_subscriptions_are_listed_where_they_are_asked_for(
    staff_client: Client, operator: User, customer: Customer, subscription: Subscription
) -> None:
    other = cast.make_subscription(cast.make_customer("Contoso"))
    archive_customer(actor=operator, customer=customer, removes_people=False)
    url = reverse("subscriptions:subscription-list")

    def listed(**asked: str) -> list[Subscription]:
        rows: list[Subscription] = staff_client.get(url, asked).context["filter"].page.rows
        return rows

    assert listed() == [other]
    assert listed(q=customer.name) == []
    assert listed(of="archived") == [subscription]
    file = staff_client.get(reverse("subscriptions:subscription-export"), {"of": "archived"})
    assert customer.name in b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert subscription.title in staff_client.get(of("customer-detail", customer)).content.decode()


def test_it_comes_back(staff_client: Client, archived: Customer) -> None:
    assert staff_client.post(of("customer-bring-back", archived)).status_code == 302

    assert archived.name in text_of(staff_client.get(LIST))
    assert AuditEvent.objects.filter(action="customer.brought_back", target_code=archived.code).count() == 1
    staff_client.post(of("customer-bring-back", archived))
    assert AuditEvent.objects.filter(action="customer.brought_back").count() == 1


def _running(customer: Customer) -> None:
    cast.make_subscription(customer, label="Web shop", expires_at=timezone.now() + timedelta(days=1))


def _under_way(customer: Customer) -> None:
    cast.make_subscription(customer, is_ready=False)


def _asked(customer: Customer) -> None:
    cast.make_request(cast.make_subscription(customer), "asked.example.com")


@pytest.mark.parametrize(
    ("what", "said"),
    [(_running, "Web shop runs"), (_under_way, "are under way"), (_asked, "wait for an answer to a request")],
)
def test_not_while_something_is_there(staff_client: Client, customer: Customer, what: Any, said: str) -> None:
    what(customer)

    assert said in text_of(staff_client.get(of("customer-archive", customer)))
    assert said in text_of(staff_client.post(of("customer-archive", customer), {"people": "keep"}))
    customer.refresh_from_db()
    assert customer.archived_at is None
    assert not AuditEvent.objects.filter(action="customer.archived").exists()


@pytest.mark.parametrize("fields", [{"expires_at": timezone.now() - timedelta(days=40)}, {}])
def test_what_has_ended_or_never_began_is_in_nobodys_way(
    operator: User, customer: Customer, fields: dict[str, Any]
) -> None:
    cast.make_subscription(customer, **fields)

    archive_customer(actor=operator, customer=customer, removes_people=False)

    assert Customer.objects.exclude(archived_at=None).get() == customer


def test_nothing_is_offered_that_it_refuses(staff_client: Client, archived: Customer) -> None:
    subscription = cast.make_subscription(archived, label="Old shop")

    page = text_of(staff_client.get(reverse("subscriptions:subscription-detail", args=[subscription.code])))
    of_all = text_of(staff_client.get(reverse("subscriptions:hand-over"), {"subscription": str(subscription.code)}))

    assert "Its customer is archived" in page
    for offer in (">Hand over</a>", ">Add names</a>"):
        assert offer not in page
    assert "nothing is bought for it or handed over" in of_all
    assert "Hand over the chosen subscriptions" not in of_all
    of_it = text_of(staff_client.get(of("customer-detail", archived)))
    for offer in ("Invite a person", "Record one"):
        assert offer not in of_it


def test_its_people_are_asked_about(staff_client: Client, customer: Customer, owner: User) -> None:
    page = text_of(staff_client.post(of("customer-archive", customer)))

    assert "Choose what becomes of its people." in page


def test_nothing_new_is_bought(
    operator: User, customer: Customer, server_dv: AcmeServer, no_broker: list[Any], owner: User
) -> None:
    ready = cast.make_subscription(customer, server_dv)
    quote = cast.make_quote(ready, {"example.com": "95.00"})
    archive_customer(actor=operator, customer=customer, removes_people=False)
    ready = Subscription.objects.select_related("customer", "server").get(pk=ready.pk)
    before = (Subscription.objects.count(), Quote.objects.count())

    acts: dict[str, Callable[[], Any]] = {
        "create": lambda: create_subscription(
            actor=operator, customer=customer, server=server_dv, term_years=1, prevalidation=None, form_token=uuid4()
        ),
        "quote": lambda: request_quote(
            actor=operator,
            subscription=ready,
            names=["example.org"],
            add_companions=False,
            prevalidation=None,
            form_token=uuid4(),
        ),
        "confirm": lambda: confirm_quote(actor=operator, quote=quote),
        "prevalidation": lambda: create_prevalidation(actor=operator, customer=customer, fields={}),
        "invite": lambda: invite_person(actor=operator, customer=customer, email="a@b.example", role="member"),
    }
    for act in acts.values():
        with pytest.raises(ServiceError, match="is archived"):
            act()
    assert (Subscription.objects.count(), Quote.objects.count()) == before
    assert no_broker == []


@pytest.mark.servers
@pytest.mark.parametrize("turn", range(4))
def test_of_archiving_and_confirming_at_once_one_comes_first(
    transactional_db: None, no_broker: list[Any], turn: int
) -> None:
    operator = cast.make_user("otto@reseller.example", reseller_role="operator")
    customer = cast.make_customer("Northwind Traders")
    quote = cast.make_quote(cast.make_subscription(customer, cast.make_server("DV")), {"new.example.com": "50.00"})
    together, refusals = Barrier(2), []

    def go(act: Callable[[], object]) -> None:
        together.wait(timeout=10)
        try:
            act()
        except ServiceError as error:
            refusals.append(error.message)
        finally:
            connection.close()

    acts = [
        lambda: archive_customer(actor=operator, customer=customer, removes_people=False),
        lambda: confirm_quote(actor=operator, quote=quote),
    ]
    threads = [Thread(target=go, args=[act]) for act in acts[:: 1 if turn % 2 else -1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    customer.refresh_from_db()
    is_archived, is_ordered = customer.archived_at is not None, Operation.objects.exists()
    assert (is_archived, is_ordered) in {(True, False), (False, True)}
    (refusal,) = refusals
    assert ("is archived" if is_archived else "Operations of it are under way") in refusal
