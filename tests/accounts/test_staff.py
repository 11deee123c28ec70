"""The reseller's staff: invited by mail with a role, promoted, removed. Nobody gives more than they have."""

import html
import threading
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail as sent_mails
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import invitations, sending, services, staff
from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Invitation, Mail, User
from accounts.roles import ResellerRole
from tests import cast
from tests.accounts.test_invitation_open import ACCEPT, link_of

LIST, INVITE = reverse("subscriptions:staff-list"), reverse("subscriptions:staff-invite")
PERSON = {"name": "Nina New", "password": "a long and good one"}


@pytest.fixture
def other_admin(db: None) -> User:
    return cast.make_user("berta@reseller.example", reseller_role=ResellerRole.ADMIN, name="Berta Boss")


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def of(route: str, person: User | Invitation) -> str:
    return reverse(f"subscriptions:{route}", args=[person.code])


def invited(
    actor: User, role: str = ResellerRole.OPERATOR, email: str = "new@reseller.example"
) -> tuple[Invitation, str]:
    invitation = staff.invite_to_staff(actor=actor, email="new@reseller.example", role=role)
    return invitation, invitations.issue_token(invitation)


@pytest.mark.parametrize("role", ResellerRole)
def test_it_works(admin_client: Client, client: Client, role: str, no_broker: list[Any]) -> None:
    answer = admin_client.post(INVITE, {"email": "New@Reseller.example", "role": role}, follow=True)
    assert "new@reseller.example gets a mail" in text_of(answer)
    sending.send_due()
    (message,) = sent_mails.outbox
    label = ResellerRole(role).label
    assert f"Ada Admin invites you to work at Certificate Portal, as {label.lower()}." in str(message.body)
    assert message.subject == "Invitation to work at Certificate Portal"
    (link,) = [line for line in str(message.body).splitlines() if line.startswith("http")]

    page = text_of(client.get(link.partition("8000")[2] or link, follow=True))
    assert "Join the reseller’s staff" in page
    assert client.post(ACCEPT, PERSON)["Location"] == reverse("home")

    person = User.objects.get(email="new@reseller.example")
    assert (person.reseller_role, person.is_staff, person.memberships.count()) == (role, False, 0)
    actions = AuditEvent.objects.filter(target_name__startswith="new@reseller.example").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["invitation.created", "invitation.accepted"]
    assert "Nina New" in text_of(admin_client.get(LIST))


def test_the_list_says_what_matters(admin_client: Client, operator: User) -> None:
    cast.make_staff_invitation("auditor", email="soon@reseller.example")
    cast.make_user("never@reseller.example", reseller_role=ResellerRole.AUDITOR)
    User.objects.filter(pk=operator.pk).update(last_login=timezone.now(), is_staff=True)

    page = text_of(admin_client.get(LIST))

    for said in (
        "Otto Operator",
        "operator@reseller.example",
        "may use Django admin",
        "Never",
        "soon@reseller.example",
    ):
        assert said in page


def test_the_staff_are_searched_filtered_sorted_and_a_file(
    admin_client: Client, reseller_admin: User, operator: User, auditor: User, owner: User
) -> None:
    User.objects.filter(pk=operator.pk).update(last_login=timezone.now())
    totp.TOTP.activate(auditor, "JBSWY3DPEHPK3PXP")

    def listed(**asked: str) -> list[User]:
        rows: list[User] = admin_client.get(LIST, asked).context["filter"].page.rows
        return rows

    assert listed() == [reseller_admin, auditor, operator]
    assert listed(sort="-person") == [operator, auditor, reseller_admin]
    assert listed(sort="-last_login")[0] == operator
    assert listed(q="otto") == [operator]
    assert listed(q="AUDITOR@") == [auditor]
    assert listed(role="reseller_admin") == [reseller_admin]
    assert listed(factor="set-up") == [auditor]
    file = admin_client.get(reverse("subscriptions:staff-export"), {"factor": "set-up"})
    heading, line = b"".join(file.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert heading == "\ufeffName,E-mail address,Role,Second factor,Django admin,Active,Last sign-in (UTC)"
    assert line == f"{auditor.name},{auditor.email},Auditor (read only),set up,no,yes,"


def test_one_sent_again_ends_the_earlier_one(admin_client: Client, reseller_admin: User, client: Client) -> None:
    earlier, token = invited(reseller_admin)

    admin_client.post(of("staff-invitation-again", earlier))

    client.get(link_of(token))
    assert client.get(ACCEPT).status_code == 410
    again = Invitation.objects.exclude(pk=earlier.pk).get()
    assert (again.email, again.reseller_role, again.state) == (earlier.email, earlier.reseller_role, "open")
    assert Mail.objects.count() == 2


def test_one_that_was_withdrawn_does_not_work(admin_client: Client, reseller_admin: User, client: Client) -> None:
    invitation, token = invited(reseller_admin)

    assert "was withdrawn" in text_of(admin_client.post(of("staff-invitation-revoke", invitation), follow=True))

    client.get(link_of(token))
    assert client.post(ACCEPT, PERSON).status_code == 410
    assert not User.objects.filter(email=invitation.email).exists()


def test_customers_pages_know_no_invitation_to_the_staff(staff_client: Client, reseller_admin: User) -> None:
    invitation, _ = invited(reseller_admin)

    assert staff_client.post(of("invitation-revoke", invitation)).status_code == 404


@pytest.mark.parametrize("who", ["operator", "owner"])
def test_somebody_who_is_somewhere_already_is_not_invited(
    admin_client: Client, request: pytest.FixtureRequest, who: str
) -> None:
    person: User = request.getfixturevalue(who)

    page = text_of(admin_client.post(INVITE, {"email": person.email, "role": "auditor"}))

    assert "belongs to" in page
    assert not Invitation.objects.exists()


def test_who_joined_a_customer_meanwhile_does_not_join_the_staff(reseller_admin: User, customer: Customer) -> None:
    person = cast.make_user("new@reseller.example")
    invitation, _ = invited(reseller_admin)
    cast.add_person(customer, person)

    with pytest.raises(ServiceError, match="belongs to Northwind Traders"):
        services.accept_invitation(invitation=invitation, name="", password="")
    assert User.objects.get(pk=person.pk).reseller_role == ""


def test_a_person_without_a_place_joins(client: Client, reseller_admin: User) -> None:
    person = cast.make_user("new@reseller.example")
    _, token = invited(reseller_admin, ResellerRole.AUDITOR)
    cast.sign_in(client, person).get(link_of(token))

    assert client.post(ACCEPT).status_code == 302
    assert User.objects.get(pk=person.pk).reseller_role == "auditor"


@pytest.mark.parametrize("role", ["operator", "auditor"])
def test_a_role_is_changed(admin_client: Client, other_admin: User, role: str) -> None:
    url = of("staff-edit", other_admin)

    assert admin_client.post(url, {"role": role}).status_code == 302

    assert User.objects.get(pk=other_admin.pk).reseller_role == role
    event = AuditEvent.objects.get(action="staff.role_changed")
    assert event.detail["changes"] == {"role": ["Reseller admin", ResellerRole(role).label]}


@pytest.mark.parametrize("leave", ["demote", "remove"])
def test_who_leaves_takes_what_they_sent_along(
    reseller_admin: User, other_admin: User, customer: Customer, client: Client, leave: str
) -> None:
    _, token = invited(other_admin)
    to_customer = services.invite_person(
        actor=other_admin, customer=customer, email="new@northwind.example", role="member"
    )

    if leave == "demote":
        staff.change_staff_role(actor=reseller_admin, person=other_admin, role="auditor")
    else:
        staff.remove_from_staff(actor=reseller_admin, person=other_admin)

    client.get(link_of(token))
    assert client.post(ACCEPT, PERSON).status_code == 410
    to_customer.refresh_from_db()
    assert to_customer.state == "revoked"


def test_no_invitation_brings_back_who_was_removed(client: Client, reseller_admin: User) -> None:
    person = cast.make_user("new@reseller.example")
    invitation, token = invited(reseller_admin)
    User.objects.filter(pk=person.pk).update(reseller_role="operator")  # in Django admin, before it was accepted

    staff.remove_from_staff(actor=reseller_admin, person=person)

    cast.sign_in(client, User.objects.get(pk=person.pk)).get(link_of(token))
    assert client.post(ACCEPT).status_code == 410
    invitation.refresh_from_db()
    assert (invitation.state, User.objects.get(pk=person.pk).reseller_role) == ("revoked", "")


def test_who_is_removed_is_signed_out_and_finds_nothing(admin_client: Client, other_admin: User) -> None:
    theirs = cast.sign_in(Client(), other_admin)
    assert theirs.get(LIST).status_code == 200

    assert admin_client.post(of("staff-remove", other_admin)).status_code == 302

    assert theirs.get(LIST).status_code == 302
    assert cast.sign_in(Client(), User.objects.get(pk=other_admin.pk)).get(LIST).status_code == 404
    assert AuditEvent.objects.filter(action="staff.removed", target_code=other_admin.code).count() == 1
    assert admin_client.get(of("staff-edit", other_admin)).status_code == 404


@pytest.mark.parametrize(("route", "data"), [("staff-edit", {"role": "operator"}), ("staff-remove", {})])
def test_the_only_admin_stays(admin_client: Client, reseller_admin: User, route: str, data: dict[str, str]) -> None:
    page = text_of(admin_client.post(of(route, reseller_admin), data))

    assert "You are the only reseller admin. Make somebody else one first." in page
    assert User.objects.get(pk=reseller_admin.pk).reseller_role == "reseller_admin"
    assert not AuditEvent.objects.filter(action__startswith="staff.").exists()


def test_an_inactive_admin_is_none(reseller_admin: User, other_admin: User) -> None:
    User.objects.filter(pk=other_admin.pk).update(is_active=False)

    with pytest.raises(ServiceError, match="only reseller admin"):
        staff.remove_from_staff(actor=reseller_admin, person=reseller_admin)


def test_who_may_use_django_admin_is_not_removed_here(admin_client: Client, other_admin: User) -> None:
    User.objects.filter(pk=other_admin.pk).update(is_staff=True)

    assert "may use Django admin" in text_of(admin_client.post(of("staff-remove", other_admin)))
    assert User.objects.get(pk=other_admin.pk).reseller_role == "reseller_admin"


def test_the_only_admin_stays_in_django_admin_too(admin_client: Client, reseller_admin: User) -> None:
    superuser = User.objects.create_superuser("root@reseller.example", cast.PASSWORD, reseller_role="")
    root = cast.sign_in(Client(), superuser)
    url = reverse("admin:accounts_user_change", args=[reseller_admin.pk])
    form = root.get(url).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if name not in {"is_staff", "is_superuser"}}

    answer = root.post(url, data | {"reseller_role": "operator"})

    assert "only reseller admin" in text_of(answer)
    assert User.objects.get(pk=reseller_admin.pk).reseller_role == "reseller_admin"


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_only_reseller_admins_may(request: pytest.FixtureRequest, reseller_admin: User, who: str) -> None:
    actor: User = request.getfixturevalue(who)

    for act in (
        lambda: staff.invite_to_staff(actor=actor, email="new@reseller.example", role="auditor"),
        lambda: staff.change_staff_role(actor=actor, person=actor, role="reseller_admin"),
        lambda: staff.remove_from_staff(actor=actor, person=reseller_admin),
    ):
        with pytest.raises(ServiceError, match="You cannot manage the staff any more"):
            act()
    assert not Invitation.objects.exists()


def test_an_invitation_has_one_place(customer: Customer) -> None:
    soon = timezone.now() + timedelta(days=1)
    for fields in ({}, {"customer": customer, "reseller_role": "operator"}):
        with pytest.raises(Exception, match="invitation_to_a_customer_or_the_staff"), transaction.atomic():
            Invitation.objects.create(email="a@b.example", expires_at=soon, **fields)


@pytest.mark.servers
@pytest.mark.parametrize("act", ["demote", "remove"])
def test_two_admins_never_remove_each_other_at_once(transactional_db: None, act: str) -> None:
    ada = cast.make_user("ada@reseller.example", reseller_role=ResellerRole.ADMIN)
    berta = cast.make_user("berta@reseller.example", reseller_role=ResellerRole.ADMIN)
    together, refusals = threading.Barrier(2), []

    def go(actor: User, person: User) -> None:
        together.wait()
        try:
            if act == "demote":
                staff.change_staff_role(actor=actor, person=person, role="operator")
            else:
                staff.remove_from_staff(actor=actor, person=person)
        except ServiceError as error:
            refusals.append(error.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=pair) for pair in ((ada, berta), (berta, ada))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert User.objects.filter(reseller_role="reseller_admin").count() == 1
    assert refusals == ["You cannot manage the staff any more."]
