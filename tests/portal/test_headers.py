"""Every answer carries the headers that keep a browser safe, whichever part of the portal gives it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from portal import views
from portal.middleware import ContentSecurityPolicyMiddleware
from tests import cast

CSP, PERMISSIONS = "Content-Security-Policy", "Permissions-Policy"
HEADERS = (CSP, PERMISSIONS, "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")

pytestmark = pytest.mark.django_db


def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(views, "readiness", fail)
    return Client(raise_request_exception=False).get("/healthz/ready")


def too_large(settings: Settings) -> Any:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    return Client().post(reverse("account_login"), {"login": "x" * 100})


def static_file(settings: Settings) -> Any:
    settings.WHITENOISE_USE_FINDERS = True  # nothing is collected for tests
    response = Client().get("/static/js/copy.js")
    response.close()
    return response


def over_http(settings: Settings) -> Any:
    settings.SECURE_SSL_REDIRECT = True
    return Client().get("/")


def as_superuser(path: str) -> Any:
    user = User.objects.create_superuser("root@reseller.example", cast.PASSWORD)
    return cast.sign_in(Client(), user).get(path)


Get = Callable[[Settings, pytest.MonkeyPatch], Any]
ANSWERS: dict[str, tuple[int, Get]] = {
    "page": (200, lambda *_: Client().get(reverse("account_login"))),
    "redirect": (302, lambda *_: Client().get("/")),
    "redirect to HTTPS": (301, lambda settings, _: over_http(settings)),
    "static file": (200, lambda settings, _: static_file(settings)),
    "no such static file": (404, lambda *_: Client().get("/static/nothing.css")),
    "another host": (400, lambda *_: Client().get("/", headers={"host": "other.example"})),
    "not understood": (400, lambda *_: Client().get(f"{reverse('account_login')}?q=%00")),
    "form without its token": (403, lambda *_: Client(enforce_csrf_checks=True).post(reverse("account_login"))),
    "not there": (404, lambda *_: Client().get("/nothing/")),
    "wrong method": (405, lambda *_: Client().post("/healthz/live")),
    "too large": (400, lambda settings, _: too_large(settings)),
    "failure": (500, lambda _, monkeypatch: failing(monkeypatch)),
    "live": (200, lambda *_: Client().get("/healthz/live")),
    "not ready": (503, lambda *_: Client().get("/healthz/ready")),
    "Django admin": (200, lambda *_: as_superuser(reverse("admin:index"))),
    "not there in Django admin": (404, lambda *_: as_superuser("/admin/nothing/")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_has_them(name: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = False
    status, get = ANSWERS[name]
    response = get(settings, monkeypatch)

    assert (response.status_code, [header for header in HEADERS if header not in response]) == (status, [])
    assert "default-src 'none'" in response[CSP]
    assert "frame-ancestors 'none'" in response[CSP]
    assert "camera=(), clipboard-write=(self)" in response[PERMISSIONS]


def test_a_role_that_does_not_allow_it(auditor: User) -> None:
    response = cast.sign_in(Client(), auditor).get(reverse("subscriptions:customer-add"))

    assert (response.status_code, [header for header in HEADERS if header not in response]) == (403, [])


@pytest.mark.parametrize("status", [404, 500])
def test_djangos_own_error_pages_have_a_policy_too(rf: RequestFactory, settings: Settings, status: int) -> None:
    settings.DEBUG = True

    def debug_page(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    assert "default-src 'none'" in ContentSecurityPolicyMiddleware(debug_page)(rf.get("/"))[CSP]  # type: ignore[index]


def test_hsts_reaches_as_far_as_the_settings_say(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    assert Client().get("/healthz/live", secure=True)["Strict-Transport-Security"] == "max-age=31536000"
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    wide = Client().get("/healthz/live", secure=True)["Strict-Transport-Security"]
    assert wide == "max-age=31536000; includeSubDomains; preload"
    assert "Strict-Transport-Security" not in Client().get("/healthz/live")


def test_nothing_is_exempt() -> None:
    assert configured.MIDDLEWARE[0] == "portal.middleware.ContentSecurityPolicyMiddleware"
    assert configured.CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"] == []
