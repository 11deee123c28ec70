"""What holds for every notice: its words, its link, who is told, once, and what solves it."""

import re
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse

from accounts.models import Matter, Telling
from accounts.telling import SETTLED_FOR
from accounts.told_notices import Audience, ToldNotice, Topic, all_told_notices, told_notice_named
from tests import cast
from tests.accounts.clock import Clock
from tests.accounts.told import send, watch, watch_until_said
from tests.subscriptions.notices.arranged import ARRANGED, Business

NAMES = [notice.name for notice in all_told_notices()]
MAILED = [name for name, notice in zip(NAMES, all_told_notices(), strict=True) if not notice.is_mailed_apart]
STATES = [name for name in NAMES if ARRANGED[name].solve is not None]
PRICE = re.compile(r"\b(USD|EUR|GBP|CHF)\b|\d+\.\d\d\b|€|\$")
pytestmark = [pytest.mark.servers, pytest.mark.django_db]


def notice_of(name: str) -> ToldNotice:
    notice = told_notice_named(name)
    assert notice is not None
    return notice


def tellings(name: str, **conditions: Any) -> list[Telling]:
    rows = Telling.objects.filter(matter__notice=name, **conditions)
    return list(rows.select_related("matter", "person").order_by("pk"))


def begin(name: str, told: Business) -> list[Telling]:
    """Let a notice become due and be told; give what became of it."""
    ARRANGED[name].begin(told)
    watch()
    return tellings(name)


def test_each_is_arranged() -> None:
    assert sorted(ARRANGED) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_told_once_and_to_the_right_people(name: str, told: Business, clock: Clock) -> None:
    first = begin(name, told)
    assert first

    clock.forward(minutes=5)
    watch()
    clock.forward(days=2)
    watch()

    again = tellings(name, is_solution=False)
    assert {telling.pk for telling in again} == {telling.pk for telling in first}
    assert Matter.objects.filter(notice=name).count() == len({telling.matter_id for telling in first}) == 1
    people = {telling.person for telling in first}
    if notice_of(name).audience == Audience.STAFF:
        assert people == {told.admin}
    else:
        assert people in ({told.owner, told.viewer}, {told.owner})


@pytest.mark.parametrize("name", NAMES)
def test_its_words_are_short_and_tell_nothing_that_they_must_not(name: str, told: Business) -> None:
    notice, matter = notice_of(name), begin(name, told)[0].matter
    title, text = notice.title(matter), notice.text(matter)

    assert 8 < len(title) <= 110
    assert "\n" not in title
    assert not title.endswith(".")
    assert 20 < len(text) < 330
    assert text.endswith(".")
    assert "  " not in text
    words = f"{title} {text} {notice.solved_title(matter)} {notice.solved_text(matter)}"
    for hidden in (cast.HMAC_KEY, "Contoso", "None", "please", "!", "{", "an unknown"):
        assert hidden not in words, hidden
    assert cast.HMAC_KEY not in f"{matter.facts}"
    if notice.audience == Audience.CUSTOMER:
        assert not PRICE.search(words)
        assert "192.0.2.7" not in words, "a viewer may not see addresses"
        assert "Ada" not in words, "nor the names of staff"
    assert notice.label


@pytest.mark.parametrize("name", NAMES)
def test_its_link_is_for_whoever_is_told(name: str, told: Business) -> None:
    notice = notice_of(name)
    for telling in begin(name, told):
        link = notice.link(telling.matter, telling.person)
        address = reverse(link.route, args=link.args)
        assert cast.sign_in(Client(), telling.person).get(address).status_code == 200, telling.person
        answer = cast.sign_in(Client(), told.stranger).get(address)
        assert answer.status_code == 404 or (notice.audience, link.args) == (Audience.CUSTOMER, ())


@pytest.mark.parametrize("name", MAILED)
def test_its_mail_says_it_in_both_forms(name: str, told: Business, clock: Clock) -> None:
    notice, first = notice_of(name), begin(name, told)
    matter = first[0].matter
    clock.forward(days=1)  # a digest is due by then
    watch()
    send()

    mails = [one for one in django_mail.outbox if notice.title(matter) in one.body]
    assert {one.to[0] for one in mails} == {telling.person.email for telling in first if telling.person}
    for one in mails:
        html = str(getattr(one, "alternatives")[0].content)  # noqa: B009 - the stubs know a plain mail only
        for words in (notice.title(matter), notice.text(matter)):
            assert words in str(one.body)
            assert words in html.replace("&#x27;", "'")
        assert cast.HMAC_KEY not in str(one.message())


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(MAILED)))
def test_what_has_a_mail_of_its_own_gets_no_second_one(name: str, told: Business, clock: Clock) -> None:
    first = begin(name, told)
    assert [telling.how for telling in first] == [Telling.How.BELL]

    clock.forward(days=2)
    watch()
    send()
    assert len(django_mail.outbox) == 1


@pytest.mark.parametrize("name", STATES)
def test_once_it_is_solved_that_is_said_and_then_nothing(name: str, told: Business, clock: Clock) -> None:
    arranged, notice = ARRANGED[name], notice_of(name)
    first = begin(name, told)
    clock.forward(days=1)
    watch()
    send()
    django_mail.outbox.clear()
    assert arranged.solve is not None

    arranged.solve(told)
    watch_until_said(clock)
    clock.forward(days=1)
    watch()
    send()

    solved = notice.solved_title(first[0].matter)
    said = [one for one in django_mail.outbox if solved in str(one.body)]
    assert len(said) == (len(first) if arranged.is_solution_told else 0)
    assert Matter.objects.get(notice=name).closed_at is not None

    django_mail.outbox.clear()
    clock.forward(seconds=SETTLED_FOR.total_seconds() * 200)
    watch()
    send()
    assert [one.subject for one in django_mail.outbox if "Solved" in one.subject] == []


@pytest.mark.parametrize("name", STATES)
def test_what_is_solved_before_it_was_mailed_is_never_mailed(name: str, told: Business, clock: Clock) -> None:
    notice, arranged = notice_of(name), ARRANGED[name]
    title = notice.title(begin(name, told)[0].matter)
    assert arranged.solve is not None
    arranged.solve(told)
    clock.forward(minutes=1)
    watch()
    send()

    assert [one.subject for one in django_mail.outbox if title in str(one.body)] == []


def test_money_and_security_cannot_be_missed() -> None:
    pressing = {notice.name for notice in all_told_notices() if notice.topic != Topic.BUSINESS}
    assert pressing >= {"key_revealed", "client_new", "subscription_ending", "subscription_ends_now"}


def test_a_notice_of_a_task_wants_the_permission_of_the_task() -> None:
    for notice in all_told_notices():
        if hasattr(notice, "sort"):
            assert notice.permission == notice.sort.permission, notice.name
