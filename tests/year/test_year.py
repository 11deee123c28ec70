"""A year with 500 names: whatever was late is told once, to the right people, within a day; nothing else is told."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from subscriptions.rules.terms import ENDING_DAYS, ending_step
from tests.ledger.conftest import FrozenClock
from tests.year.business import AWAY, READ_EVERY, STEP, Bought, Business
from tests.year.told import Told, what_was_told
from tests.year.truth import Spell, spells_of

DAYS = int(os.environ.get("YEAR_DAYS", "400"))
A_DAY = timedelta(days=1)
UNSEEN = READ_EVERY + AWAY + 2 * STEP  # for how long at most the portal cannot know what a client did
SPELLS = {"certificate_late", "certificate_failing", "certificate_expired", "certificate_revoked"}
ENDINGS = {"subscription_ending", "subscription_ends_now"}
ONCE_A_SUBSCRIPTION = {"first_certificate", "client_registered"}
OTHERS = {"client_new", "names_changed", "handed_over"}
OF_THE_CA = {"ca_away"}
pytestmark = pytest.mark.year


@pytest.fixture
def seed() -> int:
    """YEAR_SEED, or a new one; printed, so that a year can be had again."""
    return int(os.environ.get("YEAR_SEED", "") or random.SystemRandom().randrange(10**6))


def test_every_lateness_is_told_once(
    business: Business, clock: FrozenClock, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with capfd.disabled():
        sys.stderr.write(f"\nYEAR_SEED={seed}\n")
    began = clock.instant
    business.open()
    business.live_until(began + timedelta(days=DAYS))
    told = what_was_told(business.mailbox.taken)
    spells = [spell for bought in business.bought for spell in spells_of(bought, clock.instant)]
    with capfd.disabled():
        sys.stderr.write(f"{len(business.mailbox.taken)} mails, {len(spells)} spells of {DAYS} days\n")
        sys.stderr.write(f"{Counter((one.notice, one.is_solution) for one in told)}\n")
        sys.stderr.write(f"killed: {Counter(business.beat.killed)}; the CA was away {len(business.away)} times\n")

    assert {one.notice for one in told} <= SPELLS | ENDINGS | ONCE_A_SUBSCRIPTION | OTHERS | OF_THE_CA
    for bought in business.bought:
        _every_spell_is_told_once(bought, told, clock.instant)
        _every_step_to_the_end_is_told_once(bought, told, clock.instant)
    _nothing_else_is_told(spells, told)
    _staff_learn_of_the_ca_alone(business, told)


def _every_spell_is_told_once(bought: Bought, told: list[Told], now: datetime) -> None:
    for spell in spells_of(bought, now):
        mails = [one for one in _about(spell, told) if spell.began <= one.at <= spell.ended + UNSEEN]
        assert {one.to for one in mails} <= {bought.owner.email}
        news = [one for one in mails if not one.is_solution and one.noticed_at <= spell.ended + UNSEEN]
        if spell.lasted >= A_DAY:
            assert len(news) == 1, (spell, news)
            assert news[0].at <= spell.began + A_DAY, (spell, news)
        assert len(news) <= 1, (spell, news)
        if news and spell.is_cured and now - spell.ended > 2 * A_DAY:
            solved = [one for one in told if one.is_solution and one.matter == news[0].matter]
            assert len(solved) == 1, (spell, news, solved)
            assert spell.ended <= solved[0].at <= spell.ended + A_DAY + UNSEEN, (spell, solved)


def _about(spell: Spell, told: Iterable[Told]) -> list[Told]:
    return [one for one in told if one.notice == spell.notice and one.about == spell.name]


def _nothing_else_is_told(spells: list[Spell], told: list[Told]) -> None:
    for one in told:
        if one.notice in SPELLS and not one.is_solution:
            fitting = [spell for spell in spells if spell.notice == one.notice and spell.name == one.about]
            assert any(spell.began <= one.at and one.noticed_at <= spell.ended + UNSEEN for spell in fitting), one
    matters = Counter((one.matter, one.to, one.is_solution) for one in told)
    assert [matter for matter, number in matters.items() if number > 1] == []


def _every_step_to_the_end_is_told_once(bought: Bought, told: list[Told], now: datetime) -> None:
    mine = [one for one in told if one.notice in ENDINGS and not one.is_solution and one.to == bought.owner.email]
    code = str(bought.row.code)
    end = bought.first_end
    steps = [one.facts["step"] for one in mine if one.subscription == code]
    stops = min(now, bought.extended_at or now)
    due = [step for step in (*ENDING_DAYS, 0, -1) if _reached(end, step) + A_DAY + UNSEEN <= stops]
    late = [step for step in (*ENDING_DAYS, 0, -1) if _reached(end, step) <= stops]
    assert len(steps) == len(set(steps))
    assert set(due) <= set(steps) <= set(late), (bought, steps)


def _reached(end: datetime, step: int) -> datetime:
    """Give about when a term comes to a step."""
    at = end - timedelta(days=max(step, 0), hours=23)
    while ending_step(end, at) != step:
        at += timedelta(hours=1)
    return at


def _staff_learn_of_the_ca_alone(business: Business, told: list[Told]) -> None:
    for one in told:
        if one.to == business.staff.email:
            assert one.notice in OF_THE_CA, one
            assert any(began <= one.at <= ended + UNSEEN for began, ended in business.away), one
