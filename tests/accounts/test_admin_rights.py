"""Django admin of somebody who was granted every permission there is, but is no superuser: no way to people or keys."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse

from accounts.models import Customer, Invitation, Membership, User
from accounts.roles import ResellerRole
from subscriptions.models import EabBinding, Subscription
from tests import cast
from tests.accounts.test_invitation_open import make_invitation

# What such a person may do with the rows of each model. A model without a row here fails.
VIEW, EDIT = {"view"}, {"view", "change"}
READ_ONLY = """
acmeaccount baseline callslot certificate customerrequest domain eabbinding finding gate heldkind issuedcertificate
operation operationevent order prevalidation quote replacement transaction unassignedaccount workerheartbeat
"""
ALLOWED: dict[str, set[str]] = {
    "accounts.auditevent": VIEW,
    "accounts.customer": {"view", "add", "change"},
    "accounts.invitation": VIEW,
    "accounts.matter": VIEW,
    "accounts.noticechoice": VIEW,
    "accounts.setting": VIEW,
    "accounts.telling": VIEW,
    "accounts.undeliverableaddress": VIEW,
    "accounts.user": EDIT,  # the name and the time zone of people without rights of their own
    "auth.group": VIEW,
    "mfa.authenticator": set(),
    "usersessions.usersession": set(),
    "subscriptions.acmeserver": EDIT,
    "subscriptions.subscription": EDIT,
} | {f"subscriptions.{name}": VIEW for name in READ_ONLY.split()}
GUARDED: tuple[type[Model], ...] = (
    Membership,
    Invitation,
    Group,
    Authenticator,
    EmailAddress,
    EabBinding,
    User.groups.through,
    User.user_permissions.through,
    Group.permissions.through,
    Permission,
    ContentType,
)
IDENTITY = ["pk", "email", "password", "is_active", "is_staff", "is_superuser", "reseller_role"]
CLERK = "clerk@reseller.example"
ACCOMPLICE = "accomplice@attacker.example"
EVIL = "evil@attacker.example"


@pytest.fixture
def clerk(db: None) -> User:
    user = cast.make_user(CLERK, reseller_role=ResellerRole.OPERATOR)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.user_permissions.set(Permission.objects.all())
    group = Group.objects.create(name="Everything")
    group.permissions.set(Permission.objects.all())
    user.groups.add(group)
    return user


@pytest.fixture
def world(customer: Customer, owner: User, member: User, subscription: Subscription, reseller_admin: User) -> Customer:
    """Rows of what is guarded: a superuser and an owner with factors, sessions and addresses."""
    root = User.objects.create_superuser("root@reseller.example", cast.PASSWORD)
    for user in (root, owner):
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        browser = Client()
        browser.post(reverse("account_login"), {"login": user.email, "password": cast.PASSWORD})
        UserSession.objects.create(user=user, ip="192.0.2.1", session_key=f"key-of-{user.pk}", user_agent="x")
    cast.make_user(ACCOMPLICE)
    make_invitation(customer, owner)
    make_invitation(cast.make_customer("Contoso"), reseller_admin, email="second@contoso.example")
    return customer


def state() -> dict[str, Any]:
    """Give everything that must stay as it is."""
    rows: dict[str, Any] = {str(one): list(one._default_manager.order_by("pk").values()) for one in GUARDED}
    sessions = UserSession.objects.exclude(user__email=CLERK)
    rows["sessions"] = list(sessions.order_by("pk").values("user", "session_key"))
    rows["people"] = list(User.objects.order_by("pk").values(*IDENTITY))
    return rows


def addresses(model: type[Model]) -> Iterator[str]:
    """Give the address of every page of Django admin about a model's rows, and some that others have."""
    meta = model._meta
    prefix = f"admin:{meta.app_label}_{meta.model_name}"
    rows = list(model._default_manager.order_by("pk")[: 5 if model in (User, Customer) else 2])
    for name in (f"{prefix}_changelist", f"{prefix}_add"):
        yield from _reversed(name)
    for row in rows:
        for name in ("change", "delete", "history"):
            yield from _reversed(f"{prefix}_{name}", row.pk)
        yield from (f"{url}?_popup=1&_to_field=id" for url in _reversed(f"{prefix}_change", row.pk))
    if model is User:
        for row in rows:
            yield reverse("admin:auth_user_password_change", args=[row.pk])


def _reversed(name: str, *args: Any) -> Iterator[str]:
    try:
        yield reverse(name, args=args)
    except NoReverseMatch:
        return


def hostile(clerk: User, world: Customer) -> Iterator[dict[str, Any]]:
    """Give what a form is sent: every field that would give a way in, and the inline forms of people."""
    everything = list(Permission.objects.values_list("pk", flat=True))
    fields = {
        "email": EVIL,
        "name": f"Renamed {uuid.uuid4()}",  # a name that is taken would be refused for that
        "password": "pbkdf2_sha256$1$x$x",
        "usable_password": "true",
        "password1": "a long and good one",
        "password2": "a long and good one",
        "is_active": "",
        "is_staff": "on",
        "is_superuser": "on",
        "reseller_role": "reseller_admin",
        "groups": list(Group.objects.values_list("pk", flat=True)),
        "user_permissions": everything,
        "permissions": everything,
        "user": clerk.pk,
        "role": "owner",
        "verified": "on",
        "primary": "on",
        "type": "totp",
        "data": "{}",
        "session_key": "x" * 32,
        "customer": world.pk,
        "post": "yes",
        "_save": "Save",
    }
    inlines: dict[str, Any] = {"TOTAL_FORMS": "3", "INITIAL_FORMS": "2", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    for number, place in enumerate(world.memberships.order_by("pk")[:2]):
        inlines |= {f"{number}-id": place.pk, f"{number}-customer": world.pk, f"{number}-user": place.user_id}
        inlines |= {f"{number}-role": "owner", f"{number}-DELETE": "on"}
    accomplice = User.objects.get(email=ACCOMPLICE)  # whom the form itself takes: nobody of the staff
    inlines |= {"2-user": accomplice.pk, "2-role": "owner", "2-customer": world.pk}
    memberships = {f"memberships-{name}": value for name, value in inlines.items()}
    yield fields | memberships
    yield fields | {name: value for name, value in memberships.items() if not name.endswith("-DELETE")}
    yield fields | {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    everyone = list(User.objects.values_list("pk", flat=True))
    for action in ("delete_selected", "end_sessions"):
        yield {"action": action, "_selected_action": everyone, "post": "yes", "index": "0"}
    listed = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": everyone[0], "form-0-email": EVIL}
    yield fields | listed


@pytest.mark.long
@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str))
def test_no_page_of_a_model_is_a_way_in(clerk: User, world: Customer, model: type[Model]) -> None:
    client = cast.sign_in(Client(), clerk)
    before = state()
    for url in addresses(model):
        for data in hostile(clerk, world):
            assert client.post(url, data).status_code in {200, 302, 400, 403, 404, 405}, url
        assert state() == before, url
        page = client.get(url)
        assert page.status_code in {200, 302, 403, 404}, url
        for secret in (cast.HMAC_KEY, "JBSWY3DPEHPK3PXP", *(user.password for user in User.objects.all())):
            assert secret not in page.content.decode(), url
    assert not User.objects.filter(email=EVIL).exists()


def test_every_model_says_what_such_a_person_may(clerk: User) -> None:
    request = RequestFactory().get("/admin/")
    request.user = clerk
    found = {}
    for model, of_model in admin.site._registry.items():
        may = of_model.get_model_perms(request)
        found[model._meta.label_lower] = {name for name, yes in may.items() if yes}
    assert found == ALLOWED


def test_nothing_of_the_sign_in_library_is_seen(clerk: User, world: Customer) -> None:
    client = cast.sign_in(Client(), clerk)
    for name in ("mfa_authenticator", "usersessions_usersession"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403
    for path in ("account/emailaddress", "account/emailconfirmation", "sessions/session"):
        assert client.get(f"/admin/{path}/").status_code == 404
    index = client.get(reverse("admin:index")).content.decode()
    assert "authenticator" not in index.lower()
    assert "user session" not in index.lower()


def test_a_clerk_still_corrects_a_name(clerk: User, world: Customer, member: User) -> None:
    client = cast.sign_in(Client(), clerk)
    url = reverse("admin:accounts_user_change", args=[member.pk])
    page = client.get(url).content.decode()
    assert 'name="email"' not in page
    assert "algorithm" not in page
    assert client.post(url, {"name": "Max Miller", "time_zone": "Europe/Berlin"}).status_code == 302
    member.refresh_from_db()
    assert (member.name, member.time_zone, member.is_active) == ("Max Miller", "Europe/Berlin", True)


def test_a_clerk_sees_the_people_of_a_customer(clerk: User, world: Customer, member: User) -> None:
    client = cast.sign_in(Client(), clerk)
    url = reverse("admin:accounts_customer_change", args=[world.pk])
    page = client.get(url).content.decode()
    assert str(member) in page
    assert "memberships-0-role" not in page
    forms = {"memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "2"}
    assert client.post(url, {"name": "Northwind Ltd"} | forms).status_code == 302
    world.refresh_from_db()
    assert world.name == "Northwind Ltd"


@pytest.mark.parametrize(
    "question",
    [
        "authenticator__isnull=0",
        "authenticator=1",
        "usersession__isnull=1",
        "known_devices__isnull=1",
        "email__regex=^(a+)+$",
    ],
)
def test_a_list_answers_no_question_about_what_it_does_not_show(clerk: User, member: User, question: str) -> None:
    people = reverse("admin:accounts_user_changelist")
    assert cast.sign_in(Client(), clerk).get(f"{people}?{question}").status_code == 400


@pytest.mark.parametrize(
    "question", ["is_active__exact=1", "reseller_role=operator", "is_staff__exact=0", "pk=1", "q=a"]
)
def test_the_lists_own_filters_are_answered(clerk: User, question: str) -> None:
    people = reverse("admin:accounts_user_changelist")
    assert cast.sign_in(Client(), clerk).get(f"{people}?{question}").status_code == 200
