"""The error pages are ours, and render even without a request."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from django.views import defaults
from django.views.csrf import csrf_failure


@pytest.mark.django_db
def test_a_page_that_is_not_there(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/auth/login/", {"login": "a@example.com"})

    assert response.status_code == 403
    assert "This form is no longer valid" in response.content.decode()


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
