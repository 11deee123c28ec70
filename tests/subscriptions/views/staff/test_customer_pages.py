"""Customers: adding, showing, editing, suggesting."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Invitation, User
from subscriptions.models import Prevalidation, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown

ADD = reverse("subscriptions:customer-add")


def url_of(route: str, customer: Customer) -> str:
    return reverse(f"subscriptions:{route}", args=[customer.code])


def test_customer_add_works(staff_client: Client, operator: User) -> None:
    typed = {"name": "Northwind Traders", "reference": "K-1", "contact_email": "it@northwind.example", "notes": "n"}

    response = staff_client.post(ADD, typed)

    customer = Customer.objects.get()
    assert response["Location"] == url_of("customer-detail", customer)
    assert (customer.name, customer.reference, customer.created_by) == ("Northwind Traders", "K-1", operator)
    assert AuditEvent.objects.get().action == "customer.created"


def test_customer_add_can_go_on_to_the_acme_account(staff_client: Client) -> None:
    response = staff_client.post(f"{ADD}?then=subscription-add", {"name": "Northwind"})

    assert response["Location"] == f"{reverse('subscriptions:subscription-add')}?customer={Customer.objects.get().code}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Fill this in."),
        ("name", "x" * 151, "Shorten this to 150 characters at most; it has 151."),
        ("name", "NORTHWIND traders", "There is a customer with this name already"),
        ("contact_email", "not an address", "This is no e-mail address. One looks like name@example.com."),
    ],
)
def test_customer_add_tells_bad_input_at_its_place(
    staff_client: Client, customer: Customer, field: str, value: str, message: str
) -> None:
    response = staff_client.post(ADD, {"name": "Contoso", "notes": "typed notes", field: value})

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert message in response.content.decode()
    assert "typed notes" in response.content.decode()
    assert Customer.objects.count() == 1


def test_customer_detail_works(
    staff_client: Client, customer: Customer, owner: User, subscription: Subscription, prevalidation: Prevalidation
) -> None:
    staff_client.post(url_of("person-invite", customer), {"email": "new@northwind.example", "role": "viewer"})

    page = staff_client.get(url_of("customer-detail", customer)).content.decode()

    for text in ("Northwind Traders", owner.email, "Web shop", "new@northwind.example", "Invited"):
        assert text in page
    assert prevalidation.ov_anchor_order_number in page
    assert reverse("subscriptions:invitation-revoke", args=[Invitation.objects.get().code]) in page


def test_customer_detail_shows_only_its_own(staff_client: Client, customer: Customer, stranger: User) -> None:
    other = stranger.customers.get()
    cast.make_subscription(other, label="Foreign")

    page = staff_client.get(url_of("customer-detail", customer)).content.decode()

    assert stranger.email not in page
    assert "Foreign" not in page


def test_customer_detail_gives_an_auditor_no_actions(
    auditor: User, reseller_admin: User, customer: Customer, prevalidation: Prevalidation
) -> None:
    cast.sign_in(Client(), reseller_admin).post(
        url_of("person-invite", customer), {"email": "new@northwind.example", "role": "viewer"}
    )

    page = cast.sign_in(Client(), auditor).get(url_of("customer-detail", customer)).content.decode()

    for route in ("customer-edit", "person-invite"):
        assert url_of(route, customer) not in page
    assert reverse("subscriptions:invitation-revoke", args=[Invitation.objects.get().code]) not in page
    assert reverse("subscriptions:subscription-add") not in page


def test_customer_detail_takes_as_many_queries_for_many_rows(
    staff_client: Client, count_queries: Any, server_ov: Any, reseller_admin: User
) -> None:
    few, many = cast.make_customer(), cast.make_customer()
    for customer, number in ((few, 10), (many, 300)):
        for index in range(number):
            cast.add_person(customer, User.objects.create(email=f"{customer.pk}-{index}@northwind.example"))
        Subscription.objects.bulk_create(
            Subscription(customer=customer, server=server_ov, term_years=1) for _ in range(number)
        )
        Invitation.objects.bulk_create(
            Invitation(
                customer=customer,
                email=f"i{index}@x.example",
                invited_by=reseller_admin,
                expires_at=cast.utc(2030, 1, 1),
            )
            for index in range(number)
        )
        AuditEvent.objects.bulk_create(
            AuditEvent(action="customer.changed", customer_code=customer.code, actor_name=str(reseller_admin))
            for _ in range(number)
        )

    assert count_queries(staff_client, url_of("customer-detail", few)) == count_queries(
        staff_client, url_of("customer-detail", many)
    )


def test_customer_edit_works(staff_client: Client, customer: Customer) -> None:
    response = staff_client.post(url_of("customer-edit", customer), {"name": "Northwind Ltd", "reference": "K-2"})

    customer.refresh_from_db()
    assert response["Location"] == url_of("customer-detail", customer)
    assert (customer.name, customer.reference) == ("Northwind Ltd", "K-2")
    assert AuditEvent.objects.get().detail == {
        "fields": ["name", "reference"],
        "changes": {"name": ["Northwind Traders", "Northwind Ltd"], "reference": ["", "K-2"]},
    }


def test_customer_edit_without_a_change_writes_nothing(staff_client: Client, customer: Customer) -> None:
    staff_client.post(url_of("customer-edit", customer), {"name": customer.name})

    assert AuditEvent.objects.count() == 0


def test_customer_edit_keeps_what_was_typed_and_the_name_in_the_head(staff_client: Client, customer: Customer) -> None:
    response = staff_client.post(url_of("customer-edit", customer), {"name": "", "notes": "typed notes"})

    page = response.content.decode()
    assert "Fill this in." in page
    assert "typed notes" in page
    assert "<title>Edit Northwind Traders" in page
    customer.refresh_from_db()
    assert customer.name == "Northwind Traders"


def test_customer_options_suggests_by_name_and_reference(staff_client: Client, customer: Customer) -> None:
    cast.make_customer("Contoso")
    url = reverse("subscriptions:customer-options")

    page = staff_client.get(url, {"customer": "north"}).content.decode()

    assert page.split() == ["<option", 'value="Northwind', 'Traders"></option>']
    assert staff_client.get(url, {"customer": "zzz"}).content.decode().strip() == ""


def test_prevalidation_options_follow_the_customer(
    staff_client: Client, customer: Customer, prevalidation: Prevalidation
) -> None:
    url = reverse("subscriptions:prevalidation-options")

    assert prevalidation.ov_anchor_order_number in staff_client.get(url, {"customer": customer.name}).content.decode()
    page = staff_client.get(url, {"customer": "nobody"}).content.decode()
    assert prevalidation.ov_anchor_order_number not in page
    assert "Choose the customer first" in page


@pytest.mark.parametrize("route", ["customer-edit", "person-invite"])
def test_changes_are_for_those_who_may_write(
    customer: Customer, owner: User, stranger: User, auditor: User, operator: User, route: str
) -> None:
    url = url_of(route, customer)
    typed: dict[str, object] = {"name": "Changed", "email": "new@northwind.example", "role": "owner"}
    assert status_for(None, url, "post", typed) == 302
    assert status_for(stranger, url, "post", typed) == 404
    assert status_for(owner, url, "post", typed) == 404
    assert status_for(auditor, url, "post", typed) == 403
    assert status_for(operator, unknown(route)) == 404
    assert status_for(operator, url, "put") == 405
    customer.refresh_from_db()
    assert customer.name == "Northwind Traders"
    assert Invitation.objects.count() == 0


def test_adding_is_for_those_who_may_write(auditor: User, owner: User, operator: User) -> None:
    assert status_for(auditor, ADD, "post", {"name": "New"}) == 403
    assert status_for(owner, ADD, "post", {"name": "New"}) == 404
    assert status_for(operator, ADD, "put") == 405
    assert list(Customer.objects.values_list("name", flat=True)) == ["Northwind Traders"]


def test_person_invite_works(staff_client: Client, customer: Customer, operator: User) -> None:
    response = staff_client.post(
        url_of("person-invite", customer), {"email": "New@Northwind.example", "role": "member"}
    )

    invitation = Invitation.objects.get()
    assert response["Location"] == url_of("customer-detail", customer)
    assert (invitation.email, invitation.role, invitation.invited_by) == (
        "new@northwind.example",
        "member",
        operator,
    )


@pytest.mark.parametrize(
    ("email", "role", "message"),
    [
        ("", "owner", "Type an e-mail address."),
        ("nonsense", "owner", "This is no e-mail address. One looks like name@example.com."),
        ("owner@northwind.example", "owner", "owner@northwind.example belongs to Northwind Traders already."),
        (
            "operator@reseller.example",
            "owner",
            "operator@reseller.example is the address of somebody on the reseller’s staff",
        ),
        ("new@northwind.example", "king", "This is not offered here. Choose one of those that are."),
    ],
)
def test_person_invite_tells_bad_input_at_its_place(
    staff_client: Client, customer: Customer, owner: User, email: str, role: str, message: str
) -> None:
    response = staff_client.post(url_of("person-invite", customer), {"email": email, "role": role})

    assert response.status_code == 200
    assert message in response.content.decode()
    assert Invitation.objects.count() == 0


def test_invitation_revoke_works_once(staff_client: Client, customer: Customer) -> None:
    staff_client.post(url_of("person-invite", customer), {"email": "new@northwind.example", "role": "member"})
    url = reverse("subscriptions:invitation-revoke", args=[Invitation.objects.get().code])

    staff_client.post(url)
    again = staff_client.post(url, follow=True)

    assert Invitation.objects.get().state == "revoked"
    assert "is no longer open; nothing was changed." in again.content.decode()
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1


def test_invitation_revoke_access(staff_client: Client, customer: Customer, auditor: User, owner: User) -> None:
    staff_client.post(url_of("person-invite", customer), {"email": "new@northwind.example", "role": "member"})
    url = reverse("subscriptions:invitation-revoke", args=[Invitation.objects.get().code])

    assert status_for(auditor, url, "post") == 403
    assert status_for(owner, url, "post") == 404
    assert status_for(None, url, "post") == 302
    assert staff_client.get(url).status_code == 405
    assert staff_client.post(unknown("invitation-revoke")).status_code == 404
    assert Invitation.objects.get().state == "open"
