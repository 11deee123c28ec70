"""EXTENDDOMAINS: window, price, the new end, the transaction."""

from datetime import UTC, datetime

import pytest

from subscriptions.sandbox import Sandbox

from .conftest import LOGIN_NAME, Desk

EXPIRED = (403, "The subscription has expired or does not exist!")
ENDS = datetime(2027, 11, 23, 23, 59, 59, tzinfo=UTC)


def expiries(desk: Desk, acme_account_id: str) -> set[str]:
    return {entry["expiresAt"] for entry in desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]}


def subscribed(desk: Desk, *names: str) -> str:
    acme_account_id = desk.new_account()
    for name in names or ("northwind.example",):
        desk.add(acme_account_id, name, addAssociatedFQDN="Y")
    return acme_account_id


def test_it_works(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk, "northwind.example", "*.contoso.example")
    sandbox.advance(days=300)

    reply = desk.reply("EXTENDDOMAINS", acmeAccountID=acme_account_id)

    assert reply.body == b'{"success": true, "orderNumber": 200000003, "cost": 250.00, "currency": "USD"}'
    assert expiries(desk, acme_account_id) == {"2028-11-22T23:59:59Z"}
    assert sandbox.summary()["resellers"][LOGIN_NAME]["balance"] == "99500.00"


def test_quote_changes_nothing(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk)
    sandbox.advance(days=300)
    before = sandbox.summary()["resellers"], expiries(desk, acme_account_id)

    quote = desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id, quoteOnly="Y", years="3")

    assert quote == {"success": True, "cost": 150.0, "currency": "USD"}
    assert (sandbox.summary()["resellers"], expiries(desk, acme_account_id)) == before


@pytest.mark.parametrize(
    ("arguments", "cost", "ends"),
    [
        ({}, 50.0, "2028-11-22"),
        ({"years": "2"}, 100.0, "2029-11-22"),
        ({"days": "1095"}, 150.0, "2030-11-22"),
        ({"years": "1", "days": "1095"}, 50.0, "2028-11-22"),
    ],
)
def test_years_win_over_days(sandbox: Sandbox, desk: Desk, arguments: dict[str, str], cost: float, ends: str) -> None:
    acme_account_id = subscribed(desk)
    sandbox.advance(days=300)

    assert desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id, **arguments)["cost"] == cost
    assert expiries(desk, acme_account_id) == {f"{ends}T23:59:59Z"}


@pytest.mark.parametrize(
    ("instant", "possible"),
    [
        ("2027-08-15T23:59:58Z", False),
        ("2027-08-15T23:59:59Z", True),
        ("2027-12-23T23:59:59Z", True),
        ("2027-12-24T00:00:00Z", False),
    ],
)
def test_window(sandbox: Sandbox, desk: Desk, instant: str, *, possible: bool) -> None:
    acme_account_id = subscribed(desk)
    sandbox.clock.set(datetime.fromisoformat(instant))

    for quote in ("Y", "N"):
        arguments = {"acmeAccountID": acme_account_id, "quoteOnly": quote}
        if possible:
            assert desk.ask("EXTENDDOMAINS", **arguments)["cost"] == 50.0
        else:
            assert desk.refusal("EXTENDDOMAINS", **arguments) == EXPIRED


def test_a_second_extension_is_outside_the_window(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk)
    sandbox.advance(days=300)
    desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)

    assert desk.refusal("EXTENDDOMAINS", acmeAccountID=acme_account_id) == EXPIRED


def test_after_its_end_a_subscription_runs_on_from_there(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk)
    sandbox.clock.set(datetime(2027, 12, 20, tzinfo=UTC))
    desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)

    assert expiries(desk, acme_account_id) == {"2028-11-22T23:59:59Z"}
    assert desk.add(acme_account_id, "contoso.example", quoteOnly="Y")["cost"] == 46.3  # 50.00 × 338 / 365


def test_without_a_subscription_there_is_nothing_to_extend(desk: Desk) -> None:
    assert desk.refusal("EXTENDDOMAINS", acmeAccountID=desk.new_account()) == EXPIRED


def test_removed_names_cost_nothing_and_an_old_addition_is_not_refunded(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk, "northwind.example", "contoso.example")
    sandbox.advance(days=300)
    desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="contoso.example")

    assert desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)["cost"] == 50.0
    desk.ask("REMOVEDOMAIN", acmeAccountID=acme_account_id, domainName="northwind.example")
    assert sandbox.summary()["refunds"] == []


def test_transaction_and_the_share_of_one_name(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk, "northwind.example", "*.contoso.example")
    sandbox.advance(days=300)
    number = desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)["orderNumber"]

    def extension(**arguments: str) -> dict[str, object]:
        (subscription,) = desk.ask("LISTTRANSACTIONS", acmeAccountID=acme_account_id, **arguments)["subscriptions"]
        last: dict[str, object] = subscription["transactions"][-1]
        return last

    assert extension() == {
        "orderNumber": number,
        "transactionType": "extendDomains",
        "transactionDate": "2027-09-19T10:30:00Z",
        "cost": 250.0,
        "currency": "USD",
        "debitedFor": 365,
        "domains": [
            {"name": "northwind.example", "type": "FQDN"},
            {"name": "www.northwind.example", "type": "FQDN"},
            {"name": "*.contoso.example", "type": "Wildcard"},
            {"name": "contoso.example", "type": "FQDN"},
        ],
    }
    assert extension(domainName="*.contoso.example")["cost"] == 200.0
    assert extension(domainName="contoso.example")["cost"] == 0


def test_money_and_prices_must_be_there(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk)
    sandbox.advance(days=300)
    sandbox.set_balance(LOGIN_NAME, "49.99")
    assert desk.refusal("EXTENDDOMAINS", acmeAccountID=acme_account_id)[1].startswith("Insufficient funds")

    sandbox.set_price(LOGIN_NAME, "DV", "FQDN", None)
    assert desk.refusal("EXTENDDOMAINS", acmeAccountID=acme_account_id)[1].startswith("Pricing")
    assert expiries(desk, acme_account_id) == {"2027-11-23T23:59:59Z"}


def test_a_term_may_be_old_when_it_begins(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.switches.term_days_gone = 300
    acme_account_id = desk.new_account()

    assert desk.add(acme_account_id, "northwind.example")["cost"] == 50.0
    assert expiries(desk, acme_account_id) == {"2027-01-27T23:59:59Z"}
    assert desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)["success"] is True
    assert expiries(desk, acme_account_id) == {"2028-01-27T23:59:59Z"}


def test_window_can_be_set(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = subscribed(desk)
    sandbox.switches.extension_days_before = 730

    assert desk.ask("EXTENDDOMAINS", acmeAccountID=acme_account_id)["success"] is True
