"""Which pre-validations forms offer: what can be chosen comes first, the rest is shown with the reason."""

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.kept_settings import keep_setting
from accounts.models import Customer, User
from subscriptions.models import AcmeServer, Prevalidation, Subscription
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from subscriptions.services.subscriptions import create_subscription
from tests import cast

ADD = reverse("subscriptions:subscription-add")


def text_of(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


@pytest.fixture
def each(customer: Customer) -> dict[str, Prevalidation]:
    """A pre-validation in each status."""
    today = timezone.now().date()
    kept = {
        "lapsed": ("valid", -1),
        "replaced": ("replaced", 100),
        "requested": ("requested", 100),
        "in_validation": ("in_validation", 100),
        "expiring": ("valid", 10),
        "valid": ("valid", 100),
    }
    return {
        status: cast.make_prevalidation(
            customer, recorded_status=recorded, valid_until=today + timedelta(days=days), number=f"77-{status}"
        )
        for status, (recorded, days) in kept.items()
    }


def offered(page: Any) -> set[str]:
    """The statuses of what can be chosen."""
    return {str(offer.status) for offer in page.context["form"].offers if not offer.why_not}


@pytest.mark.parametrize(("mode", "more"), [("manual", set()), ("automatic", {"lapsed"})])
def test_names_go_under_valid_ones_only(
    staff_client: Client, each: dict[str, Prevalidation], server_ov: AcmeServer, mode: str, more: set[str]
) -> None:
    keep_setting(RENEWAL_MODE, mode)
    subscription = cast.make_subscription(each["valid"].customer, server_ov)
    url = reverse("subscriptions:domain-add", args=[subscription.code])
    page = staff_client.get(url)

    assert offered(page) == {"valid", "expiring"} | more
    shown = [offer.why_not for offer in page.context["form"].offers]
    assert shown == sorted(shown, key=bool)
    for why in filter(None, shown):
        assert why in text_of(page)
    for status, prevalidation in each.items():
        typed = {"names": f"{status.replace('_', '-')}.example.com", "prevalidation": prevalidation.code}
        answer = staff_client.post(url, typed | {"form_token": uuid4()})
        assert (answer.status_code == 302) is (status in {"valid", "expiring"} | more)


def test_an_account_may_be_made_while_the_organization_is_validated(
    staff_client: Client, each: dict[str, Prevalidation], server_ov: AcmeServer, operator: User
) -> None:
    customer = each["valid"].customer
    typed = {"customer": customer.name, "server": server_ov.code, "term_years": "1", "label": ""}
    page = staff_client.post(ADD, typed | {"prevalidation": "", "form_token": uuid4()})
    assert offered(page) == {"valid", "expiring", "requested", "in_validation"}
    assert "The CA has not validated the organization yet" in text_of(page)

    for status, prevalidation in each.items():
        answer = staff_client.post(ADD, typed | {"prevalidation": prevalidation.code, "form_token": uuid4()})
        made = Subscription.objects.filter(prevalidation=prevalidation).exists()
        assert made is (answer.status_code == 302) is (status not in ("lapsed", "replaced"))
    with pytest.raises(ServiceError, match="has passed"):
        create_subscription(
            actor=operator, customer=customer, server=server_ov, term_years=1, prevalidation=each["lapsed"],
            form_token=uuid4(),
        )  # fmt: skip


def test_one_is_for_its_own_certificate_type(customer: Customer, server_ov: AcmeServer, operator: User) -> None:
    other = cast.make_prevalidation(customer, type="EV", number="77")
    with pytest.raises(ServiceError, match="This pre-validation is for EV"):
        create_subscription(
            actor=operator, customer=customer, server=server_ov, term_years=1, prevalidation=other, form_token=uuid4()
        )
