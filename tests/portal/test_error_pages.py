"""The error pages are ours, and render even without a request."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from django.views import defaults
from django.views.csrf import csrf_failure
from pytest_django import Settings


@pytest.mark.django_db
def test_a_page_that_is_not_there(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing/here/", "/staff/nothing/", "/admin/nothing/", "/my/subscriptions/nothing/"])
def test_that_page_is_shown_to_who_tries_the_portal_here(client: Client, settings: Settings, path: str) -> None:
    settings.DEBUG = True
    response = client.get(path, follow=True)

    assert "urlconf" not in response.content.decode().lower()
    assert "There is no such page" in response.content.decode() or response.redirect_chain
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]  # so that it has the portal's own looks


@pytest.mark.django_db
def test_a_form_without_its_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/auth/login/", {"login": "a@example.com"})

    assert response.status_code == 403
    assert "This form is no longer valid" in response.content.decode()


@pytest.mark.django_db
def test_the_others(rf: RequestFactory) -> None:
    request = rf.get("/")

    pages = {
        defaults.bad_request(request, SuspiciousOperation()): "This request cannot be understood",
        defaults.server_error(request): "Something went wrong on our side",
    }
    for response, heading in pages.items():
        assert heading in response.content.decode()
    assert [response.status_code for response in pages] == [400, 500]


@pytest.mark.django_db
def test_a_role_that_does_not_allow_it(client: Client, rf: RequestFactory) -> None:
    request = client.get("/auth/login/").wsgi_request

    response = defaults.permission_denied(request, PermissionDenied())

    assert response.status_code == 403
    assert "Your role does not allow this" in response.content.decode()
    assert csrf_failure(request).status_code == 403
