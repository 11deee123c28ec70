"""What customers see of their organizations."""

import html
from datetime import timedelta
from typing import Any

from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.kept_settings import keep_setting
from accounts.models import Customer, User
from subscriptions.models import Prevalidation
from subscriptions.rules.prevalidations import PrevalidationStatus
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from tests import cast

URL = reverse("subscriptions:my-organizations")


def text_of(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def test_it_shows_until_when_and_what_is_expected(client: Client, viewer: User, customer: Customer) -> None:
    today = timezone.now().date()
    one = cast.make_prevalidation(
        customer, valid_until=today + timedelta(days=300), locality="Springfield", contact_first_name="Carla",
        notes="A secret of the reseller.",
    )  # fmt: skip
    cast.make_prevalidation(customer, recorded_status="replaced", organization_name="Old Northwind")
    cast.make_prevalidation(cast.make_customer("Contoso"), organization_name="Contoso Ltd")
    subscription = cast.make_subscription(customer, cast.make_server("OV"), prevalidation=one)
    cast.make_domain(subscription, "www.example.com", ov_anchor_order_number=one.ov_anchor_order_number)
    cast.sign_in(client, viewer)
    pages = [URL, reverse("subscriptions:my-subscription", args=[subscription.code])]

    (row,) = client.get(URL).context["rows"]
    assert (row.status, row.names, row.valid_until) == (PrevalidationStatus.VALID, 1, one.valid_until)
    said = {
        ("valid", 300, ""): "Nothing now.",
        (
            "requested",
            300,
            "",
        ): "Your provider has asked the CA to validate it. The CA may call or write to your contact, Carla,",
        ("in_validation", 300, ""): "The CA is validating it.",
        ("valid", 20, "manual"): "Your provider has it validated anew before it ends.",
        ("valid", 20, "automatic"): "The CA renews it by itself.",
        ("valid", -1, "manual"): "Ask your provider to have it validated anew",
    }
    for (recorded, days, mode), words in said.items():
        last = today + timedelta(days=days)
        Prevalidation.objects.filter(pk=one.pk).update(recorded_status=recorded, valid_until=last)
        keep_setting(RENEWAL_MODE, mode)
        for page in pages:
            text = text_of(client.get(page))
            assert words in text
            assert "Northwind Traders Ltd" in text
            for hidden in ("A secret of the reseller.", "Contoso", "Old Northwind"):
                assert hidden not in text


def test_they_are_searched_ordered_and_had_as_a_file(client: Client, viewer: User, customer: Customer) -> None:
    last = timezone.now().date()
    for number, name, days in (("1", "Alpha Ltd", 90), ("2", "beta Ltd", 30)):
        cast.make_prevalidation(
            customer, number=number, organization_name=name, valid_until=last + timedelta(days=days), notes="A secret."
        )
    cast.make_prevalidation(cast.make_customer("Contoso"), number="3", organization_name="Contoso Ltd")
    cast.sign_in(client, viewer)

    def listed(**query: str) -> list[str]:
        return [row.record.organization_name for row in client.get(URL, query).context["table"].rows]

    assert listed() == ["Alpha Ltd", "beta Ltd"]
    assert listed(sort="valid_until") == ["beta Ltd", "Alpha Ltd"]
    assert listed(q="BETA") == ["beta Ltd"]
    assert listed(q="contoso") == []
    assert listed(until=(last + timedelta(days=40)).isoformat()) == ["beta Ltd"]
    file = client.get(reverse("subscriptions:my-organization-export"), {"q": "beta"})
    assert isinstance(file, StreamingHttpResponse)
    text = file.getvalue().decode()
    assert "beta Ltd" in text
    for hidden in ("Alpha", "Contoso", "A secret."):
        assert hidden not in text


def test_home_and_subscription_lead_there(client: Client, member: User, customer: Customer) -> None:
    cast.sign_in(client, member)
    home = reverse("subscriptions:my-home")
    assert URL not in text_of(client.get(home))
    assert "No organization yet" in text_of(client.get(URL))

    prevalidation = cast.make_prevalidation(customer)
    ov = cast.make_subscription(customer, cast.make_server("OV"), prevalidation=prevalidation)
    dv = cast.make_subscription(customer)
    assert URL in text_of(client.get(home))
    assert URL in text_of(client.get(reverse("subscriptions:my-subscription", args=[ov.code])))
    assert URL not in text_of(client.get(reverse("subscriptions:my-subscription", args=[dv.code])))
