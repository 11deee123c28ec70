"""Creating an ACME account by form."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, User
from subscriptions.models import AcmeServer, Operation, Prevalidation, Subscription
from tests import cast
from tests.cast import make_customer, make_prevalidation
from tests.subscriptions.views.staff.access_checks import status_for

URL = reverse("subscriptions:subscription-add")


@pytest.fixture
def typed(customer: Customer, server_dv: AcmeServer) -> dict[str, Any]:
    return {
        "customer": "northwind",
        "server": server_dv.code,
        "term_years": "2",
        "label": "Web shop",
        "form_token": uuid4(),
    }


def test_it_works(staff_client: Client, typed: dict[str, Any], operator: User) -> None:
    response = staff_client.post(URL, typed)

    subscription = Subscription.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("subscriptions:subscription-detail", args=[subscription.code])
    assert (subscription.customer.name, subscription.term_years, subscription.label) == (
        "Northwind Traders",
        2,
        "Web shop",
    )
    operation = Operation.objects.get()
    assert (operation.kind, operation.state, operation.created_by) == ("preregister", "queued", operator)


def test_the_work_is_sent_to_a_worker_after_the_commit(
    staff_client: Client,
    typed: dict[str, Any],
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    cast.open_gate()

    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(URL, typed)

    assert no_broker == [("execute_operation", (Operation.objects.get().pk,))]


def test_the_form_offers_types_terms_and_a_token(
    staff_client: Client, server_dv: AcmeServer, server_ov: AcmeServer
) -> None:
    AcmeServer.objects.filter(pk=server_ov.pk).update(is_offered=False)

    page = staff_client.get(URL).content.decode()

    assert server_dv.directory_url in page
    assert server_ov.directory_url not in page
    assert page.count('name="term_years"') == 3
    assert 'name="form_token"' in page


def test_a_type_that_cannot_be_sold_is_shown_and_not_offered(
    staff_client: Client, typed: dict[str, Any], server_dv: AcmeServer
) -> None:
    qwac = cast.make_server("QWAC")
    hidden = cast.make_server("EV", is_offered=False)

    page = staff_client.get(URL).content.decode()
    refused = staff_client.post(URL, typed | {"server": qwac.code})

    assert page.count('name="server"') == 1
    assert qwac.directory_url in page
    assert "The portal cannot add names of this type yet: the CA asks for a pre-validation for QWAC" in page
    assert hidden.directory_url not in page
    assert "This type is no longer offered." in refused.content.decode()
    assert Subscription.objects.count() == Operation.objects.count() == 0


def test_it_starts_with_the_customer_asked_for(staff_client: Client, customer: Customer, server_ov: AcmeServer) -> None:
    own = make_prevalidation(customer)
    other = make_prevalidation(make_customer("Contoso"))

    page = staff_client.get(URL, {"customer": str(customer.code)}).content.decode()

    assert 'value="Northwind Traders"' in page
    assert own.ov_anchor_order_number in page
    assert other.ov_anchor_order_number not in page


def test_ov_takes_the_prevalidation(
    staff_client: Client, typed: dict[str, Any], server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    staff_client.post(URL, typed | {"server": server_ov.code, "prevalidation": prevalidation.code})

    assert Subscription.objects.get().prevalidation == prevalidation


def test_ov_without_a_prevalidation_is_refused_with_a_way_out(
    staff_client: Client, typed: dict[str, Any], server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    response = staff_client.post(URL, typed | {"server": server_ov.code})

    page = response.content.decode()
    assert response.status_code == 200
    assert "needs the pre-validation of the organization" in page
    assert prevalidation.ov_anchor_order_number in page
    assert 'value="northwind"' in page
    assert Subscription.objects.count() == 0
    assert Operation.objects.count() == 0


def test_another_customers_prevalidation_is_refused(
    staff_client: Client, typed: dict[str, Any], server_ov: AcmeServer
) -> None:
    foreign = make_prevalidation(make_customer("Contoso"))

    response = staff_client.post(URL, typed | {"server": server_ov.code, "prevalidation": foreign.code})

    assert "does not belong to the customer" in response.content.decode()
    assert Subscription.objects.count() == 0


def test_dv_forgets_a_prevalidation(staff_client: Client, typed: dict[str, Any], prevalidation: Prevalidation) -> None:
    staff_client.post(URL, typed | {"prevalidation": prevalidation.code})

    assert Subscription.objects.get().prevalidation is None


def test_a_double_click_makes_one_account(staff_client: Client, typed: dict[str, Any]) -> None:
    first = staff_client.post(URL, typed)
    second = staff_client.post(URL, typed)

    assert first["Location"] == second["Location"]
    assert Subscription.objects.count() == 1
    assert Operation.objects.count() == 1


def test_going_back_and_changing_the_form_makes_another_account(staff_client: Client, typed: dict[str, Any]) -> None:
    staff_client.post(URL, typed)
    staff_client.post(URL, typed | {"term_years": "3"})

    assert sorted(Subscription.objects.values_list("term_years", flat=True)) == [2, 3]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("customer", "Nobody Ltd", "No customer is called “Nobody Ltd”."),
        ("customer", "", "Fill this in."),
        ("server", "", "Choose a certificate type."),
        ("server", "9f2b60cf-1a37-472b-b73d-7edbdcfdf173", "This type is no longer offered."),
        ("term_years", "9", "This is not offered here. Choose one of those that are."),
        ("label", "x" * 101, "Shorten this to 100 characters at most; it has 101."),
        ("form_token", "nonsense", "Send again."),
    ],
)
def test_bad_input_is_told_at_its_place(
    staff_client: Client, typed: dict[str, Any], field: str, value: str, message: str
) -> None:
    response = staff_client.post(URL, typed | {field: value})

    assert response.status_code == 200
    assert message in response.content.decode()
    assert Subscription.objects.count() == 0


def test_a_part_of_a_name_that_fits_several_customers_names_them(staff_client: Client, typed: dict[str, Any]) -> None:
    make_customer("Northwind Europe")

    response = staff_client.post(URL, typed)

    assert "Several customers match: Northwind Europe, Northwind Traders." in response.content.decode()
    assert Subscription.objects.count() == 0


def test_access(typed: dict[str, Any], owner: User, auditor: User, stranger: User) -> None:
    assert status_for(None, URL, "post", typed) == 302
    assert status_for(stranger, URL, "post", typed) == 404
    assert status_for(owner, URL, "post", typed) == 404
    assert status_for(auditor, URL, "post", typed) == 403
    assert Subscription.objects.count() == 0


def test_wrong_method(operator: User) -> None:
    assert status_for(operator, URL, "put") == 405


def test_a_new_customer_is_added_with_its_first_account(
    staff_client: Client, typed: dict[str, Any], operator: User
) -> None:
    new = typed | {"customer": " Fabrikam ", "is_new": "on", "contact_email": "Fay@Fabrikam.example"}

    first, second = staff_client.post(URL, new), staff_client.post(URL, new)

    subscription = Subscription.objects.get()
    assert first["Location"] == second["Location"]
    assert first["Location"] == reverse("subscriptions:subscription-detail", args=[subscription.code])
    fabrikam = subscription.customer
    assert (fabrikam.name, fabrikam.contact_email, fabrikam.created_by) == (
        "Fabrikam",
        "fay@fabrikam.example",
        operator,
    )
    assert Operation.objects.count() == 1
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions[:2] == ["customer.created", "subscription.created"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"customer": "NORTHWIND traders"}, "There is a customer with this name already: <a href="),
        ({"customer": "www.fabrikam.example"}, "web address"),
        ({"customer": ""}, "Fill this in."),
        ({"contact_email": "nobody"}, "This is no e-mail address."),
    ],
)
def test_a_new_customer_that_cannot_be_added(
    staff_client: Client, typed: dict[str, Any], changed: dict[str, str], message: str
) -> None:
    page = staff_client.post(URL, typed | {"customer": "Fabrikam", "is_new": "on"} | changed).content.decode()
    assert message in page
    assert Customer.objects.count() == 1
    assert not Subscription.objects.exists()


def test_a_new_customer_has_no_prevalidation_yet(
    staff_client: Client, typed: dict[str, Any], server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    new = typed | {"customer": "Fabrikam", "is_new": "on", "server": server_ov.code}
    page = staff_client.post(URL, new).content.decode()
    assert "Add the customer first, and record it there." in page
    assert prevalidation.ov_anchor_order_number not in page
    assert Customer.objects.count() == 1


def test_what_was_chosen_can_stand_in_the_address(
    staff_client: Client, server_ov: AcmeServer, customer: Customer
) -> None:
    chosen = {"server": str(server_ov.code), "term_years": "3", "label": "Web & shop"}
    form = staff_client.get(URL, chosen | {"customer": str(customer.code)}).context["form"]
    assert {name: str(form[name].value()) for name in chosen} == chosen
    assert form.chosen_customer == customer


@pytest.mark.parametrize("address", ["server=x&term_years=9", "label=" + "x" * 500, "server=&customer=nothing"])
def test_an_address_that_says_nothing_true_starts_the_form_anyway(staff_client: Client, address: str) -> None:
    assert staff_client.get(f"{URL}?{address}").status_code == 200
