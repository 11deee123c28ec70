"""The settings that a reseller admin changes in the portal, within what the environment allows."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.changeable import CALLS_A_SECOND, CALLS_AT_ONCE, CHANGEABLE, SUPPORT_EMAIL, SYNC_INTERVAL, Number
from accounts.forms import SettingsForm
from accounts.kept_settings import keep_setting
from accounts.models import AuditEvent, Customer, Setting, User
from accounts.notices import triple
from accounts.services import invite_person
from tests import cast

URL = reverse("subscriptions:portal-settings")
README = Path(__file__).parents[2] / "README.md"


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def typed(**values: str) -> dict[str, str]:
    return dict.fromkeys(CHANGEABLE, "") | values


def test_the_environment_counts_until_somebody_changes_it(db: None, settings: Any) -> None:
    settings.PORTAL_SUPPORT_EMAIL, settings.CAAS_MAX_CONCURRENCY = "help@reseller.example", 7

    assert (SUPPORT_EMAIL.value(), CALLS_AT_ONCE.whole()) == ("help@reseller.example", 7)


def test_it_works(admin_client: Client, customer: Customer, owner: User, settings: Any) -> None:
    values = typed(support_email="Help@Reseller.example", calls_at_once="2", calls_a_second="0.5", sync_interval="240")

    assert admin_client.post(URL, values).status_code == 302

    assert (CALLS_AT_ONCE.whole(), CALLS_A_SECOND.value()) == (2, 0.5)
    assert SYNC_INTERVAL.duration().total_seconds() == 240 * 60
    assert "mailto:help@reseller.example" in text_of(cast.sign_in(Client(), owner).get("/my/"))
    assert "help@reseller.example" in str(triple("invitation", to="a@b.example", context={}).body)
    page = text_of(admin_client.get(URL))
    assert 'value="help@reseller.example"' in page
    assert 'value="240"' in page


def test_the_trail_has_before_and_after_of_what_changed(admin_client: Client, reseller_admin: User) -> None:
    admin_client.post(URL, typed(calls_at_once="2", sync_interval="240"))
    admin_client.post(URL, typed(calls_at_once="3", sync_interval="240"))
    assert "Nothing was changed." in text_of(
        admin_client.post(URL, typed(calls_at_once="3", sync_interval="240.0"), follow=True)
    )

    told = AuditEvent.objects.filter(action="settings.changed").order_by("pk")
    assert [event.detail["changes"] for event in told] == [
        {"Calls at once": ["", "2"], "Between two readings (minutes)": ["", "240"]},
        {"Calls at once": ["2", "3"]},
    ]
    assert {event.actor_code for event in told} == {reseller_admin.code}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("calls_at_once", "5", "Type 4 or less"),
        ("calls_at_once", "0", "Type 1 or more"),
        ("calls_a_second", "5.1", "Type 5 or less"),
        ("sync_interval", "179", "Type 180 or more"),
        ("invitation_days", "8", "Type 7 or less"),
        ("invitation_days", "NaN", "whole number"),
        ("calls_a_second", "Infinity", "Type a number"),
        ("support_email", "nobody", "This is no e-mail address"),
    ],
)
def test_nothing_beyond_the_environment_is_taken(admin_client: Client, name: str, value: str, said: str) -> None:
    response = admin_client.post(URL, typed(**{name: value}))

    assert (response.status_code, Setting.objects.count()) == (200, 0)
    form: SettingsForm = response.context["form"]
    assert said in str(form.errors[name])


@pytest.mark.parametrize("number", [one for one in CHANGEABLE.values() if isinstance(one, Number)], ids=str)
def test_what_was_kept_never_goes_beyond_the_environment_of_today(db: None, number: Number, settings: Any) -> None:
    given = float(getattr(settings, number.variable))
    keep_setting(number.name, "100000000" if number.environment_is == "most" else "0")

    assert number.value() == given


@pytest.mark.parametrize("kept", ["", "many", "nan", "inf", "-inf"])
def test_what_is_no_number_is_none(db: None, kept: str) -> None:
    keep_setting("calls_at_once", kept)

    assert CALLS_AT_ONCE.whole() == 4


def test_invitations_hold_as_long_as_was_set(customer: Customer, operator: User) -> None:
    keep_setting("invitation_days", "2")

    invitation = invite_person(actor=operator, customer=customer, email="new@northwind.example", role="member")

    assert (invitation.expires_at - invitation.created_at).days in (1, 2)
    assert round((invitation.expires_at - invitation.created_at).total_seconds() / 86400) == 2


def test_the_readme_says_what_is_where() -> None:
    table = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|`]+?) \| `(\w+)` \|", table, flags=re.MULTILINE)

    assert rows == [(one.label, one.variable) for one in CHANGEABLE.values()]


def test_nobody_reads_the_environment_past_the_list() -> None:
    variables = {one.variable for one in CHANGEABLE.values()}
    sources = [
        path
        for folder in ("accounts", "subscriptions", "portal")
        for path in Path(__file__).parents[2].joinpath(folder).rglob("*.py")
        if path.name not in {"checks.py", "settings.py", "changeable.py"}
    ]
    assert sources
    past = [f"{path.name}: {name}" for path in sources for name in variables if f"settings.{name}" in path.read_text()]
    assert past == []
