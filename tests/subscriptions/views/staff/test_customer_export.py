"""The list of customers as a CSV file: what is filtered, in its order, safe to open in a spreadsheet."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Customer, User
from portal.csv_files import plain
from subscriptions.models import Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

URL = reverse("subscriptions:customer-export")


def text_of(client: Client, **query: str) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    assert isinstance(response, StreamingHttpResponse)
    return response.getvalue().decode()


def rows_of(client: Client, **query: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text_of(client, **query).removeprefix("\ufeff"), newline="")))[1:]


def names_of(client: Client, **query: str) -> list[str]:
    return [row[0] for row in rows_of(client, **query)]


def test_it_works(staff_client: Client, running_subscription: Subscription, owner: User) -> None:
    Customer.objects.update(reference="K-1", contact_email="it@northwind.example", created_at=cast.utc(2026, 3, 5, 23))

    response = staff_client.get(URL)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="customers.csv"'
    assert response.getvalue().decode() == (
        "\ufeffCustomer,Your reference,Address for notices,Subscriptions,Names,People,Since (UTC)\r\n"
        "Northwind Traders,K-1,it@northwind.example,1,2,1,2026-03-05 23:00:00\r\n"
    )


def test_it_holds_what_the_list_shows(staff_client: Client, running_subscription: Subscription) -> None:
    cast.make_customer("Contoso")
    cast.make_customer("Northwind Retail")

    assert names_of(staff_client) == ["Contoso", "Northwind Retail", "Northwind Traders"]
    assert names_of(staff_client, q="northwind", sort="-name") == ["Northwind Traders", "Northwind Retail"]
    assert names_of(staff_client, sort="-domain_count", page="7")[0] == "Northwind Traders"
    assert names_of(staff_client, having="none") == ["Contoso", "Northwind Retail"]
    assert names_of(staff_client, q="nobody") == []


def test_the_list_leads_to_it_with_its_filter(staff_client: Client, customer: Customer) -> None:
    page = staff_client.get(reverse("subscriptions:customer-list"), {"q": "northwind", "page": "1"}).content.decode()

    assert f'href="{URL}?q=northwind"' in page


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_in_it_is_run_as_a_formula(staff_client: Client, customer: Customer, start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    Customer.objects.update(name=text, reference=text)

    assert rows_of(staff_client)[0][:2] == [f"'{text}", f"'{text}"]


@pytest.mark.parametrize("cell", ["Northwind = Traders", "a-b", "", 0, 17])
def test_what_is_no_formula_stays_as_it_is(cell: str | int) -> None:
    assert plain(cell) == cell


def test_queries_do_not_grow_with_rows(staff_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(staff_client)
        return len(captured)

    Customer.objects.bulk_create(Customer(name=f"Litware {number}") for number in range(10))
    queries()
    few = queries()
    Customer.objects.bulk_create(Customer(name=f"Litware {number}") for number in range(10, 2000))

    assert queries() == few
    assert len(rows_of(staff_client)) == 2000


def test_access_and_wrong_method(owner: User, stranger: User, auditor: User, operator: User) -> None:
    assert status_for(None, URL) == 302
    assert status_for(stranger, URL) == 404
    assert status_for(owner, URL) == 404
    assert status_for(auditor, URL) == 200
    assert status_for(operator, URL, "post") == 302  # no row is chosen
