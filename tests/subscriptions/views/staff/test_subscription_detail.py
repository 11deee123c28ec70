"""The page of a subscription."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import AcmeAccount, AcmeServer, Domain, Operation, Prevalidation, Subscription
from subscriptions.rules.terms import last_day
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


def test_an_open_charge_is_told_at_its_name_and_beside_the_total(
    staff_client: Client, running_subscription: Subscription
) -> None:
    prices = {"a.example.com": "95.00", "b.example.com": "95.00"}
    known, still_open = cast.make_order(cast.make_quote(running_subscription, prices)).operations.order_by("pk")
    cast.end_operation(known, "succeeded", charged="95.00", charged_currency="USD")
    cast.end_operation(still_open, "succeeded", is_charge_open=True)
    name = cast.make_domain(running_subscription, "b.example.com", operation=still_open)
    Domain.objects.filter(pk=name.pk).update(is_free=None)

    page = " ".join(page_of(staff_client, running_subscription).split())

    assert page.count("Charge not yet confirmed") == 1
    assert page.count("1 charge not yet confirmed") == 1
    assert page.count("USD</span> 95.00") == 1


def test_the_hmac_key_is_never_in_the_page(staff_client: Client, subscription: Subscription) -> None:
    assert cast.HMAC_KEY not in page_of(staff_client, subscription)


def test_being_created_it_asks_again_by_itself(staff_client: Client, customer: Customer, server_dv: AcmeServer) -> None:
    subscription = cast.make_subscription(customer, server_dv, is_ready=False)

    page = page_of(staff_client, subscription)

    assert "being created at the CA" in page
    assert 'hx-trigger="every 2s"' in page
    assert 'content="5;url=?refreshed=1"' in page


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


def charged_name(subscription: Subscription, name: str, *, days_ago: float, sent_at: datetime | None = None) -> Domain:
    operation = cast.make_order(cast.make_quote(subscription, {name: "95.00"})).operations.get()
    cast.end_operation(operation, "succeeded", charged="95.00", charged_currency="USD", sent_at=sent_at)
    added_at = timezone.now() - timedelta(days=days_ago)
    return cast.make_domain(subscription, name, operation=operation, added_at=added_at)


def refundable_cells(client: Client, subscription: Subscription) -> dict[str, str]:
    """What the column says of each name."""
    rows = client.get(url_of(subscription)).context["names"].rows
    return {row.record.name: " ".join(re.sub("<[^>]+>", " ", row.get_cell("refundable")).split()) for row in rows}


def test_a_name_is_refundable_for_29_days(staff_client: Client, running_subscription: Subscription) -> None:
    now = timezone.now()
    charged_name(running_subscription, "new.example.com", days_ago=19)
    charged_name(running_subscription, "last.example.com", days_ago=29)
    charged_name(running_subscription, "old.example.com", days_ago=30)
    # Its answer was lost: the row was written once that was settled, a day after the CA was asked.
    charged_name(running_subscription, "late.example.com", days_ago=29, sent_at=now - timedelta(days=30))
    free = charged_name(running_subscription, "free.example.com", days_ago=1)
    Domain.objects.filter(pk=free.pk).update(is_free=True)

    cells = refundable_cells(staff_client, running_subscription)

    until = now + timedelta(days=10)
    assert cells == {
        "example.com": "Not known",  # only found at the CA
        "www.example.com": "Not known",
        "new.example.com": f"{until.day} {until:%b %Y} in 10 days",
        "last.example.com": f"{now.day} {now:%b %Y} today",
        "old.example.com": "No longer",
        "late.example.com": "No longer",
        "free.example.com": "–",
    }


def test_the_facts_say_what_is_refundable_until_when(staff_client: Client, running_subscription: Subscription) -> None:
    assert "No name" in page_of(staff_client, running_subscription)

    charged_name(running_subscription, "new.example.com", days_ago=19)
    charged_name(running_subscription, "newer.example.com", days_ago=9)
    charged_name(running_subscription, "old.example.com", days_ago=30)

    status = staff_client.get(url_of(running_subscription)).context["status"]
    assert (status.names, status.refundable) == (5, 2)
    assert status.refundable_until.date() == (timezone.now() + timedelta(days=20)).date()
    assert "2 names, the last one until" in " ".join(page_of(staff_client, running_subscription).split())


@pytest.mark.parametrize(
    ("days", "is_told", "is_offered"), [(300, True, False), (1, True, True), (-28, True, True), (-30, False, False)]
)
def test_the_facts_say_when_it_is_extendable(
    staff_client: Client, customer: Customer, days: int, is_told: bool, is_offered: bool
) -> None:
    expires_at = timezone.now() + timedelta(days=days)
    subscription = cast.make_subscription(customer, expires_at=expires_at)

    window = staff_client.get(url_of(subscription)).context["status"].term.extension

    page = page_of(staff_client, subscription)
    assert (window is not None) is is_told
    assert (reverse("subscriptions:subscription-extend", args=[subscription.code]) in page) is is_offered
    if window:
        assert (last_day(window.opens_at), last_day(window.closes_at)) == (
            last_day(expires_at) - timedelta(days=99),
            last_day(expires_at) + timedelta(days=29),
        )


def test_before_the_term_nothing_is_said_of_extensions(staff_client: Client, subscription: Subscription) -> None:
    page = page_of(staff_client, subscription)

    assert "Extendable" not in page
    assert "Refundable<" not in page


def test_names_show_their_prevalidation_where_the_type_has_one(
    staff_client: Client, customer: Customer, server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    subscription = cast.make_subscription(customer, server_ov)
    number = prevalidation.ov_anchor_order_number
    cast.make_domain(subscription, "a.example.com", ov_anchor_order_number=number)
    cast.make_domain(subscription, "b.example.com", ov_anchor_order_number="4711")
    cast.make_domain(subscription, "c.example.com")

    names = staff_client.get(url_of(subscription)).context["names"]

    cells = [row.get_cell("prevalidation") for row in names.rows]
    assert "Northwind Traders Ltd" in cells[0]
    assert number in cells[0]
    assert "Not recorded here" in cells[1]
    assert "4711" in cells[1]
    assert "–" in cells[2]


def test_names_of_a_type_without_prevalidation_have_no_such_column(
    staff_client: Client, running_subscription: Subscription
) -> None:
    names = staff_client.get(url_of(running_subscription)).context["names"]

    assert "prevalidation" not in [column.name for column in names.columns]


def test_an_auditor_sees_no_actions(auditor: User, subscription: Subscription) -> None:
    page = page_of(cast.sign_in(Client(), auditor), subscription)

    assert reverse("subscriptions:domain-add", args=[subscription.code]) not in page
    assert reverse("subscriptions:subscription-reveal", args=[subscription.code]) not in page


def test_what_people_typed_is_escaped(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, label="<script>alert(1)</script>")

    assert "<script>alert(1)</script>" not in page_of(staff_client, subscription)


@pytest.mark.long
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
