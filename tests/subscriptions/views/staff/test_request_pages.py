"""Customers' requests as staff see them: listed, turned into what does them, and answered."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Mail, User
from subscriptions.models import CustomerRequest, Operation, Quote, Subscription
from tests import cast

State = CustomerRequest.State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def asked(running_subscription: Subscription, owner: User) -> CustomerRequest:
    note = "For the sale."
    return cast.make_request(running_subscription, "shop.example.com", "example.com", created_by=owner, note=note)


def url(asked: CustomerRequest, route: str = "request-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[asked.code])


def doing(client: Client, asked: CustomerRequest) -> str:
    """Give the address that the request's page leads to."""
    return str(client.get(url(asked)).context["turn_url"])


def test_it_turns_into_a_quote(staff_client: Client, asked: CustomerRequest) -> None:
    address = doing(staff_client, asked)
    page = staff_client.get(address)
    assert page.context["form"]["names"].value() == "shop.example.com"  # the other one is there by now
    assert "For the sale." in page.content.decode()

    staff_client.post(address, {"names": "shop.example.com", "form_token": uuid4()})

    asked.refresh_from_db()
    quote = Quote.objects.get()
    assert (asked.state, quote.asked_for) == (State.QUOTED, asked)
    assert str(quote) in staff_client.get(url(asked)).content.decode()
    back = staff_client.get(
        reverse("subscriptions:domain-add", args=[asked.subscription.code]), {"quote": str(quote.code)}
    )
    assert back.context["asked"] == asked


def test_an_extension_starts_with_the_years_asked_for(staff_client: Client, running_subscription: Subscription) -> None:
    asked = cast.make_request(running_subscription, kind="extension", years=3)

    assert staff_client.get(doing(staff_client, asked)).context["form"]["term_years"].value() == 3


def test_a_removal_is_confirmed_for_it(staff_client: Client, running_subscription: Subscription) -> None:
    asked = cast.make_request(running_subscription, "www.example.com", kind="removal")
    address = doing(staff_client, asked)
    removal = staff_client.get(address).context["removal"]
    assert [one.domain.name for one in removal.leaving] == ["www.example.com"]

    data = {"seen": removal.version, "name": removal.leaving[0].domain.code}
    staff_client.post(address, data)

    asked.refresh_from_db()
    assert (asked.state, list(asked.operations.all())) == (State.ORDERED, [Operation.objects.get()])


def test_a_page_takes_no_request_about_something_else(staff_client: Client, asked: CustomerRequest) -> None:
    other = cast.make_subscription(asked.subscription.customer)

    for route, row in (("domain-add", other), ("subscription-extend", asked.subscription)):
        address = reverse(f"subscriptions:{route}", args=[row.code], query={"request": str(asked.code)})
        assert staff_client.get(address).status_code == 404


@pytest.mark.parametrize(("answer", "state"), [("decline", State.DECLINED), ("done", State.DONE), ("", State.DECLINED)])
def test_it_is_answered(
    staff_client: Client, asked: CustomerRequest, owner: User, answer: str, state: CustomerRequest.State
) -> None:
    page = staff_client.post(url(asked, "request-answer"), {"answer": answer})
    assert "the customer reads it" in page.content.decode()

    data = {"answer": answer, "reason": "Added by hand."}
    assert staff_client.post(url(asked, "request-answer"), data, follow=True).status_code == 200

    asked.refresh_from_db()
    assert (asked.state, asked.reason) == (state, "Added by hand.")
    assert Mail.objects.get().address == owner.email
    again = staff_client.post(url(asked, "request-answer"), data, follow=True).content.decode()
    assert f"It is “{state.label}” by now" in again


def test_the_list_is_searched_filtered_and_exported(staff_client: Client, asked: CustomerRequest) -> None:
    other = cast.make_request(cast.make_subscription(cast.make_customer("Contoso")), "a.example.org", state="done")
    listed = reverse("subscriptions:request-list")

    def shown(**query: str) -> list[CustomerRequest]:
        return [row.record for row in staff_client.get(listed, query).context["table"].rows]

    assert shown() == [asked, other]
    assert shown(q="shop.example") == [asked]
    assert shown(q="contoso") == [other]
    assert shown(state="done") == [other]
    assert shown(kind="removal") == []
    assert shown(customer="Contoso") == [other]
    lines = staff_client.get(reverse("subscriptions:request-export"), {"state": "open"}).getvalue().decode()
    assert lines.splitlines()[1].startswith("Northwind Traders,Intranet,Add 2 names,shop.example.com example.com")
    assert len(lines.splitlines()) == 2


def test_it_is_a_task_and_a_note_on_its_subscription(staff_client: Client, asked: CustomerRequest) -> None:
    dashboard = staff_client.get(reverse("subscriptions:dashboard")).content.decode()
    assert "1 request of a customer waits for an answer" in dashboard
    assert url(asked) in dashboard
    page = staff_client.get(reverse("subscriptions:subscription-detail", args=[asked.subscription.code]))
    assert "The customer asks: Add 2 names" in page.content.decode()
    CustomerRequest.objects.update(state=State.DONE)
    assert "request of a customer" not in staff_client.get(reverse("subscriptions:dashboard")).content.decode()
