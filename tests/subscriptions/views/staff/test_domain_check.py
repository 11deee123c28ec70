"""Checking names while they are typed."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from subscriptions.forms import domains
from subscriptions.forms.domains import MAX_SHOWN
from subscriptions.models import Quote, Subscription
from subscriptions.rules.names import MAX_NAMES_PER_QUOTE, MOST_WRITINGS, normalise_name
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for


@pytest.fixture
def url(subscription: Subscription) -> str:
    return reverse("subscriptions:domain-check", args=[subscription.code])


def test_it_works(staff_client: Client, url: str) -> None:
    response = staff_client.post(url, {"names": "WWW.example.com\n\nco.uk"})

    page = " ".join(response.content.decode().split())
    assert "1 name to add, 1 to correct." in page
    assert "Line 3" in page
    assert "co.uk belongs to a registry" in page
    assert response.context["check"].notes[0].checked.name == "www.example.com"
    assert Quote.objects.count() == 0


def test_it_warns_of_a_name_that_another_customer_holds(staff_client: Client, url: str) -> None:
    other = cast.make_subscription(cast.make_customer("Contoso"))
    cast.make_domain(other, "www.example.com")

    response = staff_client.post(url, {"names": "www.example.com\nshop.example.com"})

    assert response.context["check"].held == [("www.example.com", "Contoso")]


def test_it_warns_of_a_name_that_a_wildcard_covers(staff_client: Client, url: str, subscription: Subscription) -> None:
    cast.make_domain(subscription, "*.here.com")
    cast.make_order(cast.make_quote(subscription, {"*.coming.com": "95.00"}))
    text = "a.here.com\na.coming.com\na.listed.com\n*.listed.com\nlisted.com\na.b.here.com"

    response = staff_client.post(url, {"names": text})

    check = response.context["check"]
    assert check.good == 6
    assert [(one.line, one.checked.name, one.wildcard) for one in check.covered] == [
        (1, "a.here.com", "*.here.com"),
        (2, "a.coming.com", "*.coming.com"),
        (3, "a.listed.com", "*.listed.com"),
    ]
    page = " ".join(response.content.decode().split())
    assert 'a certificate for <span class="name">*.here.com</span> covers' in page


def test_nothing_typed_says_nothing(staff_client: Client, url: str) -> None:
    assert staff_client.post(url, {"names": "  "}).content.decode().strip() == ""


def test_access_and_wrong_method(url: str, operator: User, auditor: User, stranger: User, owner: User) -> None:
    data: dict[str, Any] = {"names": "www.example.com"}
    assert status_for(operator, url, "post", data) == 200
    assert status_for(auditor, url, "post", data) == 403
    assert status_for(owner, url, "post", data) == 404
    assert status_for(stranger, url, "post", data) == 404
    assert status_for(None, url, "post", data) == 302
    assert status_for(operator, url) == 405


def test_no_more_is_checked_than_the_form_takes(
    staff_client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one pasted file would keep a web process busy for a minute."""
    monkeypatch.setattr(domains, "MAX_TEXT", len("a.example.com\n"))
    response = staff_client.post(url, {"names": "a.example.com\nb.example.com\n"})
    assert response.context["check"].good == 1


def test_no_more_names_are_checked_than_a_quote_takes(
    staff_client: Client, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    normalise = Mock(wraps=normalise_name)
    monkeypatch.setattr("subscriptions.rules.names.normalise_name", normalise)

    response = staff_client.post(url, {"names": ",".join(f"a{n}" for n in range(100_000))})

    page = " ".join(response.content.decode().split())
    assert normalise.call_count == MAX_NAMES_PER_QUOTE * MOST_WRITINGS
    assert "only its first 500 names were checked. Split it into lists of at most 500 names." in page
    assert "Nothing you typed is lost." in page
    assert "0 names to add, 500 to correct." in page
    assert page.count("The name needs at least two labels") == MAX_SHOWN
    assert "and 450 more" in page


def test_a_name_that_is_there_again_is_left_out_with_a_word(staff_client: Client, url: str) -> None:
    response = staff_client.post(url, {"names": "a.com, A.com\na.com。\nb.com\nb.com\n" + "b.com," * 100})

    page = " ".join(response.content.decode().split())
    assert "2 names to add, 103 left out because they stand further up already." in page
    assert 'Line 1: <bdi class="name">A.com</bdi> stands further up already.' in page
    assert 'Line 2: <bdi class="name">a.com。</bdi> stands further up already.' in page
    assert page.count("stands further up already.") == MAX_SHOWN
    assert "and 53 more" in page
    assert response.context["check"].problems == []


def test_a_mark_that_cannot_be_seen_is_shown(staff_client: Client, url: str) -> None:
    page = staff_client.post(url, {"names": "exa\u202emple.com"}).content.decode()

    assert "\u202e" not in page
    assert '<bdi class="name">exa\ufffdmple.com</bdi>' in page
    assert "U+202E (RIGHT-TO-LEFT OVERRIDE, at place 4)" in page


def test_what_is_sold_in_the_sandbox_only(staff_client: Client, url: str, settings: Settings) -> None:
    for in_use, good in ((False, 0), (True, 2)):
        settings.CAAS_SANDBOX = in_use
        response = staff_client.post(url, {"names": "shop.example, *.shop.test, server.local"})
        assert response.context["check"].good == good


def test_a_list_of_as_many_names_as_a_quote_takes_is_checked_whole(staff_client: Client, url: str) -> None:
    response = staff_client.post(url, {"names": "\n".join(f"N{i}.example.com" for i in range(500))})

    page = " ".join(response.content.decode().split())
    assert "500 names to add." in page
    assert "longer than a quote" not in page
    assert page.count("is read as") == MAX_SHOWN
    assert "and 450 more" in page
