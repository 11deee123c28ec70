"""One sentence and one next step: which reason decides, and that nothing is said that is not known."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from subscriptions.explain.diagnosis import ALWAYS_STOPS, HTTP_STOPS, MAY_STOP, RULES, diagnose
from subscriptions.explain.diagnosis_facts import Facts
from subscriptions.models import Subscription
from subscriptions.preflight import results
from subscriptions.preflight.results import Look, Outcome, Topic

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
State = Subscription.State
# All is well: a running term, a client that comes by, a certificate in the first third of its life.
WELL = Facts(
    name="www.example.com",
    now=NOW,
    state=State.RUNNING,
    expires_at=NOW + 200 * DAY,
    clients=1,
    client_seen_at=NOW - 20 * DAY,
    client_name="certbot 5.6.0",
    last_words="Valid",
    last_seen_at=NOW - DAY,
    valid_until=NOW + 70 * DAY,
    due_at=NOW + 40 * DAY,
    read_at=NOW - timedelta(hours=1),
    looks=[Look(Topic.DNS, Outcome.FINE, results.ADDRESSES, {"addresses": ["192.0.2.1"]})],
)


def look(code: str, outcome: Outcome = Outcome.PROBLEM, topic: Topic = Topic.DNS, **facts: Any) -> Look:
    return Look(topic, outcome, code, facts)


CAA = look(results.CAA_FORBIDS, at="example.com", allowed=["letsencrypt.org"], wanted=["sectigo.com"])
SILENT = look(results.HTTP_SILENT, addresses=[{"address": "192.0.2.1", "why": "timed_out"}])
LATE: dict[str, Any] = {"due_at": NOW - 5 * DAY, "valid_until": NOW + 20 * DAY, "client_seen_at": NOW - DAY}
GONE: dict[str, Any] = {"last_seen_at": None, "valid_until": None, "due_at": None, "last_words": ""}


@pytest.mark.parametrize(
    ("facts", "code", "sentence"),
    [
        ({}, "well", "Nothing is wrong: the certificate is valid until 4 Feb 2027; nothing stops an order."),
        ({"is_there": False}, "removed", "www.example.com is not in this subscription any more"),
        ({"state": State.CREATING}, "creating", "The ACME account is still being created."),
        ({"state": State.FAILED}, "failed", "The ACME account could not be created."),
        ({"state": State.SUSPENDED}, "stopped", "The ACME account is suspended: no client can order with it."),
        ({"state": State.DEACTIVATED}, "stopped", "The ACME account is deactivated for good"),
        ({"state": State.READY, "expires_at": None}, "no-term", "The subscription’s term has not begun"),
        ({"state": State.LAPSED, "expires_at": NOW - DAY}, "lapsed", "The subscription ended on 25 Nov 2026"),
        ({"account_status": "revoked"}, "account", "The CA calls the ACME account revoked"),
        ({"organization_problem": "The validation ended."}, "organization", "The validation ended."),
        ({"clients": 2, "stopped_clients": 2}, "clients-stopped", "Every client that registered with this key"),
        ({**GONE, "clients": 0}, "no-client", "No client has registered with this key yet"),
        ({"looks": [CAA]}, "outside", "The CAA records at example.com allow letsencrypt.org only."),
        ({"looks": [SILENT]}, "port-80", "With HTTP-01 the CA cannot prove the name then."),
        ({"looks": [SILENT], "name": "*.example.com"}, "well", "Nothing is wrong"),
        ({"has_failed": True, "last_words": "PRE-SIGN FAILED"}, "failed-order", "failed at the CA (PRE-SIGN FAILED)"),
        ({**LATE, "client_seen_at": NOW - 60 * DAY}, "quiet", "since 27 Sep 2026 (certbot 5.6.0), so no renewal"),
        (LATE, "due", "The certificate should have been renewed since 21 Nov 2026"),
        ({"is_listed": False}, "unlisted", "The CA’s last list does not show www.example.com"),
        ({**GONE, "is_looking": True, "looks": []}, "looking", "Looking at the name from outside."),
        ({**GONE, "was_looked_at": False, "looks": []}, "off", "the name was not looked at from outside"),
        ({**GONE, "looks": [look(results.OFF, Outcome.OFF)]}, "off", "was not looked at from outside"),
        (GONE, "unknown", "Nothing was found that stops an order."),
        (
            {**GONE, "looks": [look(results.CAA_LIMITED, Outcome.WARNING, at="example.com")]},
            "outside-warning",
            "under conditions only",
        ),
        # A warning stops nothing where a certificate is there.
        ({"looks": [look(results.CAA_LIMITED, Outcome.WARNING, at="example.com")]}, "well", "Nothing is wrong"),
        # What is not known is no reason.
        ({"looks": [look(results.NO_ANSWER, Outcome.UNKNOWN, asked="A")]}, "well", "Nothing is wrong"),
        ({**LATE, "client_seen_at": None}, "due", "should have been renewed"),
        # Of several reasons the first of the rules.
        ({"is_there": False, "state": State.LAPSED, "looks": [CAA]}, "removed", "not in this subscription"),
        ({"state": State.LAPSED, "expires_at": NOW - DAY, "looks": [CAA]}, "lapsed", "ended"),
        ({"looks": [SILENT, CAA]}, "outside", "allow letsencrypt.org only"),
        ({"looks": [SILENT], "has_failed": True}, "port-80", "Port 80 does not answer"),
        ({"has_failed": True, "is_looking": True}, "looking", "Looking"),
        ({"is_looking": True, "looks": [CAA]}, "outside", "allow letsencrypt.org only"),
    ],
)
def test_the_reason_that_decides(facts: dict[str, Any], code: str, sentence: str) -> None:
    diagnosis = diagnose(replace(WELL, **facts))
    assert (diagnosis.code, sentence in diagnosis.sentence) == (code, True), diagnosis.sentence
    assert diagnosis.step.endswith(".")


def test_every_rule_can_decide() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert {look_code for group in (ALWAYS_STOPS, HTTP_STOPS, MAY_STOP) for look_code in group} <= results.CODES


OUTSIDE = [*(look(code) for code in results.CODES), *(look(code, Outcome.WARNING) for code in sorted(MAY_STOP))]


def test_any_facts_together_give_one_sentence_and_one_step() -> None:
    states, flags = list(State), (False, True)
    tried = 0
    for state, is_there, has_failed, is_looking, seen in product(states, flags, flags, flags, OUTSIDE):
        flagged: dict[str, Any] = {"is_there": is_there, "has_failed": has_failed, "is_looking": is_looking}
        facts = replace(WELL, state=state, looks=[seen], **flagged)
        for of in (facts, replace(facts, **GONE, clients=0), replace(facts, name="*.example.com")):
            said = diagnose(of, for_staff=is_looking)
            assert re.fullmatch(r"(www\.example\.com|\*\.example\.com|[A-Z_]).*\.", said.sentence), said.sentence
            assert said.step.endswith("."), said.step
            assert said.lines[-1].topic
            tried += 1
    assert tried > 5000


def test_staff_get_a_step_of_their_own() -> None:
    lapsed = replace(WELL, state=State.LAPSED, expires_at=NOW - DAY)
    assert diagnose(lapsed).step == "Ask your provider to extend it."
    assert diagnose(lapsed, for_staff=True).step.startswith("Extend the subscription")
    assert "your provider" not in diagnose(replace(WELL, is_listed=False), for_staff=True).step


def lines(facts: Facts) -> dict[str, tuple[str, str]]:
    return {line.topic: (line.outcome.value, line.text) for line in diagnose(facts).lines}


def test_looks_stand_in_one_order_however_they_came() -> None:
    came = [look(results.CAA_NONE, Outcome.FINE, Topic.CAA), look(results.ADDRESSES, Outcome.FINE, Topic.DNS)]
    assert [line.topic for line in diagnose(replace(WELL, looks=came)).lines][-2:] == ["Addresses", "CAA records"]


def test_all_that_was_looked_at_stands_below() -> None:
    assert lines(WELL) == {
        "Subscription": ("fine", "The name is in it, and its term runs until 14 Jun 2027."),
        "ACME account": ("fine", "It can be used."),
        "Last order": ("fine", "The CA says: Valid. The certificate is valid until 4 Feb 2027."),
        "Clients": ("fine", "One last asked the CA on 6 Nov 2026: certbot 5.6.0."),
        "Reading at the CA": ("fine", "What stands above is as the CA listed it on 26 Nov 2026, 11:00 UTC."),
        "Addresses": ("fine", "The name leads to 192.0.2.1."),
    }


@pytest.mark.parametrize(
    ("facts", "topic", "expected"),
    [
        ({"read_at": None}, "Reading at the CA", ("unknown", "The CA was not read for this subscription yet.")),
        ({"read_at": NOW - 2 * DAY}, "Reading at the CA", ("warning", "What stands above is as the CA listed it on")),
        ({"is_held": True}, "Reading at the CA", ("warning", "11:00 UTC. It cannot be read at present.")),
        ({"is_listed": False}, "Subscription", ("warning", "The CA’s last list does not show the name.")),
        (GONE, "Last order", ("unknown", "The CA has shown none.")),
        ({"clients": 0}, "Clients", ("warning", "None has registered with this key.")),
        ({"client_seen_at": None}, "Clients", ("unknown", "When one last asked the CA is not known.")),
        ({"clients": 3, "stopped_clients": 1}, "Clients", ("warning", "1 of 3 stopped.")),
        ({"organization_problem": "It ended."}, "Organization", ("problem", "It ended.")),
    ],
)
def test_how_a_line_ends(facts: dict[str, Any], topic: str, expected: tuple[str, str]) -> None:
    outcome, text = lines(replace(WELL, **facts))[topic]
    assert outcome == expected[0]
    assert expected[1] in text
