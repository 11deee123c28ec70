"""The pages that a link in a mail opens, in a real browser: it decides what the form's request tells of its origin."""

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import cast
from tests.accounts.test_invitation_open import link_of, make_invitation
from tests.portal import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long and good one"


def test_an_invitation_is_accepted(live_server: LiveServer) -> None:
    _, token = make_invitation(cast.make_customer())
    with browsing.a_browser() as browser:
        page = browser.new_page()
        page.goto(live_server.url + link_of(token))
        page.get_by_label("Your name").fill("Nina New")
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Join").click()

        expect(page).to_have_url(live_server.url + "/my/")


def test_a_forgotten_password_is_replaced(live_server: LiveServer) -> None:
    user = cast.make_user("olga@northwind.example")
    key = [user_pk_to_url_str(user), default_token_generator.make_token(user)]
    link = reverse("account_reset_password_from_key", args=key)
    with browsing.a_browser() as browser:
        page = browser.new_page()
        page.goto(live_server.url + link)
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.locator("#content form button[type=submit]").click()

        expect(page).to_have_url(live_server.url + reverse("account_reset_password_from_key_done"))
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
