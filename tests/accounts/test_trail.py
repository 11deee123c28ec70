"""What people do about their sign-in, and what is refused to them, is in the audit trail."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts import tasks, trail
from accounts.models import AuditEvent, Customer, Tally, User
from accounts.tallies import count, is_told
from tests import cast

pytestmark = pytest.mark.servers

SIGN_IN = reverse("account_login")
SECRET = "JBSWY3DPEHPK3PXP"
FROM: dict[str, Any] = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": "Browser 1"}


COUNTER = 59_000_000  # of the codes of authenticator apps, which would otherwise change while a test runs


@pytest.fixture(autouse=True)
def unused_codes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([COUNTER]))


def told(*fields: str) -> list[Any]:
    """Give what the trail holds, oldest first."""
    rows = AuditEvent.objects.order_by("pk").values_list(*(fields or ("action",)), flat=len(fields) < 2)
    return list(rows)


def sign_in(client: Client, email: str, password: str = cast.PASSWORD, **more: Any) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password}, **FROM | more)


def code_of(secret: str) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, COUNTER)))


def test_a_sign_in(client: Client, owner: User, customer: Customer) -> None:
    assert sign_in(client, owner.email).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.target_code) == ("sign_in.succeeded", owner.code, owner.code)
    assert (event.customer_code, event.ip_address, event.user_agent) == (customer.code, "192.0.2.7", "Browser 1")
    assert event.detail == {"email": owner.email, "methods": ["password"], "how": "password"}


def test_a_sign_in_with_a_second_factor(client: Client, owner: User) -> None:
    totp.TOTP.activate(owner, SECRET)
    sign_in(client, owner.email)
    assert told("action", "actor_code", "target_code") == [("sign_in.factor_asked", None, owner.code)]
    client.post(reverse("mfa_authenticate"), {"code": "000000"}, **FROM)
    client.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)}, **FROM)
    assert told("action", "detail__how", "ip_address") == [
        ("sign_in.factor_asked", None, "192.0.2.7"),
        ("factor.refused", None, "192.0.2.7"),
        ("sign_in.succeeded", "password and code from an app", "192.0.2.7"),
    ]
    assert AuditEvent.objects.get(action="factor.refused").detail == {"email": owner.email, "factor": "totp"}


def test_a_sign_in_with_a_recovery_code(client: Client, owner: User) -> None:
    totp.TOTP.activate(owner, SECRET)
    code = RecoveryCodes.activate(owner).get_unused_codes()[0]
    sign_in(client, owner.email)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert told() == ["sign_in.factor_asked", "recovery_codes.used", "sign_in.succeeded"]
    assert code not in str(list(AuditEvent.objects.values()))


def test_a_right_password_tried_often_does_not_fill_the_trail(owner: User) -> None:
    totp.TOTP.activate(owner, SECRET)
    for _ in range(trail.REFUSALS_TOLD + 5):
        sign_in(Client(), owner.email)
    assert told() == ["sign_in.factor_asked"] * trail.REFUSALS_TOLD


def test_a_sign_out(client: Client, owner: User) -> None:
    sign_in(client, owner.email)
    client.post(reverse("account_logout"))
    assert told() == ["sign_in.succeeded", "session.ended"]


def test_owners_are_told_nothing_of_one_who_went_over_to_the_reseller(
    client: Client, owner: User, member: User
) -> None:
    User.objects.filter(pk=member.pk).update(reseller_role="operator")
    client.post(reverse("account_login"), {"login": member.email, "password": "wrong"})
    assert AuditEvent.objects.get().customer_code is None


@pytest.mark.parametrize("is_active", [True, False])
def test_a_refused_sign_in(client: Client, owner: User, customer: Customer, is_active: bool) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=is_active)
    sign_in(client, owner.email.upper(), "wrong-secret-1")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.target_code) == ("sign_in.refused", None, owner.code)
    assert (event.customer_code, event.ip_address, event.user_agent) == (customer.code, "192.0.2.7", "Browser 1")
    assert "wrong-secret-1" not in str(event.detail)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("olga.old@northwind.example", "olga.old@northwind.example"),
        ("P4ssw0rd@elsewhere.example", "an unknown address"),
        ("owner@northwind.exampleSecret", "an unknown address"),
        ("S3cret@x.example", "an unknown address"),
    ],
)
def test_of_an_unknown_address_nothing_is_kept_that_may_be_a_password(
    client: Client, owner: User, typed: str, kept: str
) -> None:
    sign_in(client, typed, "wrong-secret-1")
    event = AuditEvent.objects.get()
    assert (event.action, event.target_code, event.detail) == ("sign_in.refused", None, {"email": kept})


def test_what_is_no_address_is_not_kept_at_all(client: Client, owner: User) -> None:
    sign_in(client, "S3cret", "wrong")
    assert "S3cret" not in str(list(AuditEvent.objects.values()))


def test_one_who_guesses_does_not_fill_the_trail(rf: Any, owner: User) -> None:
    for _ in range(120):
        trail.passkey_refused(None)
    assert told() == ["sign_in.refused"] * 11  # the first ten, and the hundredth


def test_the_password_asked_again(client: Client, owner: User) -> None:
    cast.sign_in(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": "wrong-secret-1"}, **FROM)
    assert told("action", "actor_code", "ip_address") == [("reauthentication.refused", owner.code, "192.0.2.7")]


def test_a_changed_password(client: Client, owner: User) -> None:
    cast.confirm_password(cast.sign_in(client, owner))
    new = "another horse battery"
    fields = {"oldpassword": cast.PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), fields).status_code == 302
    assert told("action", "actor_code") == [("password.changed", owner.code), ("sessions.ended", owner.code)]


def test_a_password_reset_by_its_link(client: Client, owner: User, mailoutbox: list[Any], no_broker: list[Any]) -> None:
    client.post(reverse("account_reset_password"), {"email": owner.email})
    assert told("action", "target_kind", "target_name") == [("reset.requested", "address", owner.email)]
    tasks.send_mails()
    [mail] = mailoutbox
    link = next(word for word in mail.body.split() if "/reset/key/" in word).partition("localhost:8000")[2]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "another horse battery", "password2": "another horse battery"})
    assert ("reset.used", owner.code) in told("action", "actor_code")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("nobody@northwind.example", "nobody@northwind.example"), ("P4ssw0rd@x.example", "an unknown address")],
)
def test_a_link_asked_for_an_unknown_address(
    client: Client, owner: User, typed: str, kept: str, no_broker: list[Any]
) -> None:
    client.post(reverse("account_reset_password"), {"email": typed}, **FROM)
    assert told("action", "detail", "ip_address") == [("reset.requested", {"email": kept}, "192.0.2.7")]


@pytest.mark.django_db(transaction=True)
def test_factors_of_ones_own(client: Client, owner: User) -> None:
    cast.confirm_password(cast.sign_in(client, owner))
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, **FROM)
    client.post(reverse("mfa_generate_recovery_codes"), **FROM)
    client.post(reverse("mfa_deactivate_totp"), **FROM)
    assert not Authenticator.objects.exists()
    assert [row for row in told("action", "detail__factor") if not row[0].startswith("session")] == [
        ("factor.added", "totp"),
        ("recovery_codes.made", "recovery_codes"),
        ("recovery_codes.made", "recovery_codes"),
        ("factor.removed", "totp"),
        ("factor.removed", "recovery_codes"),
    ]
    assert secret not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("route", ["mfa_view_recovery_codes", "mfa_download_recovery_codes"])
def test_a_look_at_ones_recovery_codes(client: Client, owner: User, customer: Customer, route: str) -> None:
    cast.confirm_password(cast.sign_in(client, owner))
    assert client.get(reverse(route)).status_code in (302, 404)
    assert told() == []
    totp.TOTP.activate(owner, SECRET)
    codes = RecoveryCodes.activate(owner).get_unused_codes()
    page = client.get(reverse(route), **FROM)
    assert codes[0] in page.content.decode()
    assert told("action", "actor_code", "customer_code", "ip_address") == [
        ("recovery_codes.shown", owner.code, customer.code, "192.0.2.7")
    ]
    assert codes[0] not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("route", ["mfa_login_webauthn", "mfa_reauthenticate_webauthn"])
def test_a_passkey_that_is_not_taken(client: Client, owner: User, route: str) -> None:
    is_again = route == "mfa_reauthenticate_webauthn"
    if is_again:
        Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})
        cast.sign_in(client, owner)
    client.post(reverse(route), {"credential": '{"id": "x"}'}, **FROM)
    expected = ("factor.refused", owner.code) if is_again else ("sign_in.refused", None)
    assert told("action", "target_code") == [expected]


@pytest.mark.parametrize("route", ["mfa_login_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn"])
def test_a_passkey_that_no_browser_gives(client: Client, owner: User, route: str) -> None:
    if route == "mfa_reauthenticate_webauthn":
        Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Laptop", "credential": {}})
    if route != "mfa_login_webauthn":
        cast.confirm_password(cast.sign_in(client, owner))
    answer = client.post(reverse(route), {"credential": "[" * 100_000})
    assert answer.status_code in (200, 302)


def test_a_passkey_that_is_not_taken_as_second_step(client: Client, owner: User) -> None:
    totp.TOTP.activate(owner, SECRET)
    sign_in(client, owner.email)
    client.post(reverse("mfa_authenticate"), {"credential": '{"id": "x"}'}, **FROM)
    assert told("action", "target_code", "detail__factor")[1:] == [("factor.refused", owner.code, "webauthn")]


# --- Requests refused -----------------------------------------------------------------------------------------------


def test_a_refused_request(client: Client, viewer: User, customer: Customer) -> None:
    url = reverse("subscriptions:my-people", args=[customer.code])
    assert cast.sign_in(client, viewer).get(url, **FROM).status_code == 403
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_code, event.customer_code) == ("request.refused", viewer.code, customer.code)
    assert (event.ip_address, event.user_agent) == ("192.0.2.7", "Browser 1")
    assert event.detail == {
        "route": "subscriptions:my-people",
        "method": "GET",
        "number": 1,
        "what": "subscriptions:my-people",
    }


def test_a_forged_request_of_a_stranger(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, owner.email).status_code == 403
    assert told("action", "actor_code", "detail__route") == [("request.refused", None, "account_login")]


def test_many_refusals_are_few_events(client: Client, viewer: User, customer: Customer) -> None:
    cast.sign_in(client, viewer)
    for _ in range(25):
        client.get(reverse("subscriptions:my-people", args=[customer.code]))
    client.get(reverse("accounts:people"))
    assert told("detail__route", "detail__number") == [
        ("subscriptions:my-people", 1),
        ("subscriptions:my-people", 10),
        ("accounts:people", 1),
    ]


def test_what_is_counted_is_forgotten_after_a_day(db: None) -> None:
    assert [count("a"), count("a"), count("b")] == [1, 2, 1]
    Tally.objects.update(since=F("since") - timedelta(days=1))
    assert [count("a"), count("a"), Tally.objects.count()] == [1, 2, 2]


def test_what_was_counted_long_ago_is_cleared(db: None) -> None:
    count("a")
    Tally.objects.update(since=F("since") - timedelta(days=1))
    count("b")
    tasks.clear_expired()
    assert [Tally.objects.count(), count("b"), count("a")] == [1, 2, 1]


def test_which_numbers_are_told() -> None:
    assert [one for one in range(1, 2000) if is_told(one)] == [1, 10, 100, 1000]
    assert [one for one in range(1, 200) if is_told(one, first=3)] == [1, 2, 3, 10, 100]
