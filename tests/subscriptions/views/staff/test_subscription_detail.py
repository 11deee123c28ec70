"""The page of a subscription."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.models import AcmeAccount, AcmeServer, Operation, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(subscription: Subscription) -> str:
    return reverse("subscriptions:subscription-detail", args=[subscription.code])


def page_of(client: Client, subscription: Subscription) -> str:
    response = client.get(url_of(subscription))
    assert response.status_code == 200
    return response.content.decode()


def test_it_works(staff_client: Client, running_subscription: Subscription) -> None:
    cast.make_certificate(running_subscription.domains.get(name="www.example.com"))

    page = page_of(staff_client, running_subscription)

    assert "Intranet</h1>" in page
    assert "www.example.com" in page
    assert running_subscription.binding.eab_key_id in page
    assert running_subscription.binding.directory_url in page
    assert "Running" in page
    assert "Current" in page


def test_the_hmac_key_is_never_in_the_page(staff_client: Client, subscription: Subscription) -> None:
    assert cast.HMAC_KEY not in page_of(staff_client, subscription)


def test_being_created_it_asks_again_by_itself(staff_client: Client, customer: Customer, server_dv: AcmeServer) -> None:
    subscription = cast.make_subscription(customer, server_dv, is_ready=False)

    page = page_of(staff_client, subscription)

    assert "being created at the CA" in page
    assert 'hx-trigger="every 2s"' in page
    assert '<meta http-equiv="refresh" content="5">' in page


def test_ready_it_offers_the_two_next_steps_and_asks_no_more(staff_client: Client, subscription: Subscription) -> None:
    page = page_of(staff_client, subscription)

    assert reverse("subscriptions:domain-add", args=[subscription.code]) in page
    assert reverse("subscriptions:subscription-hand-over", args=[subscription.code]) in page
    assert "hx-trigger" not in page
    assert "http-equiv" not in page


def test_refused_it_shows_the_words_of_the_ca(staff_client: Client, customer: Customer, server_dv: AcmeServer) -> None:
    subscription = cast.make_subscription(customer, server_dv, is_ready=False)
    Subscription.objects.filter(pk=subscription.pk).update(creation=Subscription.Creation.FAILED)
    cast.end_operation(Operation.objects.get(), "refused", error_detail="Use of HTTPS is REQUIRED!")

    page = page_of(staff_client, subscription)

    assert "Use of HTTPS is REQUIRED!" in page
    assert "Nothing was charged." in page


def test_clients_are_listed(staff_client: Client, subscription: Subscription) -> None:
    AcmeAccount.objects.create(
        binding=subscription.binding,
        acme_account_id="4711",
        status="valid",
        user_agent="certbot/2.11",
        ip_address="192.0.2.7",
    )

    page = page_of(staff_client, subscription)

    assert "certbot/2.11" in page
    assert "192.0.2.7" in page
    assert "Registered" in page


def test_opening_it_has_the_ca_read_once_a_minute(
    staff_client: Client,
    subscription: Subscription,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page_of(staff_client, subscription)
        page_of(staff_client, subscription)

    assert no_broker == [("sync_subscription", (subscription.pk,))]


def test_an_auditor_sees_no_actions(auditor: User, subscription: Subscription) -> None:
    page = page_of(cast.sign_in(Client(), auditor), subscription)

    assert reverse("subscriptions:domain-add", args=[subscription.code]) not in page
    assert reverse("subscriptions:subscription-reveal", args=[subscription.code]) not in page


def test_what_people_typed_is_escaped(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, label="<script>alert(1)</script>")

    assert "<script>alert(1)</script>" not in page_of(staff_client, subscription)


@pytest.mark.parametrize("fragment", ["subscription-detail", "subscription-status"])
def test_queries_do_not_grow_with_rows(
    staff_client: Client, customer: Customer, count_queries: Any, fragment: str
) -> None:
    few, many = cast.make_subscription(customer), cast.make_subscription(customer)
    for subscription, number in ((few, 10), (many, 1000)):
        cast.make_names(subscription, number)
        AcmeAccount.objects.bulk_create(
            AcmeAccount(binding=subscription.binding, acme_account_id=f"{subscription.pk}-{index}", status="valid")
            for index in range(number)
        )
        cast.make_order(cast.make_quote(subscription, {f"n{index}.example.com": "5.00" for index in range(number)}))
        Subscription.objects.filter(pk=subscription.pk).update(sync_requested_at=subscription.created_at)

    counts = [count_queries(staff_client, reverse(f"subscriptions:{fragment}", args=[one.code])) for one in (few, many)]

    assert counts[0] == counts[1]


def test_access(subscription: Subscription, owner: User, stranger: User, auditor: User, reseller_admin: User) -> None:
    url = url_of(subscription)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(reseller_admin, url) == 200
    assert status_for(auditor, unknown("subscription-detail")) == 404


def test_wrong_method(operator: User, subscription: Subscription) -> None:
    assert status_for(operator, url_of(subscription), "post") == 405
