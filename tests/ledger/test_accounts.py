"""Calls name a usable ACME account of the binding: clients deactivate their own (RFC 8555, 7.3.6)."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscriptions.caas.errors import RefusalReason
from subscriptions.caas.refusals import refusal
from subscriptions.caas.types import AccountInfo
from subscriptions.ledger import accounts
from subscriptions.models import AcmeAccount, EabBinding, Operation, QuoteLine, Subscription
from subscriptions.sandbox import Fault
from tests.ledger.slowness import after
from tests.ledger.world import World

State = Operation.State
INVALID = Fault.error("invalid-argument", "acmeAccountID")
MALFORMED, UNAUTHORIZED = (f"urn:sectigo:params:acme:error:{kind}" for kind in ("malformed", "unauthorized"))


@pytest.fixture
def running(world: World) -> Subscription:
    """A subscription with a name, whose key a second client has registered with."""
    subscription = world.run(world.ready_subscription())
    world.register(subscription, "second")
    return subscription


def _gone(world: World, subscription: Subscription, fault: Fault = INVALID, action: str = "*") -> str:
    """The client behind the account that calls name deactivates it; the CA takes no call that names it any more."""
    named = world.binding(subscription).acme_account_id
    world.deactivate(named)
    world.ca.arm(action, fault, count=None, acmeAccountID=named)
    return named


def _accounts_named(world: World, action: str) -> list[str]:
    return [form["acmeAccountID"][0] for form in world.forms if form["action"] == [action] and "acmeAccountID" in form]


REFUSALS = [
    INVALID,
    Fault.error("permission"),
    Fault.error("no-subscription"),
    Fault.error_body(403, UNAUTHORIZED, "The account has been deactivated"),
    Fault.error_body(403, UNAUTHORIZED, "Something new!"),
    Fault.error_body(400, "urn:ietf:params:acme:error:accountDoesNotExist", "No."),
]


@pytest.mark.parametrize("fault", REFUSALS, ids=lambda fault: fault.row.detail[:24])
def test_a_charge_goes_again_under_another_account(world: World, running: Subscription, fault: Fault) -> None:
    order = world.order(running, ["example.net", "example.org"])
    first, second = order.operations.order_by("pk")
    gone = _gone(world, running, fault)
    world.work(first)
    world.work(first)
    world.work(second)

    assert set(order.operations.values_list("state", flat=True)) == {State.SUCCEEDED}
    assert world.charged_in_ledger() == world.charged_by_ca()
    assert world.binding(running).acme_account_id == "second"
    assert _accounts_named(world, "ADDDOMAIN")[-2:] == ["second", "second"]
    assert gone in AcmeAccount.objects.exclude(refused_at=None).values_list("acme_account_id", flat=True)


@pytest.mark.parametrize("fault", [INVALID, Fault.error("permission")], ids=["invalid", "permission"])
def test_only_the_charge_is_refused(world: World, running: Subscription, fault: Fault) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    named = world.binding(running).acme_account_id
    world.ca.arm("ADDDOMAIN", fault, count=None, acmeAccountID=named, quoteOnly="N")
    world.deactivate(named)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.was_unknown, operation.attempts) == (State.QUEUED, False, 1)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.attempts) == (State.SUCCEEDED, 2)
    assert len(world.ca.summary()["charges"]) == 2
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_removal_goes_again_under_another_account(world: World, running: Subscription) -> None:
    removal = world.removal(running, "first.example.com")
    world.ca.arm("REMOVEDOMAIN", INVALID, acmeAccountID=world.binding(running).acme_account_id)
    for _ in range(2):
        world.work(removal)
    removal.refresh_from_db()
    assert removal.state == State.SUCCEEDED


def test_what_the_ca_refuses_of_a_usable_account_is_final(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.REFUSED
    assert world.binding(running).acme_account_id != "second"


def test_where_all_are_refused_the_refusal_is_final(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", INVALID, count=None, quoteOnly="N")
    for _ in range(3):
        world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.attempts, operation.error_reason) == (State.REFUSED, 2, "account")
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_a_key_with_one_account_is_refused_in_the_cas_words(world: World) -> None:
    subscription = world.run(world.ready_subscription())
    operation = world.order(subscription, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", INVALID, count=None, quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.REFUSED
    assert operation.error_detail == "The value of the 'acmeAccountID' argument is invalid!"


def test_unreadable_accounts_do_not_end_a_charge(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    _gone(world, running, action="ADDDOMAIN")
    world.ca.arm("LISTACCOUNTS", Fault.server_error())
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.QUEUED
    world.clock.advance(minutes=1)
    for _ in range(2):
        world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.SUCCEEDED


def test_a_charge_whose_outcome_is_unknown_is_settled_under_another_account(
    world: World, running: Subscription
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_after(), quoteOnly="N")
    world.work(operation)
    _gone(world, running)
    assert world.settle(operation).state == State.SUCCEEDED
    assert world.changes("ADDDOMAIN") == 2
    assert world.charged_in_ledger() == world.charged_by_ca()


def test_refused_for_its_account_after_a_lost_call_it_is_read_first(world: World, running: Subscription) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.cut_before(), quoteOnly="N")
    world.work(operation)
    assert world.settle_until_known(operation).state == State.QUEUED
    named = world.binding(running).acme_account_id
    world.ca.arm("ADDDOMAIN", INVALID, count=None, acmeAccountID=named, quoteOnly="N")
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN
    assert world.settle_until_known(operation).state == State.ATTENTION
    assert world.binding(running).acme_account_id == "second"


def test_refused_for_its_account_after_a_lost_call_it_is_read_first_whatever_can_be_read_of_its_accounts(
    world: World, running: Subscription
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    Operation.objects.filter(pk=operation.pk).update(was_unknown=True)
    world.ca.arm("ADDDOMAIN", INVALID, quoteOnly="N")
    world.ca.arm("LISTACCOUNTS", Fault.server_error())
    world.work(operation)
    operation.refresh_from_db()
    assert operation.state == State.UNKNOWN


def test_a_refusal_renews_the_lease_in_which_the_accounts_are_read(
    world: World, running: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    _gone(world, running, action="ADDDOMAIN")
    world.ca.arm("ADDDOMAIN", INVALID, quoteOnly="N")
    add_domain = world.caas.add_domain

    def slowly(**given: Any) -> object:
        try:
            return add_domain(**given)
        finally:
            world.clock.advance(seconds=100)

    monkeypatch.setattr(world.caas, "add_domain", slowly)
    after(100, world, monkeypatch, "list_accounts")
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.was_unknown) == (State.QUEUED, False)


@pytest.mark.parametrize(("action", "asked"), [("LISTDOMAINS", "list_domains"), ("ADDDOMAIN", "quote_domain")])
def test_each_answer_on_the_way_to_another_account_renews_the_lease(
    world: World, running: Subscription, monkeypatch: pytest.MonkeyPatch, action: str, asked: str
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    _gone(world, running, action=action)
    # It came back, so its price is asked for, which may be older than a minute here at the last look.
    Operation.objects.filter(pk=operation.pk).update(attempts=1)
    monkeypatch.setattr("django.conf.settings.CAAS_PRICE_MAX_AGE", 3600)
    for name in (asked, "list_accounts"):
        after(100, world, monkeypatch, name)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, operation.attempts) == (State.SUCCEEDED, 2)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_kept_though_the_database_is_away_while_the_accounts_are_read(
    world: World, running: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = world.order(running, ["example.net"]).operations.get()
    world.ca.arm("ADDDOMAIN", Fault.error("permission"), quoteOnly="N")
    name_another, answers = accounts.name_another, [OperationalError("gone"), None]

    def at_first_away(*args: Any, **given: Any) -> bool:
        if problem := answers.pop(0):
            raise problem
        return name_another(*args, **given)

    monkeypatch.setattr(accounts, "name_another", at_first_away)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    world.work(operation)
    operation.refresh_from_db()
    assert (operation.state, answers) == (State.REFUSED, [])


def test_readings_name_another_account(world: World, running: Subscription) -> None:
    world.by_curl(running, "example.net")
    _gone(world, running)
    world.read(running)
    running.refresh_from_db()
    assert (running.sync_problem, running.synced_at) == ("", world.clock.instant)
    assert running.domains.filter(name="example.net").exists()
    assert world.binding(running).acme_account_id == "second"
    for action in ("LISTDOMAINS", "LISTTRANSACTIONS", "GETLASTORDER"):
        assert _accounts_named(world, action)[-1] == "second"


def test_a_quote_names_another_account(world: World, running: Subscription) -> None:
    _gone(world, running)
    quote = world.quote(running, ["example.net", "example.org"])
    assert set(quote.lines.values_list("state", flat=True)) == {QuoteLine.State.PRICED}


def test_a_refused_quote_reads_the_accounts_once(world: World, running: Subscription) -> None:
    world.ca.arm("ADDDOMAIN", Fault.error("permission"), count=None, quoteOnly="Y")
    world.forms.clear()
    quote = world.quote(running, [f"{number}.example.net" for number in range(8)])
    assert set(quote.lines.values_list("state", flat=True)) == {QuoteLine.State.REFUSED}
    pages = [form.get("page") for form in world.forms if form["action"] == ["LISTACCOUNTS"]]
    assert pages == [["0"], ["1"]]


def test_a_reading_that_shows_it_deactivated_is_enough(world: World, running: Subscription) -> None:
    world.deactivate(world.binding(running).acme_account_id)
    world.read(running)
    assert world.binding(running).acme_account_id == "second"


@pytest.mark.parametrize(("minutes", "named"), [(4.9, "first"), (5, "second")])
def test_one_that_is_not_listed_once_is_not_gone(
    world: World, running: Subscription, minutes: float, named: str
) -> None:
    first = world.binding(running).acme_account_id

    def drop(answer: dict[str, Any]) -> None:
        answer["Accounts"] = [row for row in answer["Accounts"] if row["acmeAccountID"] != first]

    world.rewrite("LISTACCOUNTS", drop)
    world.read_twice(running, minutes=minutes)
    assert world.binding(running).acme_account_id == {"first": first, "second": "second"}[named]


def test_one_that_no_client_has_registered_goes_first(world: World, running: Subscription) -> None:
    world.register(running, "third", status="pending")
    world.deactivate(world.binding(running).acme_account_id)
    world.read(running)
    assert world.binding(running).acme_account_id == "third"


WORDS = st.sampled_from(["pending", "valid", "Valid", "deactivated", "suspended", "revoked", "", "new word"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(st.dictionaries(st.sampled_from("ABCD"), WORDS), min_size=1, max_size=4))
def test_calls_name_a_usable_account_whatever_is_listed(world: World, lists: Sequence[dict[str, str]]) -> None:
    AcmeAccount.objects.all().delete()
    EabBinding.objects.all().delete()
    subscription = Subscription.objects.first() or world.new_subscription()
    binding = EabBinding.objects.create(subscription=subscription, eab_key_id="K", acme_account_id="A")
    AcmeAccount.objects.create(binding=binding, acme_account_id="A", status="pending")
    for listed in lists:
        before = world.binding(subscription).acme_account_id
        infos = [AccountInfo(key, status, "K", "", "", None) for key, status in listed.items()]
        accounts.keep_accounts(binding, infos, began_at=world.clock.instant)
        world.clock.advance(minutes=1)
        usable = {key for key, status in listed.items() if status.lower() in AcmeAccount.USABLE}
        named = world.binding(subscription).acme_account_id
        assert named == binding.acme_account_id
        if named != before:
            is_better = named in usable or (not usable and listed.get(named, "").lower() != "deactivated")
            assert is_better or named not in listed, "never changed for one that is worse"
        if usable and before in listed:
            assert named in usable


NOT_ABOUT_IT = [
    "Insufficient funds: your account could not be debited!",
    "Pricing for the subscription is not configured on your account!",
    "The Tier 1 account is invalid!",
    "The subscription does not exist!",
    "Account could not be deactivated!",
    "The domain account-deactivated.example.com is not valid",
]
ABOUT_IT = [
    "The ACME account does not exist!",
    "The account was deactivated.",
    "Unknown account",
    "The account is not valid!",
    "This ACME account has been suspended",
    "Account not found",
]


@pytest.mark.parametrize("detail", NOT_ABOUT_IT + ABOUT_IT)
def test_which_words_are_about_the_account(detail: str) -> None:
    known = refusal(403, {"type": UNAUTHORIZED, "detail": detail})
    assert known is not None
    assert (known.reason is RefusalReason.ACCOUNT) == (detail in ABOUT_IT)


@pytest.mark.parametrize(("name", "is_about_it"), [("acmeAccountID", True), ("domainName", False)])
def test_which_argument_is_about_the_account(name: str, is_about_it: bool) -> None:
    known = refusal(400, {"type": MALFORMED, "detail": f"The value of the '{name}' argument is invalid!"})
    assert known is not None
    assert (known.reason is RefusalReason.ACCOUNT) == is_about_it


def test_a_401_is_about_the_login_whatever_it_says() -> None:
    known = refusal(401, {"type": "urn:ietf:params:acme:error:accountDoesNotExist", "detail": "Unknown account"})
    assert known is not None
    assert known.reason is RefusalReason.LOGIN
