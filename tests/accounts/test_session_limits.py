"""A session ends when nobody uses it, and when it is old; what pages ask by themselves is no use."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import AuditEvent, User
from subscriptions.models import Domain, Order, Subscription
from tests import cast
from tests.accounts.clock import Clock

HOME = reverse("home")
SIGN_IN = reverse("account_login")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def order(running_subscription: Subscription) -> Order:
    return cast.make_order(cast.make_quote(running_subscription))


def is_in(client: Client) -> bool:
    return client.get(HOME).headers.get("Location", SIGN_IN) != SIGN_IN


def timed_out() -> list[str]:
    return [event.detail["reason"] for event in AuditEvent.objects.filter(action="session.timed_out")]


@pytest.mark.parametrize(("role", "minutes"), [("operator", 30), ("auditor", 30), ("owner", 120), ("stranger", 120)])
def test_idle(clock: Clock, role: str, minutes: int, request: pytest.FixtureRequest) -> None:
    client = cast.sign_in(Client(), request.getfixturevalue(role))
    for _ in range(3):
        assert is_in(client)
        clock.forward(minutes=minutes - 1)
    assert is_in(client)
    clock.forward(minutes=minutes)

    assert not is_in(client)
    hours = f"{minutes // 60} hours" if minutes % 60 == 0 else f"{minutes} minutes"
    assert f"you did nothing here for {hours}" in client.get(SIGN_IN).content.decode()
    assert timed_out() == [f"you did nothing here for {hours}"]
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_whoever_may_use_django_admin_counts_as_staff(clock: Clock, member: User) -> None:
    User.objects.filter(pk=member.pk).update(is_staff=True)
    client = cast.sign_in(Client(), member)
    assert is_in(client)
    clock.forward(minutes=30)
    assert not is_in(client)


def test_one_never_used_after_the_sign_in(clock: Clock, operator: User) -> None:
    client = cast.sign_in(Client(), operator)
    clock.forward(minutes=30)
    assert not is_in(client)


def test_absolute(clock: Clock, operator: User) -> None:
    client = cast.sign_in(Client(), operator)
    for _ in range(36):
        assert is_in(client)
        clock.forward(minutes=20)
    assert not is_in(client)
    assert timed_out() == ["your sign-in is 12 hours old"]


def test_a_new_key_of_the_session_does_not_make_it_younger(clock: Clock, operator: User, settings: Any) -> None:
    settings.SESSION_ABSOLUTE = 600
    client = cast.sign_in(Client(), operator)
    clock.forward(minutes=9)
    new = {"password1": "sandwich-Kettle-42", "password2": "sandwich-Kettle-42"}
    client.post(reverse("account_change_password"), {"oldpassword": cast.PASSWORD} | new)
    assert is_in(client)
    clock.forward(minutes=1)
    assert not is_in(client)


def test_the_settings_decide(clock: Clock, operator: User, owner: User, settings: Any) -> None:
    settings.SESSION_IDLE_STAFF, settings.SESSION_IDLE = 60, 120
    staff, customer = cast.sign_in(Client(), operator), cast.sign_in(Client(), owner)
    clock.forward(seconds=61)
    assert (is_in(staff), is_in(customer)) == (False, True)
    clock.forward(seconds=121)
    assert not is_in(customer)


POLLS: dict[str, tuple[str, Callable[[Order], Any]]] = {
    "subscriptions:order-progress": ("operator", lambda order: order.code),
    "subscriptions:quote-lines": ("operator", lambda order: order.quote.code),
    "subscriptions:subscription-status": ("operator", lambda order: cast.subscription_of(order).code),
    "subscriptions:name-status": ("operator", lambda order: cast.subscription_of(order).code),
    "subscriptions:prevalidation-status": (
        "operator",
        lambda order: cast.make_prevalidation(cast.subscription_of(order).customer).code,
    ),
    "subscriptions:my-subscription-status": ("owner", lambda order: cast.subscription_of(order).code),
    "subscriptions:quote-checked": ("operator", lambda order: order.quote.code),
    "subscriptions:served-status": ("operator", lambda order: _name(order).code),
    "subscriptions:my-served-status": ("owner", lambda order: _name(order).code),
    "subscriptions:name-check-status": ("operator", lambda order: [_name(order).subscription.code, _name(order).code]),
    "subscriptions:my-name-check-status": ("owner", lambda order: [_name(order).subscription.code, _name(order).code]),
}
# Where the address comes from the view, because staff and customers share the part.
SHARED = {
    "_my_subscription_guide.html": {"subscriptions:my-subscription-status"},
    "_name_check_result.html": {"subscriptions:name-check-status", "subscriptions:my-name-check-status"},
    "_name_served.html": {"subscriptions:served-status", "subscriptions:my-served-status"},
}


def _name(order: Order) -> Domain:
    subscription = cast.subscription_of(order)
    return subscription.domains.first() or cast.make_domain(subscription, "polled.example.com")


def _address(name: str, order: Order) -> str:
    of = POLLS[name][1](order)
    return reverse(name, args=of if isinstance(of, list) else [of])


@pytest.mark.parametrize("name", POLLS)
@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}])
def test_a_poll_is_no_use(
    clock: Clock, order: Order, name: str, headers: dict[str, str], request: pytest.FixtureRequest
) -> None:
    role, address = POLLS[name][0], _address(name, order)
    client = cast.sign_in(Client(headers=headers), request.getfixturevalue(role))
    assert is_in(client)
    limit = 30 if role == "operator" else 120
    for _ in range(5):
        clock.forward(minutes=limit / 6)
        assert client.get(address).status_code == 200
    clock.forward(minutes=limit / 6)

    answer = client.get(address, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert not is_in(client)


def test_a_request_that_waits_for_a_sign_in_is_kept_without_its_cookies(clock: Clock, member: User) -> None:
    client = cast.sign_in(Client(), member)
    clock.forward(minutes=10)
    assert client.post(reverse("mfa_activate_totp"), {"code": "123456"}).status_code == 302
    kept = client.session["account_reauthentication_state"]["request"]
    assert "123456" in kept
    assert client.session.session_key not in kept


def test_a_page_that_reloads_itself_is_not_used(clock: Clock, order: Order, operator: User) -> None:
    client = cast.sign_in(Client(), operator)
    page = reverse("subscriptions:order-detail", args=[order.code])
    (url,) = re.findall(r'http-equiv="refresh"\s+content="5;url=([^"]+)"', client.get(page).content.decode())
    for _ in range(2):
        clock.forward(minutes=10)
        (url,) = re.findall(r'http-equiv="refresh"\s+content="5;url=([^"]+)"', client.get(page + url).content.decode())
    clock.forward(minutes=10)
    assert url == "?refreshed=1"
    assert client.get(page + url).status_code == 302


def test_whatever_asks_by_itself_is_marked() -> None:
    """The routes that templates ask every few seconds, against the views that are marked as polls."""
    asked: set[str] = set()
    for path in Path(configured.BASE_DIR, "templates").rglob("*.html"):
        for tag in re.findall(r"<[^<]*?hx-trigger=\"every[^>]*>", path.read_text(encoding="utf-8")):
            asked |= set(re.findall(r"hx-get=\"{% url '([^']+)'", tag)) or SHARED[path.name]
    polls = {name for name, view in _views().items() if getattr(view, "is_poll", False)}

    assert asked == polls == set(POLLS)


def _views() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(resolver: Any, namespace: str) -> None:
        for one in resolver.url_patterns:
            if hasattr(one, "url_patterns"):
                walk(one, f"{namespace}{one.namespace}:" if one.namespace else namespace)
            else:
                found[f"{namespace}{one.name}"] = one.callback

    walk(get_resolver(), "")
    return found
