"""People in Django admin."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer, Membership, User
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


def permitted(user: User, *codenames: str) -> Client:
    """Give a client of somebody of the staff who has just these permissions in Django admin."""
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return cast.sign_in(Client(), user)


@pytest.mark.parametrize(
    ("route", "lookup"),
    [
        ("usersessions_usersession", "session_key__gte"),
        ("usersessions_usersession", "session_key"),
        ("usersessions_usersession", "user__password__startswith"),
        ("usersessions_usersession", "user_agent__startswith"),
        ("mfa_authenticator", "data__icontains"),
        ("accounts_invitation", "token_digest__startswith"),
        ("subscriptions_eabbinding", "eab_hmac_key__startswith"),
        ("subscriptions_operation", "claim_token__startswith"),
        ("accounts_user", "password__startswith"),
        ("accounts_customer", "people__password__startswith"),
        ("accounts_customer", "memberships__user__password__startswith"),
        ("accounts_customer", "created_by__password__startswith"),
        ("accounts_customer", "invitations__token_digest__startswith"),
        ("accounts_user", "authenticator__data__startswith"),
        ("auth_group", "user__password__startswith"),
        ("subscriptions_prevalidation", "created_by__password__startswith"),
        ("subscriptions_prevalidation", "customer__subscriptions__binding__eab_hmac_key__startswith"),
        ("subscriptions_subscription", "binding__eab_hmac_key__startswith"),
    ],
)
def test_a_hidden_field_cannot_be_asked_for(root: Client, route: str, lookup: str) -> None:
    assert root.get(reverse(f"admin:{route}_changelist"), {lookup: "a"}).status_code == 400


@pytest.mark.parametrize(
    ("route", "lookup", "value"),
    [
        ("accounts_invitation", "role__exact", "owner"),
        ("accounts_invitation", "created_at__year", "2026"),
        ("accounts_auditevent", "action__exact", "key.revealed"),
        ("subscriptions_operation", "state__exact", "queued"),
        ("mfa_authenticator", "type__exact", "totp"),
    ],
)
def test_the_filters_of_a_page_can(root: Client, route: str, lookup: str, value: str) -> None:
    assert root.get(reverse(f"admin:{route}_changelist"), {lookup: value}).status_code == 200


def test_a_group_is_a_superusers(operator: User) -> None:
    group = Group.objects.create(name="Clerks")
    operator.groups.add(group)
    client = permitted(operator, "view_group", "add_group", "change_group", "delete_group")
    url = reverse("admin:auth_group_change", args=[group.pk])
    everything = list(Permission.objects.values_list("pk", flat=True))
    assert client.post(url, {"name": "Clerks", "permissions": everything}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert not group.permissions.exists()


def inline_of(customer: Customer, user: User, role: str = "owner", **more: str) -> dict[str, str]:
    """What the page of a customer sends to make somebody one of its people."""
    management = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    row = {"0-user": str(user.pk), "0-role": role, "0-customer": str(customer.pk)} | more
    return {"name": customer.name} | {f"memberships-{name}": value for name, value in (management | row).items()}


def test_a_person_added_by_hand_stands_in_the_audit_trail(root: Client, customer: Customer) -> None:
    person = cast.make_user("person@northwind.example")
    url = reverse("admin:accounts_customer_change", args=[customer.pk])
    assert root.post(url, inline_of(customer, person)).status_code == 302
    event = AuditEvent.objects.get(action="membership.added")
    assert (event.customer_code, event.target_code, event.detail) == (
        customer.code,
        person.code,
        {"email": person.email, "role": "owner"},
    )


def test_the_resellers_staff_belongs_to_no_customer(root: Client, operator: User, customer: Customer) -> None:
    url = reverse("admin:accounts_customer_change", args=[customer.pk])
    answer = root.post(url, inline_of(customer, operator))
    assert "Somebody on the reseller’s staff cannot belong to a customer." in answer.content.decode()
    assert not Membership.objects.filter(user=operator).exists()


def test_a_factor_is_a_superusers_to_delete(root: Client, operator: User, reseller_admin: User, owner: User) -> None:
    client = permitted(operator, "view_authenticator", "delete_authenticator")
    for user in (reseller_admin, owner):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(user)
        factor = Authenticator.objects.get(user=user, type="totp")
        url = reverse("admin:mfa_authenticator_delete", args=[factor.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403
        assert root.post(url, {"post": "yes"}).status_code == 302
        assert not Authenticator.objects.filter(user=user).exists()
    removed = AuditEvent.objects.filter(action="factor.removed")
    assert sorted(removed.values_list("actor_email", "detail__email")) == [
        ("root@reseller.example", reseller_admin.email),
        ("root@reseller.example", owner.email),
    ]
