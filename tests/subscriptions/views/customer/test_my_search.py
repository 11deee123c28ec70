"""A customer's people search among what is theirs, and learn nothing of what is others'."""

from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.models import Certificate, Subscription
from tests import cast
from tests.subscriptions.views.staff.test_search import found, leads_to

URL = reverse("subscriptions:my-search")


def test_what_is_theirs_is_found(client: Client, viewer: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, viewer)
    name = cast.make_domain(running_subscription, "xn--bcher-kva.example")
    cast.make_certificate(name)
    Certificate.objects.filter(domain=name).update(ca_order_number=881)
    page = reverse("subscriptions:my-subscription", args=[running_subscription.code])

    assert found(client, "büch", URL) == {}
    assert found(client, "xn--b", URL) == {"Names": ["xn--bcher-kva.example"]}
    assert leads_to(client, "bücher.example", URL) == f"{page}?q=xn--bcher-kva.example"
    assert leads_to(client, "881", URL) == f"{page}?q=xn--bcher-kva.example"
    assert leads_to(client, running_subscription.binding.eab_key_id, URL) == page
    assert found(client, "intra", URL)["Subscriptions"] == [running_subscription.label]


def test_what_is_others_is_not(client: Client, stranger: User, owner: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, stranger)
    name = cast.make_domain(running_subscription, "secret.example")
    cast.make_certificate(name)
    Certificate.objects.filter(domain=name).update(ca_order_number=881)
    cast.make_prevalidation(running_subscription.customer, number="771")

    for text in (
        "secret",
        "secret.example",
        "881",
        "771",
        running_subscription.binding.eab_key_id,
        "intranet",
        "north",
    ):
        assert found(client, text, URL) == {}


def test_requests_are_found_and_by_owners_their_people(
    client: Client, owner: User, viewer: User, stranger: User, running_subscription: Subscription
) -> None:
    cast.make_request(running_subscription, "wanted.northwind.example", created_by=owner)

    cast.sign_in(client, owner)
    assert found(client, "wanted", URL) == {"Requests": ["Add 1 name"]}
    assert found(client, viewer.email, URL) == {"People": [str(viewer)]}
    assert found(client, stranger.email, URL) == {}
    cast.sign_in(client, viewer)
    assert found(client, "wanted", URL) == {"Requests": ["Add 1 name"]}
    assert found(client, owner.email, URL) == {}
    cast.sign_in(client, stranger)
    assert found(client, "wanted", URL) == {}


def test_it_wants_a_sign_in(client: Client, customer: Customer) -> None:
    assert client.get(URL).status_code == 302
    assert Customer.objects.count() == 1
