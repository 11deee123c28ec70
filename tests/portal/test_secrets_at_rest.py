"""What a dump of the database, and what `dumpdata` writes, holds of secrets: nothing that could be used."""

import re
from io import StringIO
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from portal.sessions import SessionStore
from subscriptions.models import Subscription
from tests import cast
from tests.accounts.test_invitation_open import link_of, make_invitation

TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def every_row() -> str:
    """Give what every table holds, sessions also as Django's own would be unpacked."""
    with connection.cursor() as cursor:
        lines = [str(one.get_decoded()) for one in Session.objects.all()]
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608  # its own tables
            lines += [str(row) for row in cursor.fetchall()]
    return "\n".join(lines)


def dumped() -> str:
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


@pytest.fixture
def planted(subscription: Subscription, operator: User, member: User) -> dict[str, str]:
    """Have a secret of each sort stored, and give each."""
    TOTP.activate(operator, TOTP_SECRET)
    codes = RecoveryCodes.activate(operator).generate_codes()
    client = cast.sign_in(Client(), member)
    cast.confirm_password(client)
    client.get(reverse("mfa_activate_totp"))
    token = default_token_generator.make_token(member)
    Client().get(reverse("account_reset_password_from_key", args=[user_pk_to_url_str(member), token]))
    _, invitation = make_invitation(subscription.customer)
    Client().get(link_of(invitation))
    return {
        "EAB HMAC key": cast.HMAC_KEY,
        "secret of an authenticator app": TOTP_SECRET,
        "the same while it is set up": client.session[SECRET_SESSION_KEY],
        "recovery code": codes[0],
        "token of a reset": token,
        "token of an invitation": invitation,
        "password": cast.PASSWORD,
        "key of a session": client.cookies[settings.SESSION_COOKIE_NAME].value,
    }


@pytest.mark.parametrize("held", [every_row, dumped])
def test_no_secret_is_in_it(planted: dict[str, str], held: Any) -> None:
    text = held()

    assert "owner" in text or "member" in text  # it is not empty
    assert [name for name, secret in planted.items() if secret in text] == []


def test_no_session_is_dumped(planted: dict[str, str]) -> None:
    keys = {*Session.objects.values_list("pk", flat=True), planted["key of a session"]}
    assert len(keys) > 1
    text = dumped()
    assert [key for key in keys if key in text] == []
    assert not re.search(r'"model": "(sessions|usersessions)\.', text)


def test_a_session_is_read_by_its_own_secret_key_only(planted: dict[str, str], settings: Settings) -> None:
    key = planted["key of a session"]
    assert SessionStore(key).load()
    settings.SECRET_KEY = "x" * 50
    assert SessionStore(key).load() == {}


def test_what_the_database_holds_of_a_session_opens_none(member: User) -> None:
    client = cast.sign_in(Client(), member)
    assert client.get("/my/").status_code == 200
    held = {*Session.objects.values_list("pk", flat=True), *UserSession.objects.values_list("session_key", flat=True)}
    assert held
    for key in held:
        taken = Client()
        taken.cookies[settings.SESSION_COOKIE_NAME] = key
        assert taken.get("/my/").status_code == 302


def test_a_session_of_an_earlier_version_signs_in_again(member: User) -> None:
    client = cast.sign_in(Client(), member)
    Session.objects.update(session_data="eyJhIjoxfQ:1vTEST:signature")
    response = client.get("/my/")
    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_other_encryption_keys_sign_nobody_out(member: User, settings: Settings) -> None:
    client = cast.sign_in(Client(), member)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert client.get("/my/").status_code == 200
