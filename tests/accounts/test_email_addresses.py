"""E-mail addresses that people cannot tell apart are one, at every door and in the database."""

import unicodedata
from collections.abc import Callable
from typing import Any

import idna
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import tasks
from accounts.email_addresses import normal_form
from accounts.errors import ServiceError
from accounts.models import Customer, Invitation, Mail, User
from accounts.services import invite_person
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import make_invitation

INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\u180e\ufe0f\u202e\u200e\u2066\x07\x7f\u2028\u00a0\u3000"
)
HOSTS = ("example.com", "bücher.example", "παράδειγμα.gr", "пример.рф", "例え.jp", "مثال.example")
NAMED = [
    ("user@example.com\u200b", "U+200B (ZERO WIDTH SPACE)"),
    ("us\u200ber@example.com", "U+200B (ZERO WIDTH SPACE)"),
    ("user@exam\u00adple.com", "U+00AD (SOFT HYPHEN)"),
    ("user@exam\u200dple.com", "U+200D (ZERO WIDTH JOINER)"),
    ("\u202euser@example.com", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
    ("user@example.com\u00a0", "U+00A0 (NO-BREAK SPACE)"),
    ("us\x07er@example.com", "U+0007"),
    ("user@ｅxample.com", "U+FF45 (FULLWIDTH LATIN SMALL LETTER E)"),
    ("user@example．com", "U+FF0E (FULLWIDTH FULL STOP)"),
    ("ｕser@example.com", "U+FF55 (FULLWIDTH LATIN SMALL LETTER U)"),
    ("user＠example.com", "U+FF20 (FULLWIDTH COMMERCIAL AT)"),
    ("user@♥.example", "U+2665 (BLACK HEART SUIT)"),
    ("us\u0435r@example.com", "U+0435 (CYRILLIC SMALL LETTER IE)"),
]
REFUSED = [
    ('"user"@example.com', "Quotation marks and brackets cannot stand in an e-mail address here."),
    ("user@[127.0.0.1]", "Quotation marks and brackets cannot stand in an e-mail address here."),
    ("user@xn--abc.example", "xn--abc is not the coded form of any part of a domain."),
    (f"user@{'ü' * 60}.example", f"“{'ü' * 60}” cannot be a part of a domain."),
    ("user@example.com.", "This is no e-mail address. One looks like name@example.com."),
    ("not an address", "This is no e-mail address. One looks like name@example.com."),
    (f"{'u' * 250}@example.com", "An e-mail address has at most 254 characters."),
]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" User@Example.COM\n", "user@example.com"),
        ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
        ("user@bu\u0308cher.example", "user@xn--bcher-kva.example"),
        ("user@XN--bcher-KVA.example", "user@xn--bcher-kva.example"),
        ("user@straße.example", "user@xn--strae-oqa.example"),
        ("user@ΣΑΣ.gr", "user@xn--mxa9ab.gr"),
        ("user@ab--cd.example", "user@ab--cd.example"),
        ("o'neil+tag@localhost", "o'neil+tag@localhost"),
    ],
)
def test_one_writing(typed: str, address: str) -> None:
    assert normal_form(typed) == address


@pytest.mark.parametrize(("typed", "message"), REFUSED)
def test_refused(typed: str, message: str) -> None:
    with pytest.raises(ValidationError) as error:
        normal_form(typed)
    assert error.value.messages == [message]


@pytest.mark.parametrize(("typed", "character"), NAMED)
def test_the_character_in_the_way_is_named(typed: str, character: str) -> None:
    with pytest.raises(ValidationError) as error:
        normal_form(typed)
    assert error.value.messages[0].startswith(f"The character {character} cannot stand ")


@given(
    st.text(max_size=20) | st.builds("{}@{}".format, st.text(max_size=8), st.text(max_size=12) | st.just("xn--a-b.de"))
)
@settings(max_examples=500)
def test_the_normal_form_is_its_own(text: str) -> None:
    try:
        address = normal_form(text)
    except ValidationError:
        return
    assert normal_form(address) == address
    assert address.isascii()
    assert address == address.lower()


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" and one not in "@." else one for one in text)


@st.composite
def writings(draw: Callable[[Any], Any]) -> tuple[str, str]:
    """Give an address, and another writing of it that looks the same, or is the same to those who read and send."""
    local, host = draw(st.sampled_from(("user", "first.last+tag", "o'neil"))), draw(st.sampled_from(HOSTS))
    ways: list[Callable[[str], str]] = [
        str.upper,
        str.title,
        full_width,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: text.replace(".", draw(st.sampled_from("。．｡"))),
        lambda text: text[: (at := draw(st.integers(0, len(text))))] + draw(st.sampled_from(INVISIBLE)) + text[at:],
    ]
    if draw(st.booleans()):
        host = idna.encode(host, uts46=True).decode()
    address = writing = f"{local}@{host}"
    for way in draw(st.lists(st.sampled_from(ways), min_size=1, max_size=3)):
        writing = way(writing)
    return address, writing


@given(writings())
@settings(max_examples=1000)
def test_every_writing_is_the_same_address_or_none(pair: tuple[str, str]) -> None:
    address, writing = pair
    try:
        assert normal_form(writing) == normal_form(address)
    except ValidationError:
        return


# The doors: what each does with a typed address, and what it says against it.
Door = Callable[[str], str]


def errors_of(response: Any, form: str = "form") -> str:
    """Give what a page says against what was typed."""
    context = response.context or {}
    found = context["adminform"].form if "adminform" in context else context.get(form)
    return str(found.errors) if found is not None else ""


@pytest.fixture
def doors(client: Client, customer: Customer, owner: User, operator: User, no_broker: list[Any]) -> dict[str, Door]:
    """Give every place where an address is typed: each takes one and gives the refusal, or an empty text."""
    staff, people, root = Client(), Client(), Client()
    cast.sign_in(staff, operator)
    cast.sign_in(people, owner)
    cast.sign_in(root, User.objects.create_superuser("root@reseller.example", cast.PASSWORD))
    spare = cast.make_user("spare@northwind.example")

    def post(browser: Client, url: str, **fields: str) -> str:
        return errors_of(browser.post(url, fields))

    def service(email: str) -> str:
        try:
            invite_person(actor=operator, customer=customer, email=email, role="member")
        except ServiceError as error:
            return error.message
        return ""

    def createsuperuser(email: str) -> str:
        try:
            call_command("createsuperuser", email=email, interactive=False, verbosity=0)
        except CommandError as error:
            return str(error)
        return ""

    passwords = {"usable_password": "true", "password1": "a long and good one", "password2": "a long and good one"}
    inline = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    people_url = reverse("accounts:member-invite", args=[customer.code])
    staff_url = reverse("subscriptions:person-invite", args=[customer.code])
    change_url = reverse("admin:accounts_user_change", args=[spare.pk])
    customer_url = reverse("admin:accounts_customer_change", args=[customer.pk])
    edit_url = reverse("subscriptions:customer-edit", args=[customer.code])
    login = {"password": cast.PASSWORD}
    return {
        "an owner invites": lambda email: post(people, people_url, email=email, role="member"),
        "staff invite": lambda email: post(staff, staff_url, email=email, role="member"),
        "the service invites": service,
        "a person is added": lambda email: post(root, reverse("admin:accounts_user_add"), email=email, **passwords),
        "a person is changed": lambda email: post(root, change_url, email=email, is_active="on"),
        "createsuperuser": createsuperuser,
        "the contact of a customer": lambda email: post(staff, edit_url, name="Northwind", contact_email=email),
        "the same in Django admin": lambda email: post(
            root, customer_url, name="Northwind", contact_email=email, **inline
        ),
        "sign-in": lambda email: post(client, reverse("account_login"), login=email, **login),
        "reset": lambda email: post(client, reverse("account_reset_password"), email=email),
    }


DOORS = (
    "an owner invites",
    "staff invite",
    "the service invites",
    "a person is added",
    "a person is changed",
    "createsuperuser",
    "the contact of a customer",
    "the same in Django admin",
    "sign-in",
    "reset",
)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("typed", "character"), [NAMED[0], NAMED[1], NAMED[7]])
def test_every_door_refuses_what_cannot_be_told_apart(
    doors: dict[str, Door], door: str, typed: str, character: str
) -> None:
    assert set(doors) == set(DOORS)
    before = stored()
    assert f"The character {character} cannot stand " in doors[door](typed)
    assert stored() == before


@pytest.mark.parametrize("door", DOORS[:8])
def test_every_door_stores_one_writing(doors: dict[str, Door], door: str) -> None:
    before = stored()
    assert doors[door]("Nina@BÜCHER.example") == ""
    assert stored() - before == {"nina@xn--bcher-kva.example"}


def stored() -> set[str]:
    """Give every address there is."""
    return {
        *User.objects.values_list("email", flat=True),
        *Invitation.objects.values_list("email", flat=True),
        *Customer.objects.exclude(contact_email="").values_list("contact_email", flat=True),
    }


@pytest.mark.parametrize("typed", ["user@bücher.example", "USER@BÜCHER.Example", "user@XN--BCHER-KVA.example"])
def test_every_writing_is_the_same_person(client: Client, customer: Customer, owner: User, typed: str) -> None:
    user = cast.make_user("user@xn--bcher-kva.example")
    signed_in = client.post(reverse("account_login"), {"login": typed, "password": cast.PASSWORD})
    assert (signed_in.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))
    Client().post(reverse("account_reset_password"), {"email": typed})
    tasks.send_mails()
    assert [message.to for message in mail.outbox] == [[user.email]]
    assert Mail.objects.get().person == user
    cast.add_person(customer, user)
    with pytest.raises(ServiceError, match="belongs to Northwind Traders already"):
        invite_person(actor=owner, customer=customer, email=typed, role="member")
    assert User.objects.get(email=typed) == user
    assert User.objects.get_by_natural_key(typed) == user


def test_the_set_up_page_takes_the_one_writing(client: Client, owner: User, subscription: Subscription) -> None:
    url = reverse("subscriptions:my-setup-client", args=[subscription.code, "certbot"])
    page = cast.sign_in(client, owner).get(url, {"email": "nina@example.com\u200b", "challenge": "http-01"})
    assert "The character U+200B (ZERO WIDTH SPACE) cannot stand in an e-mail address." in page.content.decode()


@pytest.mark.parametrize(
    "text", ["User@example.com", "user@bücher.example", "user@example.com\u200b", "ｕser@example.com", "user", "@a.b"]
)
@pytest.mark.parametrize(
    "table", ["accounts_user.email", "accounts_invitation.email", "accounts_customer.contact_email"]
)
def test_the_database_refuses_another_writing(customer: Customer, owner: User, table: str, text: str) -> None:
    """Whatever writes there, past the models. Where SQLite made the table anew, the triggers are to be there again."""
    make_invitation(customer, owner)
    name, column = table.split(".")
    with pytest.raises(DatabaseError, match="one writing"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {name} SET {column} = %s", [text])  # noqa: S608


def test_the_models_refuse_what_is_no_address(owner: User) -> None:
    for change in (
        lambda: User.objects.filter(pk=owner.pk).update(email="user@example.com\u200b"),
        lambda: User.objects.create_user("user@example.com\u200b"),
        lambda: User.objects.bulk_create([User(email="user@example.com\u200b")]),
    ):
        with pytest.raises(ValidationError), transaction.atomic():
            change()
    assert not User.objects.filter(email="user@example.com\u200b").exists()
