"""The dashboard: what needs a person, the figures, the costs, the latest orders."""

from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.kept_settings import keep_setting
from accounts.models import Customer, User
from accounts.roles import RESELLER_PERMISSIONS, Permission, ResellerRole
from subscriptions.models import (
    Domain,
    Operation,
    Order,
    Prevalidation,
    Quote,
    Subscription,
    Transaction,
    UnassignedAccount,
)
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from tests import cast

URL = reverse("subscriptions:dashboard")


def titles(client: Client) -> list[str]:
    return [task.title for task in client.get(URL).context["tasks"]]


def test_all_is_well(staff_client: Client, running_subscription: Subscription) -> None:
    assert titles(staff_client) == []


def test_what_needs_a_person_comes_first(staff_client: Client, customer: Customer, operator: User) -> None:
    now = timezone.now()
    cast.make_subscription(customer, expires_at=now - timedelta(days=2))
    ending = cast.make_subscription(customer, expires_at=now + timedelta(days=99))
    cast.make_subscription(customer, expires_at=now + timedelta(days=100))
    cast.make_subscription(customer, expires_at=now - timedelta(days=30))
    refused = cast.make_subscription(customer, is_ready=False).operations.get()
    cast.end_operation(refused, "refused")
    Subscription.objects.filter(pk=refused.subscription_id).update(creation="failed")
    cast.end_operation(cast.make_order(cast.make_quote(ending)).operations.get(), "attention", finished_at=None)
    cast.make_quote(ending, {"bad.example": None}, state=Quote.State.REFUSED, created_by=operator)
    ov = cast.make_subscription(customer, cast.make_server("OV"))
    for days in (-1, 5, 30):
        one = cast.make_prevalidation(customer, valid_until=now.date() + timedelta(days=days))
        cast.make_domain(ov, f"in{days}.example.com", ov_anchor_order_number=one.ov_anchor_order_number)

    assert titles(staff_client) == [
        "1 operation needs attention",
        "1 subscription has lapsed in the last 29 days",
        "1 pre-validation has lapsed",
        "1 pre-validation ends within 7 days",
        "1 ACME account was not created",
        "The CA gave no price for 1 quote since yesterday",
        "1 subscription ends within 99 days",
        "1 pre-validation ends in 8 to 30 days",
    ]


def test_an_order_that_was_stopped_is_told(staff_client: Client, running_subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(running_subscription))
    cast.end_operation(order.operations.get(), "succeeded", charged="190.00", charged_currency="USD")
    name = running_subscription.domains.get(name=order.operations.get().domain_name)
    for days, found in ((8, []), (6, ["1 order was stopped in the last 7 days"])):
        Order.objects.update(stopped_at=timezone.now() - timedelta(days=days), stop_reason="Charged more.")
        assert titles(staff_client) == found

    Domain.objects.filter(pk=name.pk).update(removed_at=timezone.now())
    assert titles(staff_client) == []  # what was charged too high is gone, and nothing of it waits


def test_each_task_leads_somewhere(staff_client: Client, customer: Customer) -> None:
    subscription = cast.make_subscription(customer, expires_at=timezone.now() + timedelta(days=9))
    cast.end_operation(cast.make_order(cast.make_quote(subscription)).operations.get(), "attention")

    for task in staff_client.get(URL).context["tasks"]:
        assert staff_client.get(task.url).status_code == 200


@pytest.mark.parametrize("days", [-2, 9], ids=["lapsed", "ends soon"])
def test_one_that_ends_is_extended_from_here(
    staff_client: Client, client: Client, auditor: User, customer: Customer, days: int
) -> None:
    ends_at = timezone.now() + timedelta(days=days)
    one = cast.make_subscription(customer, expires_at=ends_at)
    for state in ("suspended", "deactivated"):  # no extension of these is taken
        cast.make_subscription(customer, expires_at=ends_at, account_state=state)

    def ways(of: Client) -> list[tuple[str, str]]:
        return [(task.action, task.url) for task in of.get(URL).context["tasks"]]

    assert ways(staff_client) == [("Extend", reverse("subscriptions:subscription-extend", args=[one.code]))]
    assert staff_client.get(URL).context["figures"].running == (days > 0)
    cast.make_subscription(customer, expires_at=ends_at)
    assert [action for action, _ in ways(staff_client)] == ["Look"]
    listed = staff_client.get(ways(staff_client)[0][1]).context["table"]
    assert len(listed.rows) == 2
    Subscription.objects.exclude(pk=one.pk).update(expires_at=None)
    detail = reverse("subscriptions:subscription-detail", args=[one.code])
    assert ways(cast.sign_in(client, auditor)) == [("Look", detail)]


def test_accounts_of_nobody_are_for_those_who_may_assign_them(
    staff_client: Client, admin_client: Client, subscription: Subscription
) -> None:
    for state in UnassignedAccount.State:
        cast.make_unassigned(state=state)
    assert titles(staff_client) == []
    assert titles(admin_client) == ["1 ACME account at the CA belongs to no subscription"]

    cast.make_unassigned()
    assert titles(admin_client) == ["2 ACME accounts at the CA belong to no subscription"]


def test_a_key_that_could_not_be_read_is_told(admin_client: Client, customer: Customer) -> None:
    subscription = Subscription.objects.create(customer=customer, server=cast.make_server(), term_years=1)
    account = cast.make_unassigned(state="assigned", subscription=subscription, customer=customer)
    assert titles(admin_client) == []

    UnassignedAccount.objects.filter(pk=account.pk).update(problem="The CA does not list it.")
    assert titles(admin_client) == ["The key of an assigned ACME account could not be read"]
    cast.make_binding(subscription)
    assert titles(admin_client) == []


def test_open_findings_are_told(staff_client: Client, running_subscription: Subscription) -> None:
    cast.make_finding(running_subscription, "unknown_name", state="seen_once", opened_at=None)
    cast.make_finding(running_subscription, "other_amount", state="closed")
    assert titles(staff_client) == []

    cast.make_finding(running_subscription)
    assert titles(staff_client) == ["1 finding about what the CA charged or lists"]


def test_the_word_of_the_action_fits_the_role(
    staff_client: Client, admin_client: Client, subscription: Subscription
) -> None:
    cast.end_operation(cast.make_order(cast.make_quote(subscription)).operations.get(), "attention")

    assert staff_client.get(URL).context["tasks"][0].action == "Look"
    assert admin_client.get(URL).context["tasks"][0].action == "Decide"


def test_the_figures(staff_client: Client, running_subscription: Subscription) -> None:
    domains = list(running_subscription.domains.all())
    cast.make_certificate(domains[0])
    cast.make_certificate(domains[1], days=-1)
    response = staff_client.get(URL)

    figures = response.context["figures"]
    assert (figures.running, figures.names, figures.valid, figures.late, figures.expired) == (1, 2, 1, 0, 1)
    assert "1 expired" in response.content.decode()


def test_the_latest_orders(staff_client: Client, subscription: Subscription) -> None:
    orders = [cast.make_order(cast.make_quote(subscription, {f"n{number}.example.com": "1.00"})) for number in range(6)]

    latest = staff_client.get(URL).context["latest"]

    assert [row.record for row in latest.rows] == orders[:0:-1]


def test_without_a_transaction_there_is_no_chart(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "0.00")
    cast.make_transaction(subscription, None, currency="")
    cast.make_transaction(subscription, "95.00", executed_at=timezone.now() - timedelta(days=400))
    cast.make_transaction(subscription, "95.00", executed_at=None)

    response = staff_client.get(URL)

    assert response.context["costs"].years == []
    assert '<svg class="chart"' not in response.content.decode()


def charge(subscription: Subscription, name: str, price: str, **fields: Any) -> Operation:
    """Make an addition that succeeded now and was charged its price, or what `fields` say."""
    order = cast.make_order(cast.make_quote(subscription, {name: price}))
    charged = {"charged": Decimal(price), "charged_currency": "USD"}
    return cast.end_operation(order.operations.get(), "succeeded", **charged | fields)


def test_figure_chart_and_table_are_of_one_source(staff_client: Client, subscription: Subscription) -> None:
    charge(subscription, "a.example.org", "1300.00")
    cast.make_transaction(subscription, "800.00")

    page = " ".join(staff_client.get(URL).content.decode().split())

    month = f"{timezone.now():%B %Y}"
    assert staff_client.get(URL).context["costs"].this_month == {"USD": Decimal(800)}
    assert "1,300.00" in page.partition("Latest orders")[2]
    assert "1,300.00" not in page.partition("Latest orders")[0]
    assert f"<title>{month}: USD 800.00 charged, USD 0.00 refunded</title>" in page
    assert "As the CA lists it (UTC)" in page
    assert "From the CA’s own list of transactions, by month in UTC." in page


def test_the_month_is_that_of_utc_and_has_its_refunds_apart(staff_client: Client, subscription: Subscription) -> None:
    month = timezone.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    cast.make_transaction(subscription, "7.00", executed_at=month - timedelta(microseconds=1))
    cast.make_transaction(subscription, "95.00", executed_at=month)
    cast.make_transaction(subscription, "45.00", executed_at=month, kind="refundDomain")

    assert staff_client.get(URL).context["costs"].this_month == {"USD": Decimal(95)}


def test_open_amounts_are_counted_apart(staff_client: Client, subscription: Subscription) -> None:
    at = timezone.now() - timedelta(days=100)
    cast.make_transaction(subscription, "95.00")
    cast.make_transaction(subscription, None, currency="")
    cast.make_transaction(subscription, None, executed_at=at)
    cast.make_transaction(subscription, "30.00", currency="", executed_at=at)
    cast.make_transaction(subscription, "0.00", executed_at=at)
    cast.make_transaction(subscription, "20.00", executed_at=None)
    charge(subscription, "a.example.org", "30.00", charged=None, charged_currency="", is_charge_open=True)
    listed = cast.make_transaction(subscription, None, currency="")
    charge(
        subscription,
        "b.example.org",
        "30.00",
        charged=None,
        is_charge_open=True,
        ca_order_number=listed.ca_order_number,
    )

    response = staff_client.get(URL)

    costs, page = response.context["costs"], " ".join(response.content.decode().split())
    assert costs.this_month == {"USD": Decimal(95)}
    assert [(year.currency, year.charged) for year in costs.years] == [("USD", 95)]
    assert (costs.open_this_month, costs.open) == (4, 6)
    assert "As the CA lists it (UTC), 4 charges not yet confirmed" in page
    assert "6 charges of the last twelve months have no readable amount or date" in page


def test_a_month_of_open_amounts_only_is_not_called_nothing(staff_client: Client, subscription: Subscription) -> None:
    assert "Nothing</p>" in staff_client.get(URL).content.decode()

    cast.make_transaction(subscription, None, currency="")

    page = staff_client.get(URL).content.decode()
    assert "Not known yet" in page
    assert "1 charge not yet confirmed" in page
    assert "Nothing</p>" not in page


def test_the_costs_of_twelve_months_as_chart_and_table(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "1140.00")
    cast.make_transaction(subscription, "285.00", kind="refundDomain")

    page = " ".join(staff_client.get(URL).content.decode().split())

    assert 'role="img" aria-labelledby="costs-1-title costs-1-text"' in page
    assert '<title id="costs-1-title">Charges and refunds in USD, month by month</title>' in page
    assert "USD 1,140.00 charged and USD 285.00 refunded in twelve months." in page
    month = f"{timezone.now():%B %Y}"
    assert f"<title>{month}: USD 1,140.00 charged, USD 285.00 refunded</title>" in page
    assert page.count('<th scope="row">') == 12 + 1
    assert f'<th scope="row">{month}</th>' in page
    assert page.count('class="chart__charged"') == page.count('class="chart__refunded"') == 1
    assert "style=" not in page


def test_each_currency_has_a_chart_of_its_own(staff_client: Client, subscription: Subscription) -> None:
    cast.make_transaction(subscription, "95.00")
    cast.make_transaction(subscription, "80.00", currency="EUR")

    response = staff_client.get(URL)

    assert [(one.currency, one.charged) for one in response.context["costs"].years] == [("EUR", 80), ("USD", 95)]
    assert response.content.decode().count('<svg class="chart"') == 2


def test_costs_are_for_those_who_may_see_them(
    operator: User, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = RESELLER_PERMISSIONS[ResellerRole.OPERATOR] - {Permission.READ_COSTS}
    monkeypatch.setitem(RESELLER_PERMISSIONS, ResellerRole.OPERATOR, may)
    order = cast.make_order(cast.make_quote(subscription, {"a.example.org": "95.00"}))
    cast.end_operation(order.operations.get(), "succeeded", charged="95.00", charged_currency="USD")
    cast.make_transaction(subscription, "95.00")

    response = cast.sign_in(Client(), operator).get(URL)

    assert response.context["costs"] is None
    assert "95.00" not in response.content.decode()


def test_queries_do_not_grow_with_costs(
    staff_client: Client, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    def add(number: int) -> None:
        start, now = Transaction.objects.count(), timezone.now()
        Transaction.objects.bulk_create(
            Transaction(
                binding=subscription.binding,
                kind="addDomain",
                executed_at=now - timedelta(days=index % 300),
                ca_order_number=start + index,
                cost=Decimal("5.00"),
                currency="USD",
            )
            for index in range(number)
        )

    add(10)
    few = count_queries(staff_client, URL)
    add(990)

    assert count_queries(staff_client, URL) == few
    assert staff_client.get(URL).context["costs"].years[0].charged == Decimal("5000.00")


def test_staff_are_warned_of_pre_validations_that_names_are_under(staff_client: Client, customer: Customer) -> None:
    today = timezone.now().date()
    ov = cast.make_subscription(customer, cast.make_server("OV"), expires_at=timezone.now() + timedelta(days=300))
    gone = cast.make_subscription(customer, cast.make_server("OV"), expires_at=timezone.now() - timedelta(days=40))
    one = cast.make_prevalidation(customer, valid_until=today + timedelta(days=60))
    pages = [URL, *(reverse(f"subscriptions:{name}-detail", args=[row.code]) for name, row in
                    (("customer", customer), ("subscription", ov)))]  # fmt: skip
    cast.make_domain(gone, "gone.example.com", ov_anchor_order_number=one.ov_anchor_order_number)
    assert titles(staff_client) == []  # nothing can be issued for that name any more

    name = cast.make_domain(ov, "www.example.com", ov_anchor_order_number=one.ov_anchor_order_number)
    detail = reverse("subscriptions:prevalidation-detail", args=[one.code])
    for days, title in ((60, "in 31 to 60 days"), (30, "in 8 to 30 days"), (7, "within 7 days"), (-1, "has lapsed")):
        Prevalidation.objects.filter(pk=one.pk).update(valid_until=today + timedelta(days=days))
        (task,) = staff_client.get(URL).context["tasks"]
        assert title in task.title
        assert task.url == detail
        for page in pages:
            text = staff_client.get(page).content.decode()
            assert "move the names to it" in text
            assert detail in text

    keep_setting(RENEWAL_MODE, "automatic")
    assert "The CA renews it by itself" in staff_client.get(URL).content.decode()
    Domain.objects.filter(pk=name.pk).update(removed_at=timezone.now())
    assert titles(staff_client) == []


def test_several_lead_to_their_list(staff_client: Client, customer: Customer) -> None:
    ov = cast.make_subscription(customer, cast.make_server("OV"))
    for number in range(3):
        one = cast.make_prevalidation(customer, valid_until=timezone.now().date() + timedelta(days=20))
        cast.make_domain(ov, f"{number}.example.com", ov_anchor_order_number=one.ov_anchor_order_number)

    (task,) = staff_client.get(URL).context["tasks"]
    assert task.title == "3 pre-validations end in 8 to 30 days"
    assert len(staff_client.get(task.url).context["table"].rows) == 3
