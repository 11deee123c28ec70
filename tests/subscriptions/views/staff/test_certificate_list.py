"""The certificates of all customers: the list, its filters and its file."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, User
from subscriptions.models import AcmeServer, Certificate, Domain, Subscription
from tests import cast

URL = reverse("subscriptions:certificate-list")
FILE = reverse("subscriptions:certificate-export")


@pytest.fixture
def shop(running_subscription: Subscription) -> Subscription:
    """Four names: one current, one failing, one under a wildcard, and the wildcard."""
    now, names = timezone.now(), running_subscription.domains
    cast.make_certificate(names.get(name="example.com"), days=50, serial_number="0A")
    cast.make_certificate(cast.make_domain(running_subscription, "*.example.com"), days=70)
    cast.make_ca_order(names.get(name="www.example.com"), status_code=12)
    cast.make_certificate(
        cast.make_domain(running_subscription, "xn--bcher-kva.example"),
        days=20,
        ordered_failed_since=now,
        failed_code=3,
        failed_description="PRE-SIGN FAILED: CAA",
    )
    return running_subscription


def listed(client: Client, **query: Any) -> list[str]:
    table = client.get(URL, query).context["table"]
    return [row.record.name for row in table.rows]


def lines_of(client: Client, **query: Any) -> list[dict[str, str]]:
    response = client.get(FILE, query)
    assert isinstance(response, StreamingHttpResponse)
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_it_lists_what_ends_first(staff_client: Client, shop: Subscription) -> None:
    assert listed(staff_client) == ["xn--bcher-kva.example", "example.com", "*.example.com", "www.example.com"]
    assert listed(staff_client, sort="name")[0] == "*.example.com"
    page = staff_client.get(URL).content.decode()
    assert "PRE-SIGN FAILED: CAA" in page
    assert 'by <span class="name">*.example.com</span>' in page
    domain = shop.domains.get(name="example.com")
    assert reverse("subscriptions:name-detail", args=[domain.code]) in page


def test_it_is_filtered(staff_client: Client, shop: Subscription, server_ov: AcmeServer) -> None:
    others = cast.make_subscription(cast.make_customer("Contoso"), server_ov, expires_at=timezone.now())
    cast.make_certificate(cast.make_domain(others, "contoso.example"), days=5)
    cast.make_ca_order(cast.make_domain(others, "never.example"))
    bad, good, wildcard, covered = ["xn--bcher-kva.example", "example.com", "*.example.com", "www.example.com"]
    assert listed(staff_client, state="failing") == [bad]
    assert listed(staff_client, state="current", customer="Northwind Traders") == [good, wildcard, covered]
    assert listed(staff_client, q="bücher") == [bad]
    assert listed(staff_client, q="example.com") == [good, wildcard, covered]
    assert listed(staff_client, term="ended") == ["contoso.example", "never.example"]
    assert listed(staff_client, term="renewable", sort="-name") == [bad, covered, good, wildcard]
    assert listed(staff_client, server=server_ov.code) == ["contoso.example", "never.example"]
    assert listed(staff_client, subscription=others.code) == ["contoso.example", "never.example"]
    assert listed(staff_client, since=timezone.localdate().isoformat(), customer="Contoso") == ["contoso.example"]
    day = (timezone.localtime() + timedelta(days=20)).date().isoformat()
    assert listed(staff_client, since=day, until=day) == [bad]


def test_removed_names_are_not_listed(staff_client: Client, shop: Subscription) -> None:
    Domain.objects.filter(name="example.com").update(removed_at=timezone.now())
    Certificate.objects.filter(name="*.example.com").update(gone_at=timezone.now())
    assert listed(staff_client) == ["xn--bcher-kva.example", "www.example.com"]


def test_it_pages_by_key(staff_client: Client, running_subscription: Subscription, customer: Customer) -> None:
    names = Domain.objects.bulk_create(
        Domain(subscription=running_subscription, name=f"host{number:02}.example.com") for number in range(60)
    )
    end = timezone.now() + timedelta(days=30)
    Certificate.objects.bulk_create(
        Certificate(domain=one, code=one.code, name=one.name, ends_at=end, sort_at=end, standing="issued")
        for one in names
    )
    shown: list[str] = []
    place: dict[str, Any] = {}
    for _ in range(3):
        selection = staff_client.get(URL, place).context["filter"]
        shown += [row.name for row in selection.page.rows]
        place = {"after": selection.page.last}
    assert shown == [one.name for one in names]


def test_the_file(staff_client: Client, shop: Subscription) -> None:
    lines = {line["In A-labels"]: line for line in lines_of(staff_client)}
    assert len(lines) == 4
    failing, covered = lines["xn--bcher-kva.example"], lines["www.example.com"]
    assert (failing["Name"], failing["State"], failing["The CA’s words"]) == (
        "bücher.example", "Failing", "PRE-SIGN FAILED: CAA",
    )  # fmt: skip
    assert (covered["State"], covered["Covered by"], covered["Customer"]) == (
        "Current", "*.example.com", "Northwind Traders",
    )  # fmt: skip
    assert [line["State"] for line in lines_of(staff_client, state="current", sort="name")] == ["Current"] * 3


def test_the_chosen_ones_as_a_file(staff_client: Client, shop: Subscription) -> None:
    code = shop.domains.get(name="example.com").code
    response: Any = staff_client.post(FILE, {"row": [code]})
    assert response.getvalue().decode().count("example.com") >= 1
    assert "bücher" not in response.getvalue().decode()
    assert staff_client.post(FILE).status_code == 302


def test_who_does_not_work_here(client: Client, owner: User) -> None:
    assert cast.sign_in(client, owner).get(URL).status_code == 404


@pytest.mark.parametrize("query", [{"state": "none"}, {"since": "x"}, {"after": "x"}, {"sort": "-pk"}])
def test_what_cannot_be_read(staff_client: Client, shop: Subscription, query: dict[str, str]) -> None:
    assert staff_client.get(URL, query).status_code == 200
