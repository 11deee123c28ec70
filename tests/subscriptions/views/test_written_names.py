"""A name of other letters reads as people write it on every page; its A-labels stand beside it and in every command."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from subscriptions.models import Operation, Order, QuoteLine, Subscription
from tests import cast

NAME, WRITTEN = "xn--bcher-kva.example", "bücher.example"
TWIN, SEEN_AS = "xn--80ak6aa92e.com", "аррӏе.com"


@pytest.fixture
def order(running_subscription: Subscription, operator: User) -> Order:
    quote = cast.make_quote(running_subscription, {NAME: "95.00", TWIN: "95.00", "xn--mller-kva.example": None})
    QuoteLine.objects.filter(name=NAME).update(names=[NAME, f"www.{NAME}"])
    order = cast.make_order(quote, operator)
    for operation in order.operations.all():
        cast.end_operation(operation, Operation.State.REFUSED, error_type="x", error_detail="No.")
        cast.make_domain(running_subscription, operation.domain_name, operation=operation)
    return order


def names_on(client: Client, route: str, *args: object, query: str = "") -> set[str]:
    """What the page shows as names: tags taken out, blanks joined."""
    response = client.get(reverse(f"subscriptions:{route}", args=args) + query)
    assert response.status_code == 200
    spans = re.findall(r'<span class="name">(.*?)</span>', response.content.decode())
    return {" ".join(re.sub("<[^>]+>", " ", span).split()) for span in spans}


def test_pages_of_staff(staff_client: Client, order: Order, running_subscription: Subscription) -> None:
    code, both, twin = running_subscription.code, f"{WRITTEN} {NAME}", f"{TWIN} {SEEN_AS}"

    assert {both, twin} <= names_on(staff_client, "subscription-detail", code)
    assert {both, twin, f"www.{WRITTEN} www.{NAME}", "müller.example xn--mller-kva.example"} <= names_on(
        staff_client, "quote-detail", order.quote.code
    )
    assert {both, twin} <= names_on(staff_client, "order-detail", order.code)
    assert names_on(staff_client, "operation-list", query=f"?q={WRITTEN}") == {both}
    assert names_on(staff_client, "operation-list", query="?q=BÜCHER") == {both}
    found = staff_client.get(reverse("subscriptions:subscription-list"), {"q": WRITTEN}).content.decode()
    assert "Intranet" in found


def test_an_operation_is_called_by_both_writings(staff_client: Client, order: Order) -> None:
    page = staff_client.get(
        reverse("subscriptions:operation-detail", args=[order.operations.get(domain_name=NAME).code])
    ).content.decode()

    assert f"Add {WRITTEN} ({NAME})</h1>" in page


def test_what_is_typed_is_shown_with_both_writings(staff_client: Client, running_subscription: Subscription) -> None:
    url = reverse("subscriptions:domain-check", args=[running_subscription.code])

    shown = staff_client.post(url, {"names": "Bücher.de"}).content.decode()

    assert '<bdi>bücher.de</bdi> <bdi class="name__other">xn--bcher-kva.de</bdi>' in shown


def test_pages_of_customers(client: Client, viewer: User, running_subscription: Subscription) -> None:
    running_subscription.domains.all().delete()
    cast.make_domain(running_subscription, NAME)
    cast.sign_in(client, viewer)
    code = running_subscription.code

    assert names_on(client, "my-home") == {f"{WRITTEN} {NAME}"}
    assert names_on(client, "my-subscription", code, query=f"?q={WRITTEN}") == {f"{WRITTEN} {NAME}"}
    assert f"{WRITTEN} {NAME}" in names_on(client, "my-setup-client", code, "certbot")


def test_commands_keep_the_a_labels(client: Client, viewer: User, running_subscription: Subscription) -> None:
    cast.make_domain(running_subscription, NAME)

    response = cast.sign_in(client, viewer).get(
        reverse("subscriptions:my-setup-client", args=[running_subscription.code, "certbot"]),
        {"names": [NAME], "challenge": "http-01", "email": "tls@northwind.example"},
    )

    commands = "".join(block.text for block in response.context["rendered"].blocks)
    assert NAME in commands
    assert WRITTEN not in commands


def test_a_twin_of_a_latin_name_is_read_in_a_labels_first(
    admin_client: Client, customer: Customer, running_subscription: Subscription
) -> None:
    account = cast.make_unassigned(names=[TWIN], customer=customer)

    page = admin_client.get(reverse("subscriptions:account-detail", args=[account.code])).content.decode()

    assert f'<bdi>{TWIN}</bdi> <bdi class="name__other">{SEEN_AS}</bdi>' in page
