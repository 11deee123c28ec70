"""Recording and changing organization pre-validations."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, User
from subscriptions.models import Prevalidation
from tests.subscriptions.views.staff.access_checks import status_for, unknown

ADD = reverse("subscriptions:prevalidation-add")


@pytest.fixture
def typed(customer: Customer) -> dict[str, Any]:
    return {
        "customer": "Northwind",
        "organization_name": "Northwind Traders Ltd",
        "ov_anchor_order_number": "880000123",
        "valid_until": "2027-05-31",
    }


def edit_url(prevalidation: Prevalidation) -> str:
    return reverse("subscriptions:prevalidation-edit", args=[prevalidation.code])


def test_add_works(staff_client: Client, typed: dict[str, Any], customer: Customer, operator: User) -> None:
    response = staff_client.post(ADD, typed)

    prevalidation = Prevalidation.objects.get()
    assert response["Location"] == reverse("subscriptions:customer-detail", args=[customer.code])
    assert (prevalidation.customer, prevalidation.valid_until) == (customer, date(2027, 5, 31))
    assert (prevalidation.ov_anchor_order_number, prevalidation.created_by) == ("880000123", operator)


def test_add_starts_with_the_customer_asked_for(staff_client: Client, customer: Customer) -> None:
    form = staff_client.get(ADD, {"customer": str(customer.code)}).context["form"]

    assert form["customer"].value() == "Northwind Traders"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("customer", "Nobody", "No customer is called “Nobody”."),
        ("organization_name", "", "This field is required."),
        ("ov_anchor_order_number", "88 00", "An order number has no blanks and only plain characters."),
        ("ov_anchor_order_number", "x" * 129, "Ensure this value has at most 128 characters (it has 129)."),
        ("valid_until", "31 May", "Enter a valid date."),
    ],
)
def test_add_tells_bad_input_at_its_place(
    staff_client: Client, typed: dict[str, Any], field: str, value: str, message: str
) -> None:
    response = staff_client.post(ADD, typed | {field: value})

    assert response.status_code == 200
    assert message in response.content.decode()
    assert Prevalidation.objects.count() == 0


def test_add_refuses_an_order_number_twice(
    staff_client: Client, typed: dict[str, Any], prevalidation: Prevalidation
) -> None:
    response = staff_client.post(ADD, typed | {"ov_anchor_order_number": prevalidation.ov_anchor_order_number})

    assert "A pre-validation with this order number is recorded already." in response.content.decode()
    assert Prevalidation.objects.count() == 1


def test_edit_works_and_keeps_the_order_number(staff_client: Client, prevalidation: Prevalidation) -> None:
    number = prevalidation.ov_anchor_order_number

    response = staff_client.post(
        edit_url(prevalidation),
        {"organization_name": "Northwind AG", "valid_until": "2028-01-31", "ov_anchor_order_number": "1"},
    )

    prevalidation.refresh_from_db()
    assert response["Location"] == reverse("subscriptions:prevalidation-list")
    assert (prevalidation.organization_name, prevalidation.valid_until) == ("Northwind AG", date(2028, 1, 31))
    assert prevalidation.ov_anchor_order_number == number
    assert AuditEvent.objects.get().action == "prevalidation.changed"


def test_edit_tells_bad_input_and_keeps_it(staff_client: Client, prevalidation: Prevalidation) -> None:
    response = staff_client.post(edit_url(prevalidation), {"organization_name": "Typed", "valid_until": "never"})

    assert "Enter a valid date." in response.content.decode()
    assert 'value="Typed"' in response.content.decode()
    assert AuditEvent.objects.count() == 0


def test_access_and_wrong_method(
    prevalidation: Prevalidation, owner: User, stranger: User, auditor: User, operator: User, typed: dict[str, Any]
) -> None:
    for url in (ADD, edit_url(prevalidation)):
        assert status_for(None, url, "post", typed) == 302
        assert status_for(stranger, url, "post", typed) == 404
        assert status_for(owner, url, "post", typed) == 404
        assert status_for(auditor, url, "post", typed) == 403
        assert status_for(operator, url, "put") == 405
    assert status_for(operator, unknown("prevalidation-edit")) == 404
    assert AuditEvent.objects.count() == 0
