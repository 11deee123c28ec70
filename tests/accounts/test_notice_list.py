"""What somebody was told, behind the bell: nothing that its reader may not see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Customer, Membership, Telling, User
from accounts.own_tellings import PER_PAGE
from subscriptions.models import Subscription
from tests import cast

LIST = reverse("accounts:notice-list")


@pytest.fixture
def browser(owner: User) -> Client:
    return cast.sign_in(Client(), owner)


def shown(client: Client, url: str = LIST) -> str:
    return client.get(url).content.decode()


def bell(page: str) -> str:
    """What the bell says."""
    return page.partition('aria-label="Notices')[2].partition('"')[0].strip(", ")


def test_it_works(browser: Client, owner: User, subscription: Subscription) -> None:
    telling = cast.make_telling(owner, subscription, about_name="Shop")
    page = shown(browser)
    assert "The EAB HMAC key of Shop was shown" in page
    assert bell(page) == "1 new"
    answer = browser.get(reverse("accounts:notice-open", args=[telling.code]))
    assert answer.headers["Location"] == reverse("subscriptions:my-subscription", args=[subscription.code])
    telling.refresh_from_db()
    assert telling.read_at is not None
    assert bell(shown(browser)) == ""


def test_one_is_marked_as_read(browser: Client, owner: User, subscription: Subscription) -> None:
    first, _ = (cast.make_telling(owner, subscription) for _ in range(2))
    browser.post(reverse("accounts:notice-read", args=[first.code]))
    assert bell(shown(browser)) == "1 new"


def test_all_are_marked_as_read_but_those_that_came_since(
    browser: Client, owner: User, subscription: Subscription
) -> None:
    until = [cast.make_telling(owner, subscription) for _ in range(3)][-1]
    cast.make_telling(owner, subscription)
    answer = browser.post(reverse("accounts:notices-read"), {"until": until.code})
    assert (answer.status_code, answer.headers["Location"]) == (302, LIST)
    assert bell(shown(browser)) == "1 new"


def test_another_ones_are_not_marked_by_their_codes(
    browser: Client, owner: User, member: User, subscription: Subscription
) -> None:
    cast.make_telling(owner, subscription)
    foreign = cast.make_telling(member, subscription)
    browser.post(reverse("accounts:notices-read"), {"until": foreign.code})
    assert browser.post(reverse("accounts:notice-read", args=[foreign.code])).status_code == 404
    assert browser.get(reverse("accounts:notice-open", args=[foreign.code])).status_code == 404
    assert Telling.objects.filter(is_new=True).count() == 2


def test_what_somebody_may_not_see_any_more_is_neither_shown_nor_counted(
    member: User, customer: Customer, subscription: Subscription
) -> None:
    telling = cast.make_telling(member, subscription, about_name="Shop")
    client = cast.sign_in(Client(), member)
    assert "Shop" in shown(client)
    place = Membership.objects.get(user=member)
    place.is_limited = True
    place.save()
    page = shown(client)
    assert ("Shop" in page, bell(page)) == (False, "")
    assert client.get(reverse("accounts:notice-open", args=[telling.code])).status_code == 404
    place.subscriptions.add(subscription)
    assert "Shop" in shown(client)
    Subscription.objects.update(shown_at=None)
    assert "Shop" not in shown(client)


def test_a_customer_that_somebody_left(member: User, subscription: Subscription) -> None:
    cast.make_telling(member, subscription, about_name="Shop")
    cast.add_person(cast.make_customer("Fabrikam"), member)
    Membership.objects.filter(customer=subscription.customer).delete()
    assert "Shop" not in shown(cast.sign_in(Client(), member))


def test_what_is_solved_is_not_new(browser: Client, owner: User, subscription: Subscription) -> None:
    telling = cast.make_telling(owner, subscription, is_event=False)
    telling.matter.solved_at = timezone.now()
    telling.matter.save()
    page = shown(browser)
    assert "Solved" in page
    assert bell(page) == ""


def test_a_page_at_a_time(browser: Client, owner: User, subscription: Subscription) -> None:
    for number in range(PER_PAGE + 3):
        cast.make_telling(owner, subscription, about_name=f"Thing {number:02}")
    page = shown(browser)
    assert page.count('class="notice ') == PER_PAGE
    assert "Thing 27" in page
    oldest = Telling.objects.get(matter__about_name="Thing 03")
    older = shown(browser, f"{LIST}?before={oldest.code}")
    assert [f"Thing {number:02}" in older for number in (3, 2, 0)] == [False, True, True]
    assert "Thing 27" in shown(browser, f"{LIST}?before=nonsense")


def test_the_bell_counts_to_a_hundred(browser: Client, owner: User, subscription: Subscription) -> None:
    for _ in range(101):
        cast.make_telling(owner, subscription)
    assert bell(shown(browser)) == "99+ new"


def test_the_bell_asks_once(
    owner: User, subscription: Subscription, reseller_admin: User, count_queries: Callable[[Client, str], int]
) -> None:
    cast.make_telling(owner, subscription)
    for person, route in ((owner, "subscriptions:my-requests"), (reseller_admin, "subscriptions:mail-list")):
        client = cast.sign_in(Client(), person)
        url = reverse(route)
        count_queries(client, url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("accounts.templatetags.people.unread_number", lambda *_, **__: 0)
            without = count_queries(client, url)
        assert count_queries(client, url) == without + 1


def test_a_mistake_in_one_notice_hides_that_one_only(
    browser: Client, owner: User, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.make_telling(owner, subscription, about_name="Shop")
    cast.make_telling(owner, subscription, about_name="Wiki", facts={"by": "x"})

    def text(_self: Any, matter: Any) -> str:
        return str(matter.facts["by"])

    monkeypatch.setattr("subscriptions.notices.key_revealed.KeyRevealedNotice.text", text)
    page = shown(browser)
    assert ("Wiki" in page, "Shop" in page) == (True, False)
