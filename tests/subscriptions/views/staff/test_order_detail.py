"""The page of an order, and the part of it that follows the work."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import Gate, Operation, Order, Subscription, WorkerHeartbeat
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(order: Order, route: str = "order-detail") -> str:
    return reverse(f"subscriptions:{route}", args=[order.code])


def page_of(client: Client, order: Order) -> str:
    response = client.get(url_of(order))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def order(subscription: Subscription, operator: User) -> Order:
    prices = {"a.example.com": "95.00", "b.example.com": "45.00", "c.example.com": "45.00"}
    return cast.make_order(cast.make_quote(subscription, prices), operator)


def end(order: Order, name: str, state: str, **fields: Any) -> None:
    cast.end_operation(order.operations.get(domain_name=f"{name}.example.com"), state, **fields)


def end_well(order: Order, name: str, amount: str) -> None:
    end(order, name, "succeeded", charged=Decimal(amount), charged_currency="USD")


def test_it_works(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "95.00")

    page = page_of(staff_client, order)

    assert "1 of 3" in page
    assert "Under way" in page
    assert 'hx-trigger="every 2s"' in page
    assert "by Otto Operator" in page
    assert page.count("USD</span> 95.00") == 3  # charged so far, and the line's price and charge


def test_without_scripts_it_is_loaded_again_but_not_while_a_reason_is_typed(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "95.00")
    assert 'http-equiv="refresh"' in page_of(staff_client, order)

    end(order, "b", "attention")
    assert 'http-equiv="refresh"' not in page_of(staff_client, order)


def test_done_it_asks_no_more_and_offers_to_hand_over(staff_client: Client, order: Order) -> None:
    for name, amount in (("a", "95.00"), ("b", "45.00"), ("c", "45.00")):
        end_well(order, name, amount)

    page = page_of(staff_client, order)

    assert "3 of 3" in page
    assert "hx-trigger" not in page
    assert "Everything was done" in page
    Subscription.objects.update(account_state="suspended")  # one that is stopped is not handed over
    assert "Hand over" not in page_of(staff_client, order)
    assert "USD</span> 185.00" in page


def test_a_refusal_shows_the_words_of_the_ca_and_the_next_step(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "95.00")
    end_well(order, "b", "45.00")
    end(order, "c", "refused", error_detail="The value of the 'domainName' argument is invalid!")

    page = page_of(staff_client, order)

    assert "Partly done" in page
    assert "3 of 3, 1 refused" in page
    assert "<q>The value of the &#x27;domainName&#x27; argument is invalid!</q>" in page
    assert "Nothing was charged for it." in page
    again = reverse("subscriptions:domain-add", args=[cast.subscription_of(order).code])
    assert f"{again}?order={order.code}" in page


def test_an_open_amount_is_in_no_total(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "95.00")
    end(order, "b", "succeeded", is_charge_open=True)

    page = page_of(staff_client, order)

    assert "and 1 charge not yet confirmed" in page
    assert "Charge not yet confirmed" in page
    assert page.count("USD</span> 95.00") == 3  # charged so far, and the line's price and charge


def test_with_nothing_but_open_amounts_no_total_is_told(staff_client: Client, order: Order) -> None:
    for name in "abc":
        end(order, name, "succeeded", is_charge_open=True)

    page = page_of(staff_client, order)

    assert "3 charges not yet confirmed" in page
    assert "USD</span> 0.00" not in page


def test_charges_in_two_currencies_are_not_added(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "95.00")
    end(order, "b", "succeeded", charged=Decimal("50.005"), charged_currency="KWD")

    page = page_of(staff_client, order)

    assert "145.005" not in page
    assert page.count("KWD</span> 50.005") == 2


def test_a_stopped_order_says_why(staff_client: Client, order: Order) -> None:
    end_well(order, "a", "195.00")
    for name in ("b", "c"):
        end(order, name, "attention")
    Order.objects.update(stopped_at=timezone.now(), stop_reason="The CA charged more than confirmed.")

    page = page_of(staff_client, order)

    assert "The CA charged more than confirmed. What was not sent yet waits for a decision" in page
    assert "Stopped" in page
    assert "hx-trigger" not in page


def test_charges_of_two_currencies_are_not_added(staff_client: Client, order: Order) -> None:
    assert "USD</span> 0.00" in page_of(staff_client, order)
    end_well(order, "a", "195.00")
    end_well(order, "b", "45.00")
    end_well(order, "c", "20.00")
    order.operations.filter(charged="20.00").update(charged_currency="EUR")

    response = staff_client.get(url_of(order))

    assert response.context["progress"].charges == {"USD": Decimal(240), "EUR": Decimal(20)}
    page = response.content.decode()
    assert "USD</span> 240.00" in page
    assert "260.00" not in page


def test_a_stopped_order_never_says_nothing(staff_client: Client, order: Order) -> None:
    Operation.objects.update(state="succeeded", finished_at=timezone.now())
    Order.objects.update(stopped_at=timezone.now(), stop_reason="")

    assert "Why was not recorded: the steps of its operations tell." in page_of(staff_client, order)


def test_an_order_that_was_overcharged_at_its_end_is_stopped(staff_client: Client, order: Order) -> None:
    for name, amount in (("a", "195.00"), ("b", "45.00"), ("c", "45.00")):
        end_well(order, name, amount)
    Order.objects.update(stopped_at=timezone.now(), stop_reason="The CA charged more than confirmed.")

    response = staff_client.get(url_of(order))

    assert response.context["progress"].state == "stopped"
    assert "Nothing of it is left to send." in response.content.decode()


def test_a_closed_gate_is_told_where_the_work_is_watched(staff_client: Client, order: Order) -> None:
    open_one = staff_client.get(url_of(order)).context["progress"].version
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults={"closed_for": "charges", "reason": "No money."})

    changed = staff_client.get(url_of(order, "order-progress"), headers={"X-Seen": open_one})

    text = " ".join(changed.content.decode().split())
    assert "Nothing that costs money is sent to the CA" in text
    assert "No money. What is queued stays queued and is not charged until a reseller admin reopens" in text


def test_what_a_lost_answer_holds_up_is_told(staff_client: Client, order: Order) -> None:
    WorkerHeartbeat.objects.create(name="worker-1")
    end(order, "a", "unknown", finished_at=None, was_unknown=True)

    page = page_of(staff_client, order)

    assert "The CA’s answer was lost" in page
    assert reverse("subscriptions:operation-detail", args=[order.operations.get(state="unknown").code]) in page
    assert "It is not sent again" in page


def test_the_fragment_says_nothing_until_something_changes(staff_client: Client, order: Order) -> None:
    seen = staff_client.get(url_of(order)).context["progress"].version

    same = staff_client.get(url_of(order, "order-progress"), headers={"X-Seen": seen})
    end_well(order, "a", "95.00")
    changed = staff_client.get(url_of(order, "order-progress"), headers={"X-Seen": seen})

    assert (same.status_code, same.content, changed.status_code) == (204, b"", 200)
    assert "1 of 3" in changed.content.decode()
    assert "<html" not in changed.content.decode()


def test_the_time_left_follows_from_the_finished_ones(staff_client: Client, order: Order) -> None:
    started = timezone.now()
    WorkerHeartbeat.objects.create(name="worker-1")
    Order.objects.update(confirmed_at=started - timedelta(minutes=4))
    Operation.objects.exclude(domain_name="c.example.com").update(state="succeeded", finished_at=started)

    assert "about 2 minutes left" in page_of(staff_client, order)


@pytest.mark.long
@pytest.mark.parametrize("route", ["order-detail", "order-progress"])
def test_queries_do_not_grow_with_rows(
    staff_client: Client, customer: Customer, count_queries: Any, route: str
) -> None:
    subscription = cast.make_subscription(customer)
    few, many = (
        cast.make_order(
            cast.make_quote(subscription, {f"n{index}.{number}.example": "5.00" for index in range(number)})
        )
        for number in (10, 1000)
    )
    Operation.objects.filter(pk__in=[order.operations.earliest("pk").pk for order in (few, many)]).update(
        state="refused"
    )

    assert count_queries(staff_client, url_of(few, route)) == count_queries(staff_client, url_of(many, route))


@pytest.mark.parametrize("route", ["order-detail", "order-progress"])
def test_access_and_wrong_method(order: Order, owner: User, stranger: User, auditor: User, route: str) -> None:
    url = url_of(order, route)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(auditor, unknown(route)) == 404
    assert status_for(auditor, url, "post") == 405


def test_an_auditor_gets_no_next_step(auditor: User, order: Order, subscription: Subscription) -> None:
    end(order, "a", "refused")
    Operation.objects.exclude(state="refused").update(state="canceled")

    page = page_of(cast.sign_in(Client(), auditor), order)

    assert reverse("subscriptions:domain-add", args=[subscription.code]) not in page
