"""The first page of Django admin: readable names under headings, internals apart and to be read only."""

import html
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.admin_bases import ReadOnlyAdmin
from accounts.admin_site import CALLED, HEADINGS, INTERNALS
from accounts.models import User
from tests import cast

INDEX = reverse("admin:index")
NAMED = {label for labels in HEADINGS.values() for label in labels.split()}
REGISTERED = {model._meta.label_lower: model for model in admin.site._registry}


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root@reseller.example", cast.PASSWORD)


@pytest.fixture
def clerk(db: None) -> User:
    """May look at everything that rights can give, and is no superuser."""
    user = cast.make_user("clerk@reseller.example", reseller_role="operator")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return User.objects.get(pk=user.pk)


def headings(user: User) -> dict[str, list[str]]:
    """What the first page shows, by headings."""
    shown = cast.sign_in(Client(), user).get(INDEX).context["app_list"]
    return {one["name"]: [entry["model"]._meta.label_lower for entry in one["models"]] for one in shown}


def test_every_model_stands_under_one_heading(root: User) -> None:
    shown = headings(root)

    assert list(shown) == [*HEADINGS, INTERNALS]
    assert sorted(label for labels in shown.values() for label in labels) == sorted(REGISTERED)
    assert {title: labels for title, labels in shown.items() if title != INTERNALS} == {
        title: labels.split() for title, labels in HEADINGS.items()
    }


def test_no_name_is_of_a_model_that_is_gone() -> None:
    assert NAMED - set(REGISTERED) == set()
    assert set(CALLED) - set(REGISTERED) == set()


@pytest.mark.parametrize("label", sorted(set(REGISTERED) - NAMED))
def test_internals_can_only_be_read(label: str, root: User) -> None:
    model: type[Model] = REGISTERED[label]
    page = admin.site._registry[model]
    request: Any = RequestFactory().get("/")
    request.user = root

    assert isinstance(page, ReadOnlyAdmin)
    may = (page.has_add_permission(request), page.has_change_permission(request), page.has_delete_permission(request))
    assert may == (False, False, False)


@pytest.mark.parametrize("label", sorted(REGISTERED))
def test_every_list_opens(label: str, root: User) -> None:
    app, model = label.split(".")

    assert cast.sign_in(Client(), root).get(reverse(f"admin:{app}_{model}_changelist")).status_code == 200


def test_how_people_sign_in_is_for_superusers(clerk: User) -> None:
    shown = headings(clerk)

    assert "Sign-in" not in shown
    assert INTERNALS in shown


def test_it_bears_the_name_of_the_portal(root: User, settings: Any) -> None:
    settings.PORTAL_NAME = "Certificates by Example"

    page = html.unescape(cast.sign_in(Client(), root).get(INDEX).content.decode())

    assert "Certificates by Example administration" in page
    assert "Workers and their signs of life" in page


def test_the_page_of_one_app_has_its_own_models(root: User) -> None:
    page = cast.sign_in(Client(), root).get(reverse("admin:app_list", args=["accounts"]))

    assert [one["app_label"] for one in page.context["app_list"]] == ["accounts"]
