"""Customer names that people cannot tell apart are one: in forms, services, Django admin and the database."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import AuditEvent, Customer, User
from accounts.plain_names import plain_name
from accounts.services import NameTakenError, create_customer, update_customer
from subscriptions.forms.customers import find_customer
from tests import cast
from tests.accounts.test_audit_migration import migrate_to

NAME = "Müller & Söhne Straße"
ALIKE = [
    NAME,
    "MÜLLER & SÖHNE STRASSE",
    "müller & söhne strasse",
    "Mu\u0308ller & So\u0308hne Straße",  # the same letters, not composed
    "Müller  &\u00a0Söhne Straße",
    " Müller & Söhne\u2003Straße ",
]
OTHERS = ["Muller & Sohne Strasse", "Müller & Söhne", "Müller&Söhne Straße", "Müller & Söhne Straße 2"]


@pytest.fixture
def superuser_client(db: None) -> Client:
    return cast.sign_in(Client(), User.objects.create_superuser("root@reseller.example", cast.PASSWORD))


@pytest.mark.parametrize("name", ALIKE)
def test_they_are_one(name: str) -> None:
    assert plain_name(name) == plain_name(NAME) == "müller & söhne strasse"
    assert plain_name(plain_name(name)) == plain_name(name)


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_others(name: str) -> None:
    assert plain_name(name) != plain_name(NAME)


def test_a_sigma_at_the_end_is_one_too() -> None:
    assert plain_name("ΟΔΟΣ") == plain_name("οδος") == plain_name("Οδός".replace("ό", "ο"))


@pytest.mark.parametrize("name", ALIKE)
def test_a_new_one_is_refused_everywhere(
    staff_client: Client, operator: User, superuser_client: Client, name: str
) -> None:
    kept = cast.make_customer(NAME)
    link = f'<a href="{reverse("subscriptions:customer-detail", args=[kept.code])}">{escape(NAME)}</a>'

    page = staff_client.post(reverse("subscriptions:customer-add"), {"name": name}).content.decode()
    assert page.count(f"There is a customer with this name already: {link}.") >= 1
    admin = superuser_client.post(reverse("admin:accounts_customer_add"), {"name": name, **NO_PEOPLE})
    assert admin.status_code == 200
    assert "There is a customer with this name already" in admin.content.decode()
    with pytest.raises(NameTakenError):
        create_customer(actor=operator, name=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.create(name=name)
    assert Customer.objects.count() == 1
    assert not AuditEvent.objects.filter(action="customer.created").exists()


NO_PEOPLE = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_a_renaming_is_refused_too(staff_client: Client, operator: User) -> None:
    cast.make_customer(NAME)
    other = cast.make_customer("Contoso")
    url = reverse("subscriptions:customer-edit", args=[other.code])

    page = staff_client.post(url, {"name": ALIKE[1]}).content.decode()

    assert "There is a customer with this name already" in page
    with pytest.raises(NameTakenError):
        update_customer(actor=operator, customer=Customer.objects.get(pk=other.pk), fields={"name": ALIKE[3]})
    other.refresh_from_db()
    assert (other.name, other.plain_name) == ("Contoso", "contoso")


def test_the_writing_of_its_own_name_can_be_changed(operator: User) -> None:
    customer = cast.make_customer(NAME)

    update_customer(actor=operator, customer=customer, fields={"name": NAME.upper()})

    assert Customer.objects.get().name == NAME.upper()


@pytest.mark.parametrize("name", [OTHERS[0], ALIKE[1]], ids=["another", "as it is"])
def test_one_that_was_there_before_is_kept_and_can_be_renamed(operator: User, staff_client: Client, name: str) -> None:
    cast.make_customer(NAME)
    alike = Customer.objects.create(name=ALIKE[1], is_look_alike=True)

    update_customer(actor=operator, customer=alike, fields={"reference": "K-1", "name": name})

    alike.refresh_from_db()
    assert (alike.name, alike.is_look_alike, alike.plain_name) == (name, name in ALIKE, plain_name(name))
    titles = [task.title for task in staff_client.get(reverse("subscriptions:dashboard")).context["tasks"]]
    assert titles == (["1 customer is named like an older one"] if name in ALIKE else [])


def test_of_two_at_once_the_second_is_refused(operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = cast.make_customer(NAME)
    monkeypatch.setattr(Customer, "other_of_this_name", lambda _self: None)  # neither has seen the other

    with pytest.raises(NameTakenError) as refused:
        create_customer(actor=operator, name=ALIKE[1])

    assert refused.value.customer == kept
    assert Customer.objects.count() == 1


def test_a_customer_is_found_by_it(db: None) -> None:
    kept = cast.make_customer(NAME)
    alike = Customer.objects.create(name=ALIKE[1], is_look_alike=True)

    assert find_customer(NAME) == kept
    assert find_customer(ALIKE[1]) == alike
    alike.delete()
    assert [find_customer(name) for name in (*ALIKE, "SÖHNE  STR")] == [kept] * (len(ALIKE) + 1)


BEFORE, AFTER = "0023_invitations_to_the_staff", "0026_customer_names_tell_apart"


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.long
def test_those_there_are_kept(tables_of_before: Any) -> None:
    before = tables_of_before.get_model("accounts", "Customer").objects
    for name in (NAME, ALIKE[1], OTHERS[0], ALIKE[4]):
        before.create(name=name)

    after = migrate_to(AFTER).get_model("accounts", "Customer").objects.order_by("pk")

    assert list(after.values_list("name", "plain_name", "is_look_alike")) == [
        (NAME, plain_name(NAME), False),
        (ALIKE[1], plain_name(NAME), True),
        (OTHERS[0], plain_name(OTHERS[0]), False),
        (ALIKE[4], plain_name(NAME), True),
    ]
    migrate_to(BEFORE)
    assert before.count() == 4
