"""Sessions end for good: whoever kept an old cookie is a stranger."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import clearing, services, sessions, tasks
from accounts.models import AuditEvent, Customer, User
from portal.sessions import stored_key
from tests import cast
from tests.accounts.attempts import SECRET

pytestmark = pytest.mark.servers

HOME = reverse("home")
SIGN_IN = reverse("account_login")


def signed_in(user: User) -> Client:
    """A browser in which a person is signed in, and has looked around."""
    client = cast.sign_in(Client(), user)
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get(HOME)["Location"] != SIGN_IN


def stored(client: Client) -> str:
    """What stands in the database for a browser's session."""
    return stored_key(str(client.session.session_key))


def ended(user: User) -> list[str]:
    events = AuditEvent.objects.filter(action="sessions.ended", target_code=user.code)
    return [event.detail["reason"] for event in events]


def superuser() -> User:
    return User.objects.create_superuser("root@reseller.example", cast.PASSWORD)


def test_ending_ends_all(owner: User, stranger: User) -> None:
    browsers, other = [signed_in(owner), signed_in(owner)], signed_in(stranger)
    sessions.end_sessions(owner, actor=None, reason="test")

    assert [is_in(one) for one in browsers] == [False, False]
    assert is_in(other)
    assert Session.objects.count() == UserSession.objects.count() == 1
    assert ended(owner) == ["test"]


def test_one_that_nothing_was_noted_of_ends_too(owner: User) -> None:
    browser = signed_in(owner)
    UserSession.objects.all().delete()
    sessions.end_sessions(owner, actor=None, reason="test")
    assert not is_in(browser)


def by_save(user: User, *, is_active: bool) -> None:
    user.is_active = is_active
    user.save()


def by_field(user: User, *, is_active: bool) -> None:
    user.is_active = is_active
    user.save(update_fields=["is_active"])


def by_query(user: User, *, is_active: bool) -> None:
    User.objects.filter(pk=user.pk).update(is_active=is_active)


@pytest.mark.parametrize("write", [by_save, by_field, by_query])
def test_an_old_cookie_is_no_good_after_a_person_is_active_again(owner: User, write: Any) -> None:
    browser = signed_in(owner)
    write(owner, is_active=False)
    write(owner, is_active=True)

    assert not is_in(browser)
    assert is_in(signed_in(User.objects.get(pk=owner.pk)))


@pytest.mark.parametrize("write", [by_save, by_field, by_query])
def test_nor_is_a_link_to_a_new_password(client: Client, owner: User, write: Any) -> None:
    key = [user_pk_to_url_str(owner), default_token_generator.make_token(owner)]
    link = reverse("account_reset_password_from_key", args=key)
    form = client.get(link)["Location"]
    write(owner, is_active=False)
    write(owner, is_active=True)
    client.post(form, {"password1": "a new one, quite long", "password2": "a new one, quite long"})

    assert User.objects.get(pk=owner.pk).check_password(cast.PASSWORD)


def test_django_admin_ends_the_sessions_of_whom_it_makes_inactive(owner: User) -> None:
    browser, root = signed_in(owner), signed_in(superuser())
    form = {"email": owner.email, "name": owner.name, "reseller_role": "", "time_zone": ""}
    answer = root.post(reverse("admin:accounts_user_change", args=[owner.pk]), form)

    assert answer.status_code == 302
    assert not User.objects.get(pk=owner.pk).is_active
    assert ended(owner) == ["made inactive"]
    assert not UserSession.objects.filter(user=owner).exists()
    by_query(owner, is_active=True)
    assert not is_in(browser)


def test_a_superuser_ends_them_in_django_admin(owner: User) -> None:
    browser, root = signed_in(owner), signed_in(superuser())
    people = reverse("admin:accounts_user_changelist")
    root.post(people, {"action": "end_sessions", "_selected_action": [owner.pk]})

    assert not is_in(browser)
    assert ended(owner) == ["in Django admin"]


def test_others_in_django_admin_cannot(owner: User, operator: User) -> None:
    browser = signed_in(owner)
    User.objects.filter(pk=operator.pk).update(is_staff=True)
    operator.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = signed_in(User.objects.get(pk=operator.pk))
    people = reverse("admin:accounts_user_changelist")

    assert "end_sessions" not in client.get(people).content.decode()
    client.post(people, {"action": "end_sessions", "_selected_action": [owner.pk]})
    assert is_in(browser)


def test_the_reseller_admin_ends_them(owner: User, customer: Customer, admin_client: Client) -> None:
    browser = signed_in(owner)
    page = reverse("subscriptions:person-sessions", args=[customer.code, owner.code])

    assert "127.0.0.1" in admin_client.get(page).content.decode()
    assert admin_client.post(page)["Location"] == reverse("subscriptions:customer-detail", args=[customer.code])
    assert not is_in(browser)
    assert ended(owner) == ["by the reseller"]
    assert "Nowhere." in admin_client.get(page).content.decode()


def test_an_operator_cannot(owner: User, customer: Customer, staff_client: Client) -> None:
    browser = signed_in(owner)
    page = reverse("subscriptions:person-sessions", args=[customer.code, owner.code])
    assert staff_client.post(page).status_code == 403
    assert is_in(browser)
    assert page not in staff_client.get(reverse("subscriptions:customer-detail", args=[customer.code])).content.decode()


def test_one_of_another_customer_is_not_found(stranger: User, customer: Customer, admin_client: Client) -> None:
    page = reverse("subscriptions:person-sessions", args=[customer.code, stranger.code])
    assert admin_client.post(page).status_code == 404


def test_the_page_shows_where_a_person_is_signed_in(owner: User) -> None:
    here, there = signed_in(owner), signed_in(owner)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert (page.count("127.0.0.1"), page.count("This one")) == (2, 1)
    assert 'type="submit">Sign out the others' in page

    there.post(reverse("account_logout"))
    page = here.get(reverse("usersessions_list")).content.decode()
    assert page.count("127.0.0.1") == page.count("This one") == 1
    assert 'type="submit">Sign out the others' not in page


def with_password(client: Client) -> None:
    cast.confirm_password(client)
    new = "a new one, quite long"
    answer = client.post(
        reverse("account_change_password"), {"oldpassword": cast.PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302


def with_a_mail(client: Client) -> None:
    user = User.objects.get(pk=client.session["_auth_user_id"])
    link = reverse(
        "account_reset_password_from_key", args=[user_pk_to_url_str(user), default_token_generator.make_token(user)]
    )
    form = client.get(link)["Location"]
    new = "a new one, quite long"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302


@pytest.mark.parametrize(("change", "left"), [(with_password, 1), (with_a_mail, 0)])
def test_with_the_old_password_its_sessions_go(owner: User, change: Any, left: int) -> None:
    """They were good for nothing, but stood in the list of where the person is signed in."""
    here, there = signed_in(owner), signed_in(owner)
    change(here)

    assert (is_in(here), is_in(there)) == (bool(left), False)
    assert len(sessions.sessions_of(owner)) == Session.objects.filter(pk__in=all_noted()).count() == left
    assert len(ended(owner)) == 1


def all_noted() -> list[str]:
    return list(UserSession.objects.values_list("session_key", flat=True))


def test_what_a_person_ends_elsewhere_is_recorded(owner: User) -> None:
    here, there = signed_in(owner), signed_in(owner)
    here.post(reverse("usersessions_list"))
    assert (is_in(here), is_in(there)) == (True, False)
    assert ended(owner) == ["by the person, elsewhere"]


@pytest.mark.django_db(transaction=True)
def test_a_new_second_factor_ends_the_sessions_that_never_showed_it(operator: User) -> None:
    here, there = signed_in(operator), signed_in(operator)
    cast.confirm_password(here)
    here.get(reverse("mfa_activate_totp"))
    code = f"{hotp_value(here.session['mfa.totp.secret'], next(yield_hotp_counters_from_time())):06}"
    assert here.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302

    assert Authenticator.objects.filter(user=operator, type="totp").exists()
    assert (is_in(here), is_in(there)) == (True, False)
    assert ended(operator) == ["new second factor"]
    assert [one.session_key for one in sessions.sessions_of(operator)] == [stored(here)]


def test_what_is_over_is_cleared(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = signed_in(owner), signed_in(owner)
    anonymous = Client().session
    anonymous["left"] = "behind"
    anonymous.save()
    keys = [stored(old), stored_key(str(anonymous.session_key))]
    Session.objects.filter(pk__in=keys).update(expire_date=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(clearing, "AT_ONCE", 1)
    tasks.clear_expired()

    assert list(Session.objects.values_list("pk", flat=True)) == [stored(new)]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [stored(new)]


def test_beat_clears(settings: Any) -> None:
    assert settings.CELERY_BEAT_SCHEDULE["clear-expired"]["task"] == tasks.clear_expired.name


@pytest.mark.parametrize("what", ["password", "epoch", "email"])
def test_a_sign_in_that_waits_for_its_code_ends_too(client: Client, owner: User, what: str) -> None:
    """Whoever typed the old password is asked for the new one, not for the code alone."""
    TOTP.activate(owner, SECRET)
    client.post(SIGN_IN, {"login": owner.email, "password": cast.PASSWORD})
    if what == "password":
        owner.set_password("a new one, quite long")
        owner.save()
    elif what == "epoch":
        by_query(owner, is_active=False)
        by_query(owner, is_active=True)
    else:
        services.change_email(actor=None, user=owner, email="new@northwind.example")
    code = f"{hotp_value(SECRET, next(yield_hotp_counters_from_time())):06}"
    answer = client.post(reverse("mfa_authenticate"), {"code": code})

    assert answer["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session
    assert not AuditEvent.objects.filter(action="sign_in.succeeded").exists()


def test_whose_links_end_gets_new_ones(client: Client, owner: User, no_broker: list[Any]) -> None:
    reset = reverse("account_reset_password")
    for _ in range(3):
        assert client.post(reset, {"email": owner.email}).status_code == 302
    assert client.post(reset, {"email": owner.email}).status_code == 200
    sessions.end_sessions(owner, actor=None, reason="by the reseller")

    assert client.post(reset, {"email": owner.email}).status_code == 302
