"""Every addition, change and deletion in Django admin is in the audit trail, with before and after, without secrets."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from accounts.admin_site import SECRET, Trailed, differences
from accounts.models import AuditEvent, Customer, Invitation, User
from tests import cast

FROM: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": "Browser 1"}


@pytest.fixture
def superuser(db: None) -> User:
    return User.objects.create_superuser("root@reseller.example", cast.PASSWORD)


@pytest.fixture
def root(superuser: User) -> Client:
    return cast.sign_in(Client(), superuser)


def told(kind: str) -> list[tuple[Any, ...]]:
    rows = AuditEvent.objects.filter(action=f"admin.{kind}").order_by("pk")
    return [(row.detail["model"], row.detail["changes"]) for row in rows]


def person_fields(person: User, **changes: Any) -> dict[str, Any]:
    fields = {"email": person.email, "name": person.name, "reseller_role": person.reseller_role, "is_active": "on"}
    return fields | {"time_zone": ""} | changes


def test_every_page_of_every_model_keeps_a_trail() -> None:
    assert admin.site._registry
    assert [model for model, page in admin.site._registry.items() if not isinstance(page, Trailed)] == []


def test_what_an_action_changes(root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def close(page: Any, request: Any, queryset: Any) -> None:
        queryset.filter(name__in=["One", "Two"]).update(name=Concat("name", Value(" (closed)")))

    one, _, three = (Group.objects.create(name=name) for name in ("One", "Two", "Three"))
    monkeypatch.setattr(admin.site._registry[Group], "actions", [close])
    for chosen in ({"_selected_action": [one.pk, three.pk]}, {"_selected_action": [one.pk], "select_across": "1"}):
        root.post(reverse("admin:auth_group_changelist"), {"action": "close", "index": "0"} | chosen)
    assert told("changed") == [
        ("auth.group", {"name": ["One", "One (closed)"]}),
        ("auth.group", {"name": ["Two", "Two (closed)"]}),
    ]


def test_a_change_of_a_person(root: Client, superuser: User, member: User) -> None:
    url = reverse("admin:accounts_user_change", args=[member.pk])
    changes = {"reseller_role": "operator", "email": "max@reseller.example", "is_staff": "on"}
    assert root.post(url, person_fields(member, **changes), **FROM).status_code == 302
    event = AuditEvent.objects.get(action="admin.changed")
    assert (event.actor_code, event.target_code, event.ip_address) == (superuser.code, member.code, "192.0.2.7")
    assert event.user_agent == "Browser 1"
    assert event.detail["changes"] == {
        "email": ["member@northwind.example", "max@reseller.example"],
        "reseller_role": ["", "operator"],
        "is_staff": ["False", "True"],
    }


def test_a_password_set_for_somebody(root: Client, member: User) -> None:
    url = reverse("admin:auth_user_password_change", args=[member.pk])
    fields = {"password1": "a long and good one", "password2": "a long and good one", "usable_password": "true"}
    assert root.post(url, fields).status_code == 302
    assert told("changed") == [("accounts.user", {"password": ["hidden", "hidden"]})]


def test_a_new_person(root: Client) -> None:
    fields = {"email": "nina@northwind.example", "name": "Nina", "usable_password": "true"}
    secret = "a long and good one"
    root.post(reverse("admin:accounts_user_add"), fields | {"password1": secret, "password2": secret})
    [(model, changes)] = told("added")
    assert (model, changes["email"], changes["password"]) == (
        "accounts.user",
        ["", "nina@northwind.example"],
        ["", "hidden"],
    )
    assert User.objects.get(email="nina@northwind.example").password not in str(list(AuditEvent.objects.values()))


def test_members_below_a_customer(root: Client, customer: Customer, member: User, owner: User, viewer: User) -> None:
    stranger = cast.make_user("new@northwind.example", name="Nina New")
    first, second, third = customer.memberships.order_by("pk")
    people = "memberships"
    rows = [
        {"id": first.pk, "user": first.user_id, "role": "viewer"},
        {"id": second.pk, "user": second.user_id, "role": second.role, "DELETE": "on"},
        {"id": third.pk, "user": third.user_id, "role": third.role},
        {"user": stranger.pk, "role": "owner"},
    ]
    fields = {f"{people}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    fields |= {f"{people}-TOTAL_FORMS": len(rows), f"{people}-INITIAL_FORMS": 3, "name": customer.name}
    url = reverse("admin:accounts_customer_change", args=[customer.pk])
    assert root.post(url, fields).status_code == 302
    [(model, added)] = told("added")
    assert (model, added["user"], added["role"]) == ("accounts.membership", ["", "Nina New"], ["", "owner"])
    assert ("accounts.membership", {"role": [first.role, "viewer"]}) in told("changed")
    [(model, gone)] = told("deleted")
    assert (model, gone["user"], gone["role"]) == ("accounts.membership", [str(second.user), ""], [second.role, ""])


def test_a_deletion_tells_what_goes_along(root: Client, customer: Customer, owner: User) -> None:
    url = reverse("admin:accounts_customer_delete", args=[customer.pk])
    assert root.post(url, {"post": "yes"}).status_code == 302
    gone = dict(told("deleted"))
    assert gone["accounts.customer"]["name"] == ["Northwind Traders", ""]
    assert gone["accounts.membership"]["user"] == ["Olga Owner", ""]
    assert not Customer.objects.exists()


def test_many_deleted_at_once(root: Client) -> None:
    groups = [Group.objects.create(name=name) for name in ("One", "Two")]
    fields = {"action": "delete_selected", "_selected_action": [one.pk for one in groups], "post": "yes"}
    root.post(reverse("admin:auth_group_changelist"), fields)
    assert sorted(changes["name"][0] for _, changes in told("deleted")) == ["One", "Two"]
    assert not Group.objects.exists()


def test_rights_of_a_group(root: Client) -> None:
    group = Group.objects.create(name="Clerks")
    right = Permission.objects.get(codename="view_user")
    root.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "Clerks", "permissions": [right.pk]})
    assert told("changed") == [("auth.group", {"permissions": ["", str(right)]})]


def test_a_factor_without_its_secret(root: Client, member: User) -> None:
    TOTP.activate(member, "JBSWY3DPEHPK3PXP")
    factor = Authenticator.objects.get()
    held = factor.data["secret"]
    root.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})
    [(model, gone)] = told("deleted")
    assert (model, gone["data"], gone["type"]) == ("mfa.authenticator", ["hidden", ""], ["totp", ""])
    assert held not in str(list(AuditEvent.objects.values()))


def test_a_look_writes_nothing(root: Client, customer: Customer, member: User) -> None:
    root.get(reverse("admin:accounts_user_change", args=[member.pk]))
    root.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
    assert not AuditEvent.objects.exists()


def test_a_change_that_fails_writes_nothing(root: Client, member: User, owner: User) -> None:
    url = reverse("admin:accounts_user_change", args=[member.pk])
    assert root.post(url, person_fields(member, email=owner.email)).status_code == 200
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "name", ["password", "eab_hmac_key", "token_digest", "claim_token", "session_key", "key", "data"]
)
def test_secrets_are_known_by_their_names(name: str) -> None:
    assert SECRET.search(name)
    assert differences({name: "old-secret"}, {name: "new-secret"}) == {name: ["hidden", "hidden"]}


def test_names_of_what_is_no_secret() -> None:
    assert not any(SECRET.search(field.name) for field in Invitation._meta.fields if field.name != "token_digest")
    assert not SECRET.search("eab_key_id")
