"""People in Django admin."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Membership, User
from accounts.roles import ResellerRole
from tests import cast

ADD = reverse("admin:accounts_user_add")


@pytest.fixture
def root(db: None) -> Client:
    return cast.sign_in(Client(), User.objects.create_superuser("root@reseller.example", cast.PASSWORD))


@pytest.fixture
def clerk(db: None) -> User:
    """May use Django admin and change users, and is no superuser."""
    user = cast.make_user("clerk@reseller.example", reseller_role=ResellerRole.OPERATOR)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    return user


def test_who_may_change_users_gives_nobody_rights(clerk: User) -> None:
    client, person = cast.sign_in(Client(), clerk), cast.make_user("person@northwind.example")
    url = reverse("admin:accounts_user_change", args=[person.pk])
    fields = {"email": person.email, "name": "Renamed", "reseller_role": "reseller_admin", "is_superuser": "on"}
    assert client.post(url, fields | {"is_active": "on", "time_zone": ""}).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.reseller_role, person.is_superuser) == ("Renamed", "", False)


def test_who_may_change_users_takes_no_colleague_over(clerk: User) -> None:
    client = cast.sign_in(Client(), clerk)
    admin = cast.make_user("admin@reseller.example", reseller_role=ResellerRole.ADMIN)
    for route in ("admin:accounts_user_change", "admin:auth_user_password_change"):
        answer = client.post(
            reverse(route, args=[admin.pk]), {"password1": "a long and good one", "password2": "a long and good one"}
        )
        assert answer.status_code == 403
    assert (
        client.post(reverse("admin:accounts_user_change", args=[clerk.pk]), {"is_superuser": "on"}).status_code == 403
    )
    admin.refresh_from_db()
    assert admin.check_password(cast.PASSWORD)


def test_a_user_is_added_by_address(root: Client) -> None:
    fields = {
        "email": "Nina@Northwind.example",
        "name": "Nina",
        "usable_password": "true",
        "password1": "a long and good one",
        "password2": "a long and good one",
    }
    assert root.post(ADD, fields).status_code == 302
    user = User.objects.get(email="nina@northwind.example")
    assert (user.name, user.check_password("a long and good one"), user.is_staff) == ("Nina", True, False)
    again = root.post(ADD, fields)
    assert again.context["adminform"].form.errors == {"email": ["Another user has this e-mail address."]}


def test_roles_are_given(root: Client, member: User) -> None:
    url = reverse("admin:accounts_user_change", args=[member.pk])
    fields = {"email": "MEMBER@northwind.example", "name": "Max", "reseller_role": "operator", "is_active": "on"}
    assert root.post(url, fields).status_code == 302
    member.refresh_from_db()
    assert (member.email, member.reseller_role, member.is_staff) == ("member@northwind.example", "operator", False)


def test_people_of_a_customer(root: Client, customer: Customer, stranger: User) -> None:
    url = reverse("admin:accounts_customer_change", args=[customer.pk])
    fields = {
        "name": customer.name,
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": str(stranger.pk),
        "memberships-0-role": "viewer",
        "memberships-0-customer": str(customer.pk),
    }
    assert root.post(url, fields).status_code == 302
    assert Membership.objects.get(customer=customer, user=stranger).role == "viewer"


def test_who_made_a_customer_is_noted(root: Client) -> None:
    fields = {"name": "Tailspin", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    assert root.post(reverse("admin:accounts_customer_add"), fields).status_code == 302
    maker = Customer.objects.get(name="Tailspin").created_by
    assert maker is not None
    assert maker.email == "root@reseller.example"


def test_a_lost_second_factor_can_be_removed(root: Client, member: User) -> None:
    factor = Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={})
    url = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
    assert root.post(url, {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(user=member).exists()


def test_second_factors_are_encrypted_at_rest(member: User) -> None:
    totp = TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    stored = Authenticator.objects.get(pk=totp.instance.pk)
    assert "JBSWY3DPEHPK3PXP" not in str(stored.data)
    assert stored.data["secret"].startswith("gAAAA")


@pytest.mark.parametrize("name", ["reseller_admin", "owner"])
def test_admin_is_granted_apart_from_the_roles(client: Client, name: str, request: pytest.FixtureRequest) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    response = client.get(reverse("admin:accounts_user_changelist"))
    assert response.status_code == 302
