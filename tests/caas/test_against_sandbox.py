"""The client meets the other reading of the guide: the sandbox, which shares no code with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from subscriptions.caas import errors
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import NotSent, OutcomeUnknown, RefusalReason, Refused, UnreadableReply
from subscriptions.caas.transport import Timeouts
from subscriptions.caas.types import DomainQuote, LastOrder, ListedDomain, Money, ServerInfo
from subscriptions.sandbox import Fault, Sandbox, Switches
from subscriptions.sandbox.replies import ERROR_ROWS
from tests.sandbox_transport import sandbox_transport

from .scripted_ca import LOGIN_NAME, LOGIN_PASSWORD, URL, Unlimited, yes

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
ENDS = datetime(2027, 11, 23, 23, 59, 59, tzinfo=UTC)
OV = "https://acme.sectigo.com/v2/OV"
DV = "https://acme.sectigo.com/v2/DV"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(
        tmp_path / "sandbox.sqlite3",
        clock=lambda: NOW,
        logins={LOGIN_NAME: LOGIN_PASSWORD},
        switches=Switches(page_size=2),
    )
    yield made
    made.close()


@pytest.fixture
def caas(sandbox: Sandbox) -> Iterator[CaasClient]:
    transport = sandbox_transport(sandbox)
    with CaasClient(
        url=URL,
        login_name=LOGIN_NAME,
        login_password=LOGIN_PASSWORD,
        timeout=Timeouts(connect=1, read=1, total=5),
        limiter=Unlimited(),
        read_transport=transport,
        change_transport=transport,
    ) as made:
        yield made


def new_account(caas: CaasClient, directory_url: str = DV) -> str:
    return caas.preregister(directory_url=directory_url, years=1, last_look=yes).acme_account_id


def test_servers(caas: CaasClient) -> None:
    assert caas.list_servers() == (
        ServerInfo("https://localhost:8902/v2/DV", 608, "CaaS DV TLS Certificate", "DV"),
        ServerInfo("https://localhost:8902/v2/OV", 609, "CaaS OV TLS Certificate", "OV"),
    )


def test_a_new_account_is_listed_with_its_binding(caas: CaasClient) -> None:
    made = caas.preregister(directory_url=OV, years=2, last_look=yes)
    (account,) = caas.list_accounts(acme_account_id=made.acme_account_id)
    assert (account.acme_account_id, account.status, account.eab_key_id, account.last_activity_at) == (
        made.acme_account_id,
        "pending",
        made.eab_key_id,
        None,
    )
    assert caas.list_accounts(eab_key_id=made.eab_key_id) == (account,)
    (binding,) = caas.list_bindings()
    assert (binding.eab_key_id, binding.eab_hmac_key, binding.reusable, binding.last_activity_at) == (
        made.eab_key_id,
        made.eab_hmac_key,
        True,
        None,
    )


@pytest.mark.parametrize("spelling", ["serverURL", "serverUrl"])
def test_a_ca_that_knows_one_spelling_of_the_server_only(caas: CaasClient, sandbox: Sandbox, spelling: str) -> None:
    sandbox.arm("PREREGISTER", Fault.server_url_refused(spelling), count=None)
    assert caas.preregister(directory_url=OV, years=1, last_look=yes).status == "pending"
    assert len(caas.list_bindings()) == 1


def test_a_quote_and_the_addition_it_quotes(caas: CaasClient) -> None:
    account = new_account(caas, OV)
    wanted = {"acme_account_id": account, "name": "northwind.example", "ov_anchor_order_number": "1234567"}
    quote = caas.quote_domain(**wanted, add_companion=True)
    names = ("northwind.example", "www.northwind.example")
    assert quote == DomainQuote(names, Money(Decimal("200.00"), "USD"))
    assert caas.list_domains(acme_account_id=account) == ()

    added = caas.add_domain(**wanted, add_companion=True, last_look=yes)
    assert (added.names, added.cost) == (quote.names, quote.cost)
    assert caas.list_domains(acme_account_id=account) == tuple(ListedDomain(name, ENDS, "1234567") for name in names)
    (transaction,) = caas.list_transactions(acme_account_id=account)
    assert (transaction.kind, transaction.executed_at, transaction.ca_order_number) == (
        "addDomain",
        NOW,
        added.ca_order_number,
    )
    assert (transaction.cost, transaction.names) == (added.cost, names)
    assert transaction.subscription_expires_at == ENDS
    assert transaction.raw["orderNumber"] == added.ca_order_number


def test_a_removal_takes_the_companion_and_is_refunded(caas: CaasClient) -> None:
    account = new_account(caas)
    names = ("northwind.example", "www.northwind.example")
    caas.add_domain(acme_account_id=account, name="northwind.example", add_companion=True, last_look=yes)
    removed = caas.remove_domain(acme_account_id=account, name="Northwind.example.", last_look=yes)
    assert (removed.names, removed.refund, removed.ca_order_number) == (names, None, None)
    assert caas.list_domains(acme_account_id=account) == ()
    kinds = [found.kind for found in caas.list_transactions(acme_account_id=account)]
    assert sorted(kinds) == ["addDomain", "refundDomain"]


def test_transactions_of_one_name(caas: CaasClient) -> None:
    account = new_account(caas)
    for name in ("northwind.example", "shop.northwind.example"):
        caas.add_domain(acme_account_id=account, name=name, last_look=yes)
    (found,) = caas.list_transactions(acme_account_id=account, name="Shop.Northwind.Example.")
    assert found.names == ("shop.northwind.example",)


def test_names_beyond_one_page(caas: CaasClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.caas.calls.PAGE_SIZE", 2)
    account = new_account(caas)
    names = [f"host{number}.northwind.example" for number in range(5)]
    for name in names:
        caas.add_domain(acme_account_id=account, name=name, last_look=yes)
    assert sorted(domain.name for domain in caas.list_domains(acme_account_id=account)) == names
    assert sandbox.summary()["calls"]["LISTDOMAINS"]["received"] == 4


def test_accounts_beyond_one_page(caas: CaasClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.caas.calls.PAGE_SIZE", 2)
    made = {new_account(caas) for _ in range(5)}
    listed = caas.list_accounts()
    assert len(listed) == 5
    assert {account.acme_account_id for account in listed} == made


# What each row of the error table comes to: class, reason, what it closes, whether it is final for an operation.
ROWS: dict[str, tuple[type[Refused], str, str, bool]] = {
    "unrecognized-argument": (Refused, "unrecognized_argument", "nothing", True),
    "missing-argument": (Refused, "missing_argument", "nothing", True),
    "invalid-argument": (Refused, "invalid_argument", "nothing", True),
    "base64url": (Refused, "base64", "nothing", True),
    "login": (errors.LoginRefused, "login", "all", False),
    "https-required": (Refused, "https_required", "nothing", True),
    "not-deactivated": (Refused, "not_deactivatable", "nothing", True),
    "not-removed": (Refused, "not_removable", "nothing", True),
    "not-for-dv": (Refused, "dv_only", "nothing", True),
    "permission": (Refused, "permission", "nothing", True),
    "no-subscription": (Refused, "expired", "nothing", True),
    "no-pricing": (errors.PricingProblem, "pricing", "server_charges", False),
    "pricing-unverified": (errors.PricingProblem, "pricing", "server_charges", False),
    "insufficient-funds": (errors.InsufficientFunds, "insufficient_funds", "charges", False),
    "tier1-debit": (errors.ParentAccountProblem, "parent_account", "charges", False),
    "tier1-credit": (errors.ParentAccountProblem, "parent_account", "charges", False),
    "partner-missing": (Refused, "other", "nothing", True),
    "domain-present": (Refused, "already_present", "nothing", True),
    "rate-limited": (errors.RateLimited, "rate_limit", "nothing", False),
}


@pytest.mark.parametrize("row", ERROR_ROWS)
def test_each_error_row_is_a_refusal(caas: CaasClient, sandbox: Sandbox, row: str) -> None:
    error, reason, closes, is_final = ROWS[row]
    sandbox.arm("LISTSERVERS", Fault.error(row, "xxxx"))
    with pytest.raises(Refused) as caught:
        caas.list_servers()
    assert type(caught.value) is error
    assert caught.value.detail == ERROR_ROWS[row].detail.format("xxxx")
    assert (caught.value.reason, caught.value.closes, caught.value.is_final) == (reason, closes, is_final)


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        (Fault.unreachable(), NotSent, False),
        (Fault.cut_before(), OutcomeUnknown, False),
        (Fault.cut_after(), OutcomeUnknown, True),
        (Fault.after_caller_gave_up(), OutcomeUnknown, True),
        (Fault.latency(60), OutcomeUnknown, True),
        (Fault.server_error(), OutcomeUnknown, False),
        (Fault.server_error(after=True), OutcomeUnknown, True),
        (Fault.wrong_json(), UnreadableReply, False),
        (Fault.wrong_json(after=True), UnreadableReply, True),
    ],
)
def test_what_a_cut_leaves_known(
    caas: CaasClient, sandbox: Sandbox, fault: Fault, error: type[Exception], happened: bool
) -> None:
    account = new_account(caas)
    sandbox.arm("ADDDOMAIN", fault)
    with pytest.raises(error) as caught:
        caas.add_domain(acme_account_id=account, name="northwind.example", last_look=yes)
    assert type(caught.value) is error
    assert len(caas.list_domains(acme_account_id=account)) == int(happened)


def test_names_at_the_top_in_the_other_case(caas: CaasClient, sandbox: Sandbox) -> None:
    sandbox.arm("*", Fault.list_name_case(), count=None)
    account = new_account(caas)
    assert caas.add_domain(acme_account_id=account, name="northwind.example", last_look=yes).cost == Money(
        Decimal("50.00"), "USD"
    )
    assert len(caas.list_domains(acme_account_id=account)) == 1
    assert len(caas.list_transactions(acme_account_id=account)) == 1
    assert (len(caas.list_accounts()), len(caas.list_bindings()), len(caas.list_servers())) == (1, 1, 2)


def test_what_the_ca_refuses(caas: CaasClient, sandbox: Sandbox) -> None:
    sandbox.switches.strict_anchors = frozenset({"1234567"})
    account = new_account(caas, OV)
    with pytest.raises(Refused) as missing:
        caas.add_domain(acme_account_id=account, name="northwind.example", last_look=yes)
    assert missing.value.reason is RefusalReason.MISSING_ARGUMENT
    with pytest.raises(Refused) as unknown:
        caas.list_domains(acme_account_id="nobody")
    assert unknown.value.reason is RefusalReason.ACCOUNT


def test_a_name_that_is_there_already(caas: CaasClient) -> None:
    account = new_account(caas)
    caas.add_domain(acme_account_id=account, name="northwind.example", last_look=yes)
    with pytest.raises(Refused) as caught:
        caas.add_domain(acme_account_id=account, name="NORTHWIND.example.", last_look=yes)
    assert caught.value.reason is RefusalReason.ALREADY_PRESENT


def test_the_last_order_of_each_name(caas: CaasClient, sandbox: Sandbox) -> None:
    made = caas.preregister(directory_url=DV, years=1, last_look=yes)
    caas.add_domain(acme_account_id=made.acme_account_id, name="northwind.example", last_look=yes)
    assert caas.last_orders(acme_account_id=made.acme_account_id) == ()
    with sandbox.state.transaction() as db:
        db.execute(
            "INSERT INTO acme_orders (acme_order_id, account_id, order_number, status, status_code, names, created_at,"
            " expires_at, certificate_id, serial_number, not_before, not_after) SELECT 'o1', id, 77, 'valid', 6,"
            " '[\"northwind.example\"]', :now, :now, 5, '0AF1', :now, :now FROM accounts",
            {"now": "2026-11-23T10:30:00Z"},
        )
    assert caas.last_orders(acme_account_id=made.acme_account_id) == (
        LastOrder(
            domain_name="northwind.example",
            acme_order_id="o1",
            acme_order_status="valid",
            ca_order_number=77,
            status_code=6,
            status_description="Valid",
            serial_number="0AF1",
            valid_from=NOW,
            valid_until=NOW,
            acme_account_id=made.acme_account_id,
        ),
    )
