"""Asking for a new password: whoever has the address, the same happens; the mail tells the rest."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import notices, tasks
from accounts.models import Mail, User
from tests import cast

pytestmark = pytest.mark.servers

RESET = reverse("account_reset_password")
KNOWN, UNKNOWN, INACTIVE, STAFF = (f"{name}@northwind.example" for name in ("known", "unknown", "inactive", "staff"))


@pytest.fixture
def people(db: None) -> None:
    cast.make_user(KNOWN)
    cast.make_user(STAFF, reseller_role="operator")
    User.objects.filter(pk=cast.make_user(INACTIVE).pk).update(is_active=False)


def shapes(statements: list[dict[str, str]]) -> list[str]:
    """Statements without their values and the names of savepoints."""
    return [re.sub(r"'(?:[^']|'')*'|\bs\d+_x\d+|\b[0-9.]+\b", "?", one["sql"]) for one in statements]


def test_every_address_causes_the_same_statements_and_one_task(
    people: None, no_broker: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    seen = {}
    for number, address in enumerate((KNOWN, UNKNOWN, INACTIVE, STAFF), start=1):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        with CaptureQueriesContext(connection) as captured, django_capture_on_commit_callbacks(execute=True):
            response = client.post(RESET, {"email": address})
        answer = (response.status_code, response["Location"], response.content)
        seen[address] = (shapes(captured.captured_queries), answer, list(no_broker))
        no_broker.clear()
    assert seen[KNOWN][0]
    assert seen[KNOWN][2] == [("send_mails", ())]
    assert seen[KNOWN] == seen[UNKNOWN] == seen[INACTIVE] == seen[STAFF]


def test_the_row_tells_nothing_either_before_a_worker_has_it(people: None, no_broker: list[Any]) -> None:
    for address in (KNOWN, UNKNOWN, INACTIVE):
        Client().post(RESET, {"email": address})
    assert Mail.objects.filter(person=None, about_code=None, about_name="").count() == 3
    assert not re.search(r"reset/key", str(Mail.objects.values()))


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        (KNOWN, "[Certificate Portal] Set a new password"),
        (KNOWN.upper(), "[Certificate Portal] Set a new password"),
        (UNKNOWN, "[Certificate Portal] No sign-in with this address"),
        (INACTIVE, "[Certificate Portal] No sign-in with this address"),
    ],
)
def test_the_mail_tells(people: None, no_broker: list[Any], address: str, subject: str) -> None:
    Client().post(RESET, {"email": address})
    assert mail.outbox == []
    tasks.send_mails()
    [message] = mail.outbox
    assert (message.to, message.subject) == ([address.lower()], subject)
    assert ("/reset/key/" in str(message.body)) == (address.lower() == KNOWN)
    person = Mail.objects.get().person
    assert (person and person.email) == (KNOWN if address.lower() == KNOWN else None)


def test_one_too_many_looks_like_any_other(people: None, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices.notice_named("reset_requested"), "a_day", 2)
    answers = [Client().post(RESET, {"email": KNOWN}) for _ in range(3)]
    assert {answer["Location"] for answer in answers} == {reverse("account_reset_password_done")}
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(("minutes", "is_good"), [(59, True), (61, False)])
def test_the_link_lives_an_hour(
    people: None, no_broker: list[Any], monkeypatch: pytest.MonkeyPatch, minutes: int, is_good: bool
) -> None:
    Client().post(RESET, {"email": KNOWN})
    tasks.send_mails()
    [path] = re.findall(r"/auth/password/reset/key/\S+", str(mail.outbox[0].body))
    later = default_token_generator._now() + timedelta(minutes=minutes)
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)
    page = Client().get(path, follow=True)
    assert ('name="password1"' in page.content.decode()) == is_good


@pytest.mark.django_db(transaction=True)
def test_all_is_written_at_once(no_broker: list[Any]) -> None:
    with CaptureQueriesContext(connection) as captured:
        Client().post(RESET, {"email": UNKNOWN})
    verbs = [one["sql"].split()[0] for one in captured.captured_queries]
    within = verbs[verbs.index("BEGIN") + 1 : verbs.index("COMMIT")]
    assert verbs.count("BEGIN") == verbs.count("COMMIT") == 1
    assert {"INSERT", "UPDATE"} <= set(within)
    assert set(verbs) - set(within) == {"BEGIN", "COMMIT"}
