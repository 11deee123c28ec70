"""What a signed-in person sees is kept by no cache."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from subscriptions.models import Subscription

PRIVATE = "private, no-store"


@pytest.mark.parametrize(
    ("route", "status"),
    [("subscriptions:customer-list", 200), ("home", 302), ("account_change_password", 200), ("admin:index", 302)],
)
def test_a_signed_in_persons_answers_are_not_kept(staff_client: Client, route: str, status: int) -> None:
    response = staff_client.get(reverse(route))

    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("path", ["/nothing/", "/staff/customers/?q=a%00b"])
def test_nor_are_error_pages(staff_client: Client, path: str) -> None:
    response = staff_client.get(path)

    assert response.status_code in {400, 404}
    assert response["Cache-Control"] == PRIVATE


def test_nor_are_parts_of_pages(staff_client: Client, subscription: Subscription) -> None:
    url = reverse("subscriptions:domain-check", args=[subscription.code])

    assert staff_client.post(url, {"names": "www.example.com"})["Cache-Control"] == PRIVATE


def test_what_a_view_says_itself_stays(staff_client: Client) -> None:
    assert staff_client.get("/healthz/live")["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_others_answers_are_left_alone(client: Client, db: None) -> None:
    assert "Cache-Control" not in client.get("/nothing/")
    assert "Cache-Control" not in client.get("/")


def test_static_files_can_be_kept(staff_client: Client, settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = True  # nothing is collected for tests
    response = staff_client.get("/static/js/copy.js")
    response.close()

    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
