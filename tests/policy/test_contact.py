"""Whoever is stuck finds the provider: its name and its support address stand on every page and in every mail."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from accounts.changeable import Address
from accounts.contact import support_email
from accounts.kept_settings import keep_setting
from accounts.models import User
from accounts.notices import triple
from tests import cast
from tests.policy.permission_table import ROLES, TABLE
from tests.policy.test_permissions import objects, people  # noqa: F401 - fixtures

NAME, ADDRESS = "Northwind Certificates", "help@reseller.example"
LINE = f'{NAME} · Help: <a href="mailto:{ADDRESS}">{ADDRESS}</a>'
EMAILS = Path(django_settings.BASE_DIR) / "templates" / "emails"


@pytest.fixture(autouse=True)
def _provider(settings: Any) -> None:
    settings.PORTAL_NAME, settings.PORTAL_SUPPORT_EMAIL = NAME, ADDRESS


@pytest.mark.usefixtures("no_broker")
def test_it_stands_on_every_page(people: dict[str, User | None], objects: dict[str, Any]) -> None:  # noqa: F811
    """On each page of the permission table, for one role of each answer: on refusals too."""
    clients = {role: cast.sign_in(Client(), user) for role, user in people.items()}
    looked_at, without = 0, []
    for name, row in TABLE.items():
        url = reverse(name, args=[objects[part] for part in row.of])
        for role in dict(zip(row.get, ROLES, strict=True)).values():
            answer = clients[role].get(url)
            page = answer.getvalue().decode(errors="replace")
            if "<html" in page and "text/html" in answer["Content-Type"]:
                looked_at += 1
                without += [] if LINE in page else [f"{name}: {role}"]

    assert without == []
    assert looked_at > 200


def test_it_stands_on_the_page_of_a_failure(rf: RequestFactory) -> None:
    """Nothing is asked of the database there: it may be what failed."""
    unknown = render_to_string("address_unknown.html", {"proxies": 1, "named": 0})

    assert all(LINE in page for page in (defaults.server_error(rf.get("/")).content.decode(), unknown))


@pytest.mark.django_db
def test_it_stands_where_the_database_does_not_answer(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    page = defaults.bad_request(rf.get("/"), SuspiciousOperation()).content.decode()
    assert LINE in page
    monkeypatch.setattr(Address, "value", _no_answer)

    assert defaults.bad_request(rf.get("/"), SuspiciousOperation()).content.decode() == page


def _no_answer(_setting: Address) -> str:
    raise OperationalError("server closed the connection")


@pytest.mark.django_db
def test_the_pages_of_errors_say_what_was_shown_last(rf: RequestFactory) -> None:
    keep_setting("support_email", "new@reseller.example")
    assert ADDRESS in defaults.server_error(rf.get("/")).content.decode()
    assert support_email() == "new@reseller.example"

    assert "new@reseller.example" in defaults.server_error(rf.get("/")).content.decode()


@pytest.mark.django_db
def test_nothing_is_broken_where_there_is_none(client: Client, settings: Any) -> None:
    settings.PORTAL_SUPPORT_EMAIL = ""
    pages = [
        client.get("/auth/login/").content.decode(),
        client.get("/nothing/").content.decode(),
        cast.sign_in(client, cast.make_user()).get("/my/").content.decode(),
    ]

    assert all(NAME in page for page in pages)
    assert not any("mailto:" in page or "Help:" in page for page in pages)


def test_every_mail_is_made_of_the_base_that_has_it() -> None:
    for kind, base in (("text.txt", "emails/base.txt"), ("html.html", "emails/base.html")):
        parts = sorted(EMAILS.glob(f"*_{kind}"))
        assert len(parts) > 5
        first = f'{{% extends "{base}" %}}'
        assert [path.name for path in parts if not path.read_text().startswith(first)] == []


@pytest.mark.django_db
def test_it_stands_in_mails() -> None:
    message = triple("reset_unknown", to="new@northwind.example", context={})

    assert f"{NAME}\nHelp: {ADDRESS}" in str(message.body)
    assert ADDRESS in str(message.alternatives[0][0])
