"""Django admin is signed in to through allauth."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import cast

ADMIN = reverse("admin:index")


def test_signed_out_leads_to_allauth(client: Client, db: None) -> None:
    login = client.get(ADMIN, follow=True)
    assert [url.partition("?")[0] for url, _ in login.redirect_chain] == [
        reverse("admin:login"),
        reverse("account_login"),
    ]
    assert "admin/login.html" not in [template.name for template in login.templates]


def test_no_password_is_taken_by_admin_itself(client: Client, reseller_admin: User) -> None:
    User.objects.filter(pk=reseller_admin.pk).update(is_staff=True)
    response = client.post(reverse("admin:login"), {"username": reseller_admin.email, "password": cast.PASSWORD})
    assert response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_customers_are_kept_out(client: Client, owner: User) -> None:
    assert cast.sign_in(client, owner).get(reverse("admin:login")).status_code == 403


def test_granted_apart_from_the_role(client: Client, reseller_admin: User) -> None:
    cast.sign_in(client, reseller_admin)
    assert client.get(reverse("admin:login")).status_code == 403
    User.objects.filter(pk=reseller_admin.pk).update(is_staff=True)
    assert client.get(ADMIN).status_code == 200


def test_nobody_signed_in_tries_the_passwords_of_others(client: Client, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(is_staff=True)
    superuser = User.objects.create_superuser("root@reseller.example", cast.PASSWORD)
    cast.sign_in(client, operator)
    response = client.post(reverse("admin:login"), {"username": superuser.email, "password": cast.PASSWORD})
    assert response["Location"] == ADMIN
    assert client.session["_auth_user_id"] == str(operator.pk)
    assert cast.sign_in(client, operator).get(reverse("admin:login") + "?next=//evil.example")["Location"] == ADMIN


def test_own_password_is_changed_on_the_portals_page_only(client: Client, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(is_staff=True)
    before = User.objects.get(pk=operator.pk).password
    new = {"new_password1": "a new one, quite long", "new_password2": "a new one, quite long"}
    answer = cast.sign_in(client, operator).post(
        reverse("admin:password_change"), {"old_password": cast.PASSWORD} | new
    )
    assert answer["Location"] == reverse("account_change_password")
    assert User.objects.get(pk=operator.pk).password == before


@pytest.mark.parametrize("address", ["http://testserver/", "https://testserver/x", "//evil.example", "x"])
def test_a_sign_out_leads_to_no_other_address(client: Client, db: None, address: str) -> None:
    cast.sign_in(client, User.objects.create_superuser("root@reseller.example", cast.PASSWORD))
    answer = client.post(reverse("admin:logout"), {"next": address})
    assert answer["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("admin:logout")).status_code in (302, 405)
