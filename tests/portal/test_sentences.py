"""What forms say is ours, in every form there is."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter as mfa_adapter
from django import forms
from django.test import Client
from django.urls import reverse

import accounts.forms
import accounts.sign_in_forms
import subscriptions.forms
from accounts.models import Customer
from portal.sentences import SENTENCES

DJANGOS = re.compile(
    "This field is required|Enter a valid|Select a valid|Ensure this value|Email|email|Incorrect|Please"
)


def every_form() -> "Iterator[type[forms.Form | forms.ModelForm[Any]]]":
    names = [one.name for one in pkgutil.iter_modules(subscriptions.forms.__path__, "subscriptions.forms.")]
    modules = [accounts.forms, accounts.sign_in_forms, *map(importlib.import_module, names)]
    for module in modules:
        for one in vars(module).values():
            if (
                isinstance(one, type)
                and issubclass(one, forms.Form | forms.ModelForm)
                and one.__module__ == module.__name__
            ):
                yield one


def test_no_form_says_what_django_says() -> None:
    found = {
        f"{form.__name__}.{name}: {message}"
        for form in every_form()
        for name, field in form.base_fields.items()
        for code, message in field.error_messages.items()
        if code in {"required", "invalid", "invalid_choice", "max_length", "min_length"}
        and DJANGOS.search(str(message))
    }
    assert found == set()
    assert len(list(every_form())) > 20


def test_nor_does_the_sign_in() -> None:
    said = {
        **{code: account_adapter().error_messages[code] for code in ("email_password_mismatch", "incorrect_password")},
        "incorrect_code": mfa_adapter().error_messages["incorrect_code"],
    }
    assert [code for code, sentence in said.items() if DJANGOS.search(str(sentence))] == []


def test_they_say_what_to_do() -> None:
    assert {
        sentence for many in SENTENCES.values() for sentence in many.values() if not sentence.endswith((".", "/"))
    } == set()


@pytest.mark.parametrize("route", ["account_login", "account_reset_password"])
def test_e_mail_has_one_spelling_at_the_sign_in(client: Client, db: None, route: str) -> None:
    page = client.post(reverse(route), {}).content.decode()

    assert "E-mail address" in page
    assert re.findall(r">[^<]*\b[Ee]mail\b", page) == []


def test_a_form_begins_with_what_is_wrong(staff_client: Client, customer: Customer) -> None:
    url = reverse("subscriptions:customer-edit", args=[customer.code])

    page = staff_client.post(url, {"name": "", "contact_email": "x"}).content.decode()

    summary = page[page.index("error-summary") : page.index("</ul>", page.index("error-summary"))]
    assert "2 things need a correction" in summary
    assert "autofocus" in summary
    for target, label in (("id_name", "Name"), ("id_contact_email", "Address for notices")):
        assert f'<a href="#{target}">{label}</a>:' in summary
        assert f'id="{target}"' in page
    assert "error-summary" not in staff_client.get(url).content.decode()


def test_of_several_boxes_it_leads_to_the_first(admin_client: Client) -> None:
    page = admin_client.post(reverse("subscriptions:renewal-mode"), {"mode": ""}).content.decode()

    assert '<a href="#id_mode_0">Renewal mode</a>: Choose what is set at the CA.' in page
    assert 'id="id_mode_0"' in page
