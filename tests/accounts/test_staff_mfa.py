"""Reseller staff need a second factor."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import cast

MFA = reverse("mfa_index")
HOME = reverse("home")


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = True


@pytest.mark.parametrize("name", ["reseller_admin", "operator", "auditor"])
def test_staff_without_one_are_led_there(client: Client, name: str, request: pytest.FixtureRequest) -> None:
    cast.sign_in(client, request.getfixturevalue(name))
    assert client.get("/staff/")["Location"] == MFA
    assert client.post("/staff/customers/")["Location"] == MFA
    assert client.get(reverse("admin:index"))["Location"] == MFA
    page = client.get(MFA)
    assert page.status_code == 200
    assert "Your role needs a second factor." in page.content.decode()


def test_admin_without_reseller_role_too(client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_staff=True, is_superuser=True)
    assert cast.sign_in(client, member).get(reverse("admin:index"))["Location"] == MFA


def test_a_fragment_leads_the_whole_page_there(client: Client, operator: User) -> None:
    response = cast.sign_in(client, operator).get("/staff/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == MFA


@pytest.mark.parametrize("url", [reverse("mfa_activate_totp"), reverse("account_logout"), "/healthz/live"])
def test_open_pages(client: Client, operator: User, url: str) -> None:
    response = cast.sign_in(client, operator).get(url)
    assert response.get("Location") != MFA


def test_with_one_they_pass(client: Client, operator: User) -> None:
    Authenticator.objects.create(user=operator, type=Authenticator.Type.TOTP, data={})
    assert cast.sign_in(client, operator).get(HOME)["Location"] == "/staff/"


def test_customers_need_none(client: Client, owner: User) -> None:
    assert cast.sign_in(client, owner).get(HOME)["Location"] == "/my/"


def test_nobody_signed_in(client: Client, db: None) -> None:
    assert client.get(HOME)["Location"] == reverse("account_login")


def test_the_setting_relaxes_it(client: Client, operator: User, settings: Any) -> None:
    settings.STAFF_MFA_REQUIRED = False
    assert cast.sign_in(client, operator).get(HOME)["Location"] == "/staff/"
