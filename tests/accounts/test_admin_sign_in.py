"""Django admin is signed in to through allauth."""

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
