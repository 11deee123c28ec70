"""Asking the provider: who may, how what is pasted is read, and that no page shows a price or another customer."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Mail, User
from subscriptions.models import CustomerRequest, Domain, Subscription
from tests import cast

ASK_NAMES, ASK_REMOVAL = "subscriptions:my-request-names", "subscriptions:my-request-removal"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def as_member(client: Client, member: User) -> Client:
    return cast.sign_in(client, member)


def url(route: str, row: Subscription | CustomerRequest) -> str:
    return reverse(route, args=[row.code])


def test_names_are_asked_for(as_member: Client, running_subscription: Subscription, operator: User) -> None:
    typed = "https://SHOP.example.com/,  *.bücher.example.com"
    data = {"names": typed, "note": "For the autumn sale.", "form_token": uuid4()}

    answer = as_member.post(url(ASK_NAMES, running_subscription), data, follow=True)

    asked = CustomerRequest.objects.get()
    assert answer.redirect_chain[-1][0] == url("subscriptions:my-request", asked)
    assert (asked.names, asked.typed_text) == (["shop.example.com", "*.xn--bcher-kva.example.com"], typed)
    page = answer.content.decode()
    assert "Add 2 names" in page
    assert "For the autumn sale." in page
    assert "Withdraw the request" in page
    assert list(Mail.objects.values_list("address", flat=True)) == [operator.email]


def test_what_cannot_be_asked_for_is_told_line_by_line(as_member: Client, running_subscription: Subscription) -> None:
    cast.make_request(running_subscription, "asked.example.com")
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "held.example.com")
    data = {"names": "example.com\nasked.example.com\nheld.example.com\nno_name.example.com", "form_token": uuid4()}

    page = as_member.post(url(ASK_NAMES, running_subscription), data).content.decode()

    assert "3 names need a correction" in page
    assert "Already in this subscription." in page
    assert "Asked for already" in page
    assert "underscore" in page
    assert "Contoso" not in page
    assert CustomerRequest.objects.count() == 1


def test_a_removal_is_asked_for_among_the_names_that_are_there(
    as_member: Client, running_subscription: Subscription
) -> None:
    domain = running_subscription.domains.get(name="www.example.com")
    foreign = cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "other.example.com")
    address = url(ASK_REMOVAL, running_subscription)
    assert "www.example.com" in as_member.get(address).content.decode()

    as_member.post(address, {"name": [domain.code, foreign.code], "form_token": uuid4()})
    assert not CustomerRequest.objects.exists()
    as_member.post(address, {"name": domain.code, "form_token": uuid4()})

    assert CustomerRequest.objects.get().names == ["www.example.com"]
    assert str(domain.code) not in as_member.get(address).content.decode()


def test_names_of_several_pages_and_searches_are_chosen(
    as_member: Client, running_subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subscriptions.views.customer.requests.NAMES_PER_PAGE", 2)
    for number in range(5):
        cast.make_domain(running_subscription, f"host{number}.example.com")
    address, token = url(ASK_REMOVAL, running_subscription), str(uuid4())

    def looked(page: str, *chosen: Domain, q: str = "") -> list[str]:
        codes = [str(one.code) for one in chosen]
        data = {"page": page, "q": q, "name": codes, "note": "Old ones.", "form_token": token}
        answer = as_member.post(address, data)
        assert answer.status_code == 200
        assert "Old ones." in answer.content.decode()
        assert token in answer.content.decode()
        assert [one.code for one in answer.context["elsewhere"]] == [
            one.code for one in chosen if one not in list(answer.context["page"])
        ]
        return [one.name for one in answer.context["page"]]

    first, second, last = (running_subscription.domains.get(name=f"host{number}.example.com") for number in (0, 1, 4))
    assert looked("1") == ["example.com", "host0.example.com"]
    assert looked("2", first) == ["host1.example.com", "host2.example.com"]
    assert looked("1", first, second, q="host4") == ["host4.example.com"]
    assert not CustomerRequest.objects.exists()
    as_member.post(address, {"q": "host4", "name": [first.code, last.code], "form_token": token})

    assert CustomerRequest.objects.get().names == [first.name, last.name]


def test_an_extension_says_from_when(as_member: Client, running_subscription: Subscription) -> None:
    address, shown = (
        url(f"subscriptions:{name}", running_subscription) for name in ("my-request-extension", "my-subscription")
    )
    data = {"term_years": "2", "form_token": uuid4()}
    page = as_member.get(shown).content.decode()
    assert "can be asked for from" in page
    assert address not in page
    assert "can be asked for from" in as_member.get(address).content.decode()
    assert "can be asked for from" in as_member.post(address, data).content.decode()
    Subscription.objects.update(expires_at=timezone.now() + timedelta(days=120))

    assert address in as_member.get(shown).content.decode()
    as_member.post(address, data)

    asked = CustomerRequest.objects.get()
    assert (asked.title, asked.state) == ("Extend by 2 years", "open")


def test_nobody_asks_for_anothers(client: Client, stranger: User, running_subscription: Subscription) -> None:
    asked = cast.make_request(running_subscription, "asked.example.com")
    cast.sign_in(client, stranger)

    assert client.post(url(ASK_NAMES, running_subscription), {"names": "a.example.com"}).status_code == 404
    assert client.post(url("subscriptions:my-request-withdraw", asked)).status_code == 404
    assert "asked.example.com" not in client.get(reverse("subscriptions:my-requests")).content.decode()


def test_it_is_withdrawn_once(as_member: Client, running_subscription: Subscription) -> None:
    asked = cast.make_request(running_subscription, "asked.example.com")
    address = url("subscriptions:my-request-withdraw", asked)

    assert "The request was withdrawn." in as_member.post(address, follow=True).content.decode()
    assert "“Withdrawn” by now" in as_member.post(address, follow=True).content.decode()


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [({"q": "ASKED"}, True), ({"q": "zzz"}, False), ({"state": "declined"}, False), ({"kind": "names"}, True)],
)
def test_the_list_is_searched_and_filtered(
    as_member: Client, running_subscription: Subscription, query: dict[str, str], *, is_listed: bool
) -> None:
    cast.make_request(running_subscription, "asked.example.com")
    page = as_member.get(reverse("subscriptions:my-requests"), query).content.decode()
    assert ("Add 1 name" in page, "No request matches." in page) == (is_listed, not is_listed)


def test_nobody_finds_out_a_colleagues_address(
    as_member: Client, owner: User, running_subscription: Subscription
) -> None:
    cast.make_request(running_subscription, "asked.example.com", created_by=owner)
    page = as_member.get(reverse("subscriptions:my-requests"), {"q": owner.email}).content.decode()
    assert "No request matches." in page


@pytest.mark.parametrize("state", CustomerRequest.State)
def test_no_page_shows_a_price(as_member: Client, running_subscription: Subscription, state: Any) -> None:
    asked = cast.make_request(running_subscription, "asked.example.com", state=state, reason="See the note.")
    quote = cast.make_quote(running_subscription, {"asked.example.com": "123.45"}, asked_for=asked)
    asked.operations.set(cast.make_order(quote).operations.all())

    pages = [
        as_member.get(url("subscriptions:my-request", asked)).content.decode(),
        as_member.get(reverse("subscriptions:my-requests")).content.decode(),
        as_member.get(url("subscriptions:my-subscription", running_subscription)).content.decode(),
    ]
    file = as_member.get(reverse("subscriptions:my-request-export"))
    assert isinstance(file, StreamingHttpResponse)
    pages.append(file.getvalue().decode())
    assert all("123.45" not in page and "USD" not in page for page in pages)
    assert state.label in pages[0]
    assert state.label in pages[1]


def test_the_page_of_a_subscription_leads_there(
    as_member: Client, running_subscription: Subscription, viewer: User
) -> None:
    cast.make_request(running_subscription, "asked.example.com")
    page = url("subscriptions:my-subscription", running_subscription)

    shown = as_member.get(page).content.decode()
    assert "Ask for names" in shown
    assert "Ask for a removal" in shown
    assert "Add 1 name" in shown
    seen = cast.sign_in(Client(), viewer).get(page).content.decode()
    assert "Ask for" not in seen
    assert "Add 1 name" in seen
