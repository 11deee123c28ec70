"""Where a person is led after the sign-in is a path of the portal's own, whatever the address of the door says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import cast

SIGN_IN = reverse("account_login")
HOSTILE = [
    "http://testserver/staff/",
    "https://testserver/staff/",
    "http://evil.example/",
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "https:///evil.example",
    "evil.example",
    "ftp://testserver/",
    "http:/staff/",
    "https://localhost/",
    "https://portal.example.com/",
    "/\x00/evil.example/",
    "/\u2028/evil.example",
]

Door = Callable[[User, str], Any]


@pytest.fixture(autouse=True)
def _other_hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost", ".portal.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://portal.example.com", "http://testserver"]


def signing_in(user: User, url: str) -> Any:
    return Client().post(SIGN_IN, {"login": user.email, "password": cast.PASSWORD, "next": url})


def signed_in(user: User, url: str) -> Any:
    return cast.sign_in(Client(), user).get(SIGN_IN, {"next": url})


def signing_up(user: User, url: str) -> Any:
    return cast.sign_in(Client(), user).get(reverse("account_signup"), {"next": url})


def signing_out(user: User, url: str) -> Any:
    return cast.sign_in(Client(), user).post(reverse("account_logout"), {"next": url})


def confirming(user: User, url: str) -> Any:
    client = cast.sign_in(Client(), user)
    return client.post(reverse("account_reauthenticate"), {"password": cast.PASSWORD, "next": url})


def changing(user: User, url: str) -> Any:
    form = {"oldpassword": cast.PASSWORD, "password1": "sandwich-Kettle-42", "password2": "sandwich-Kettle-42"}
    return cast.sign_in(Client(), user).post(reverse("account_change_password"), form | {"next": url})


def asking_for_a_reset(user: User, url: str) -> Any:
    return Client().post(reverse("account_reset_password"), {"email": user.email, "next": url})


def to_django_admin(user: User, url: str) -> Any:
    entrance = Client().get(reverse("admin:login"), {"next": url})
    if entrance.status_code == 400:  # a NUL byte
        return entrance
    assert entrance["Location"].startswith(SIGN_IN)
    return Client().post(entrance["Location"], {"login": user.email, "password": cast.PASSWORD})


def in_django_admin(user: User, url: str) -> Any:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return cast.sign_in(Client(), user).get(reverse("admin:login"), {"next": url})


DOORS: list[Door] = [
    signing_in,
    signed_in,
    signing_up,
    signing_out,
    confirming,
    changing,
    asking_for_a_reset,
    to_django_admin,
    in_django_admin,
]


@pytest.mark.parametrize("door", DOORS)
def test_nobody_is_led_elsewhere(door: Door, owner: User) -> None:
    led = {}
    for url in HOSTILE:
        owner.set_password(cast.PASSWORD)
        owner.save()
        answer = door(owner, url)
        led[url] = answer.get("Location", "/")
    assert {url: to for url, to in led.items() if not is_own(to)} == {}
    assert not any("evil.example" in to for url, to in led.items() if door not in (to_django_admin, in_django_admin))


def is_own(location: str) -> bool:
    return location.startswith("/") and not location.startswith(("//", "/\\", "/\t", "/\n", "/\r"))


@pytest.mark.parametrize("door", [signing_in, signed_in, signing_out, confirming, changing])
@pytest.mark.parametrize("url", ["/my/", "/my/people/?page=2#end", "/staff/customers/?q=%C3%A4"])
def test_own_paths_are_followed(door: Door, owner: User, url: str) -> None:
    assert door(owner, url)["Location"] == url


@pytest.mark.parametrize("path", ["//evil.example/x", "//evil.example", "/%5Cevil.example/x", "/\\evil.example/staff"])
def test_no_slash_is_added_to_another_host(path: str, client: Client, db: None) -> None:
    answer = client.get(path)
    assert is_own(answer.get("Location", "/"))
