"""A CSV file on the form that adds names: its names go into the list, and nothing else happens."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import Customer, User
from subscriptions.forms import name_files
from subscriptions.models import AcmeServer, Prevalidation, Quote, Subscription
from subscriptions.rules.name_files import A_WORKBOOK, NO_NAME, NO_TEXT
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for

PAIR = ["a.example.com", "b.example.com"]
BOM = "\ufeff"


def url_of(subscription: Subscription) -> str:
    return reverse("subscriptions:domain-add", args=[subscription.code])


def sent(content: bytes | str, **fields: Any) -> dict[str, Any]:
    content = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("names.csv", content, content_type="text/csv")
    return {"names": "", "form_token": uuid4(), "read_file": "yes", "names_file": file} | fields


def read(client: Client, subscription: Subscription, content: bytes | str, **fields: Any) -> list[str]:
    """The lines of the list after a file was read."""
    response = client.post(url_of(subscription), sent(content, **fields))
    assert response.status_code == 200
    assert Quote.objects.count() == 0
    return str(response.context["form"]["names"].value()).splitlines()


def error_of(client: Client, subscription: Subscription, content: bytes | str, **fields: Any) -> str:
    response = client.post(url_of(subscription), sent(content, **fields))
    assert response.status_code == 200
    assert response.context["form"]["names"].value() == fields.get("names", "")
    assert Quote.objects.count() == 0
    [error] = response.context["file_form"].errors["names_file"]
    return str(error)


def test_it_works(staff_client: Client, running_subscription: Subscription) -> None:
    file = "Owner,Domain\nAnna,HTTPS://Shop.Example.com/\nBen,localhost\nCarl,www.example.com\n"

    response = staff_client.post(url_of(running_subscription), sent(file, names="typed.example.com\n"))

    page = " ".join(response.content.decode().split())
    assert response.context["form"]["names"].value().splitlines() == [
        "typed.example.com",
        "HTTPS://Shop.Example.com/",
        "localhost",
        "www.example.com",
    ]
    assert "3 names from its column “Domain” stand at the end of the list." in page
    assert "2 names to add, 2 to correct." in page
    assert 'is read as <span class="name">shop.example.com</span>' in page
    assert [one.line for one in response.context["check"].problems] == [3, 4]
    assert response.context["form"].is_bound is False
    assert Quote.objects.count() == 0


def test_the_list_it_gives_can_be_quoted(staff_client: Client, subscription: Subscription) -> None:
    form = staff_client.post(url_of(subscription), sent("a.example.com\nb.example.com\n")).context["form"]

    again = {"names": form["names"].value(), "form_token": form["form_token"].value()}
    response = staff_client.post(url_of(subscription), again)

    assert response.status_code == 302
    assert [line.name for line in Quote.objects.get().lines.all()] == PAIR


@pytest.mark.parametrize(
    "content",
    [
        "a.example.com\nb.example.com",
        "\n\na.example.com\r\n\r\nb.example.com\r\n",
        "a.example.com;12\nb.example.com;13\n",
        "a.example.com\tAnna, Bert\nb.example.com\tCarl\n",
        '"a.example.com","x, y"\n"b.example.com","z"\n',
        f"{BOM}domain\na.example.com\nb.example.com\n",
        f"{BOM}Nr;Domain_Name\n1;a.example.com\n2;b.example.com\n",
        "name,domain\nShop,a.example.com\nBlog,b.example.com\n",
        "id,NAME\n1,a.example.com\n2,b.example.com\n3\n",
        "sep=;\nid;name\n1;a.example.com\n2;b.example.com\n",
        "SEP=,\r\na.example.com,1\r\nb.example.com,2\r\n",
        'domain\n"a.example.com, b.example.com"\n',
        '"Domain\nname",x\na.example.com,1\nb.example.com,2\n',
        "domain\tx\r\na.example.com\t1\r\nb.example.com\t2\r\n".encode("utf-16"),
    ],
)
def test_what_spreadsheets_write_is_read(
    staff_client: Client, subscription: Subscription, content: bytes | str
) -> None:
    assert read(staff_client, subscription, content) == PAIR


def test_names_are_kept_as_they_stand(staff_client: Client, subscription: Subscription) -> None:
    assert read(staff_client, subscription, "Bücher.de\nnot-a-name\n") == ["Bücher.de", "not-a-name"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", A_WORKBOOK),
        (b"%PDF-1.7\n\x00\x01", NO_TEXT),
        ("\ufffea".encode("utf-16-le")[:3], NO_TEXT),
        ("<html><body>Sign in</body></html>", NO_NAME),
        ("id,owner\n1,Anna\n", NO_NAME),
        ("domain\n", NO_NAME),
        (" \n,,\n", NO_NAME),
        ('domain\na.example.com\n"b.example.com', "Line 3 of this file cannot be read as CSV."),
        ("", "This file is empty."),
    ],
)
def test_what_is_no_csv_is_told(
    staff_client: Client, subscription: Subscription, content: bytes | str, words: str
) -> None:
    assert error_of(staff_client, subscription, content, names="typed.example.com") == words


def test_a_file_has_a_limit(staff_client: Client, subscription: Subscription, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"a.example.com\n" + b" " * name_files.MAX_BYTES
    assert error_of(staff_client, subscription, content) == "This file is larger than 1 MB, too large for a list."


def test_file_and_list_must_fit_into_one_quote(staff_client: Client, subscription: Subscription) -> None:
    names = [f"n{number}.example.com" for number in range(400)]

    typed = [f"t{number}.example.com" for number in range(101)]

    words = error_of(staff_client, subscription, "\n".join(names), names="\n".join(typed))

    assert words == "With this file these are 501 names; a quote takes 500 at most. Split it."
    assert len(read(staff_client, subscription, "\n".join(names), names="\n".join(typed[:100]))) == 500


def test_no_file_is_told(staff_client: Client, subscription: Subscription) -> None:
    response = staff_client.post(url_of(subscription), {"names": "a.example.com", "read_file": "yes"})

    assert "Choose a file first." in response.content.decode()
    assert response.context["form"]["names"].value() == "a.example.com"


def test_a_file_that_comes_with_the_other_button_is_read_first(
    staff_client: Client, subscription: Subscription
) -> None:
    form = sent("b.example.com\n", names="a.example.com")
    del form["read_file"]

    response = staff_client.post(url_of(subscription), form)

    assert response.context["form"]["names"].value().splitlines() == PAIR
    assert Quote.objects.count() == 0


def test_what_was_left_and_what_was_guessed_is_said(staff_client: Client, subscription: Subscription) -> None:
    file = "Kunde;Domain;Nameserver\nMüller;müller.de;ns.example.com\nMüller;müller.de;ns.example.com\nX;x.de;\n"

    response = staff_client.post(url_of(subscription), sent(file.encode("cp1252")))

    page = " ".join(response.content.decode().split())
    assert response.context["form"]["names"].value().splitlines() == ["müller.de", "x.de"]
    assert "2 names from its column “Domain” stand at the end of the list." in page
    assert "1 more was left out because it was in it already." in page
    assert "Names in its column “Nameserver” were not taken." in page
    assert "It was read as Windows-1252: check the letters beyond a–z." in page


def test_names_of_the_demo_are_found_in_the_sandbox_only(
    staff_client: Client, subscription: Subscription, settings: Settings
) -> None:
    settings.CAAS_SANDBOX = True
    assert read(staff_client, subscription, "id,x\n1,shop.example\n2,blog.test\n") == ["shop.example", "blog.test"]


def test_what_else_was_chosen_is_kept(
    staff_client: Client, customer: Customer, server_ov: AcmeServer, prevalidation: Prevalidation
) -> None:
    subscription = cast.make_subscription(customer, server_ov)

    form = staff_client.post(
        url_of(subscription), sent("a.example.com", add_companions="on", prevalidation=str(prevalidation.code))
    ).context["form"]

    assert form["add_companions"].value() is True
    assert str(form["prevalidation"].value()) == str(prevalidation.code)
    assert f'value="{prevalidation.code}" selected' in str(form["prevalidation"])


def test_what_a_file_says_is_escaped(staff_client: Client, subscription: Subscription) -> None:
    page = staff_client.post(
        url_of(subscription), sent("a.example.com\n</textarea><script>alert(1)</script>\n")
    ).content.decode()

    assert "<script>alert(1)</script>" not in page


def test_access(subscription: Subscription, owner: User, stranger: User, auditor: User) -> None:
    url = url_of(subscription)
    assert status_for(None, url, "post", sent("a.example.com")) == 302
    assert status_for(stranger, url, "post", sent("a.example.com")) == 404
    assert status_for(owner, url, "post", sent("a.example.com")) == 404
    assert status_for(auditor, url, "post", sent("a.example.com")) == 403
