"""ADDDOMAIN: prices, free companions, refusals."""

from datetime import UTC, datetime

import pytest

from subscriptions.sandbox import Sandbox

from .conftest import LOGIN_NAME, OV_URL, Desk


def balance(sandbox: Sandbox) -> str:
    return sandbox.summary()["resellers"][LOGIN_NAME]["balance"]


def test_it_works(sandbox: Sandbox, desk: Desk) -> None:
    reply = desk.reply(
        "ADDDOMAIN",
        acmeAccountID=desk.new_account(OV_URL),
        domainName="northwind.example",
        ovAnchorOrderNumber="1234567",
    )

    assert reply.body == (
        b'{"success": true, "orderNumber": 200000001, "cost": 200.00, "currency": "USD", '
        b'"domains": [{"domainName": "northwind.example"}]}'
    )
    assert balance(sandbox) == "99800.00"


def test_quote_changes_nothing(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()

    quote = desk.add(acme_account_id, "*.northwind.example", quoteOnly="Y", addAssociatedFQDN="Y")

    assert quote == {
        "success": True,
        "cost": 200.0,
        "currency": "USD",
        "domains": [{"domainName": "*.northwind.example"}, {"domainName": "northwind.example"}],
    }
    assert desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id) == {"Domains": []}
    assert balance(sandbox) == "100000.00"


def test_term_fixes_price_and_expiry(desk: Desk) -> None:
    acme_account_id = desk.new_account(years="3", days="365")

    assert desk.add(acme_account_id, "northwind.example")["cost"] == 150.0

    domains = desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]
    assert domains == [{"domainName": "northwind.example", "expiresAt": "2029-11-22T23:59:59Z"}]


def test_later_names_cost_the_full_days_left(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example")

    same_day = desk.add(acme_account_id, "contoso.example", quoteOnly="Y")
    sandbox.advance(days=165)
    later = desk.add(acme_account_id, "contoso.example")

    assert (same_day["cost"], later["cost"]) == (50.0, 27.4)  # 50.00 × 200 / 365 = 27.397
    assert {entry["expiresAt"] for entry in desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"]} == {
        "2027-11-23T23:59:59Z"
    }


@pytest.mark.parametrize(
    ("paid", "free"),
    [
        ("northwind.example", "www.northwind.example"),
        ("www.northwind.example", "northwind.example"),
        ("shop.northwind.example", "www.shop.northwind.example"),
        ("*.northwind.example", "northwind.example"),
    ],
)
def test_companion_is_free_together_or_later(desk: Desk, paid: str, free: str) -> None:
    together = desk.add(desk.new_account(), paid, addAssociatedFQDN="Y")
    acme_account_id = desk.new_account()
    alone = desk.add(acme_account_id, paid)
    later = desk.add(acme_account_id, free)

    assert [entry["domainName"] for entry in together["domains"]] == [paid, free]
    assert together["cost"] == alone["cost"] > 0
    assert later["cost"] == 0
    assert later["orderNumber"] == alone["orderNumber"] + 1


def test_one_companion_per_paid_name(desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "*.northwind.example", addAssociatedFQDN="Y")

    assert desk.add(acme_account_id, "www.northwind.example", quoteOnly="Y")["cost"] == 50.0


def test_companion_already_there_is_not_added_twice(desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example")

    added = desk.add(acme_account_id, "*.northwind.example", addAssociatedFQDN="Y")

    assert added["domains"] == [{"domainName": "*.northwind.example"}]


@pytest.mark.parametrize(
    "name",
    [
        "server.local",
        "mail.corp",
        "intranet.northwind",
        "_acme.northwind.example",
        "co.uk",
        "*.co.uk",
        "com",
        "*.com",
        "7.2.0.192.in-addr.arpa",
        "northwind.onion",
    ],
)
def test_a_name_that_no_ca_may_certify_is_refused(desk: Desk, name: str) -> None:
    refusal = desk.refusal("ADDDOMAIN", acmeAccountID=desk.new_account(), domainName=name, quoteOnly="Y")

    assert refusal == (400, "The value of the 'domainName' argument is invalid!")


@pytest.mark.parametrize("name", ["northwind.co.uk", "*.northwind.co.uk", "xn--mnchen-3ya.de", "foo.github.io"])
def test_a_public_name_is_sold(desk: Desk, name: str) -> None:
    assert desk.add(desk.new_account(), name)["domains"] == [{"domainName": name}]


@pytest.mark.parametrize(
    "name",
    ["northwind", "northwind.example.", "north wind.example", "*.*.example", "münchen.example", "192.0.2.1", "-"],
)
def test_bad_name_is_refused(desk: Desk, name: str) -> None:
    refusal = desk.refusal("ADDDOMAIN", acmeAccountID=desk.new_account(), domainName=name)

    assert refusal == (400, "The value of the 'domainName' argument is invalid!")


def test_name_already_there_is_refused(desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example")

    refusal = desk.refusal("ADDDOMAIN", acmeAccountID=acme_account_id, domainName="Northwind.Example")

    assert refusal == (403, "The domain name is already present in the subscription.")


def test_anchor_is_for_ov_alone(desk: Desk) -> None:
    ov, dv = desk.new_account(OV_URL), desk.new_account()
    name = {"domainName": "northwind.example"}

    assert desk.ask("ADDDOMAIN", acmeAccountID=ov, quoteOnly="Y", ovAnchorOrderNumber="12", **name)["cost"] == 200
    assert desk.refusal("ADDDOMAIN", acmeAccountID=ov, ovAnchorOrderNumber="12x", **name) == (
        400,
        "The value of the 'ovAnchorOrderNumber' argument is invalid!",
    )
    for anchor in ("ovAnchorOrderNumber", "evAnchorOrderNumber"):
        assert desk.refusal("ADDDOMAIN", acmeAccountID=dv, **{anchor: "12"}, **name) == (403, "Not applicable for DV!")


@pytest.mark.parametrize("quote_only", ["Y", "N"])
def test_an_ov_name_needs_its_anchor_unless_a_switch_lets_it_go(sandbox: Sandbox, desk: Desk, quote_only: str) -> None:
    arguments = {
        "acmeAccountID": desk.new_account(OV_URL),
        "domainName": "northwind.example",
        "quoteOnly": quote_only,
    }

    assert desk.refusal("ADDDOMAIN", **arguments) == (400, "The 'ovAnchorOrderNumber' argument is missing!")
    sandbox.switches.anchors_optional = True
    assert desk.ask("ADDDOMAIN", **arguments)["cost"] == 200


def test_strict_anchors_know_a_list(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.switches.strict_anchors = frozenset({"7654321"})
    acme_account_id = desk.new_account(OV_URL)

    assert desk.refusal(
        "ADDDOMAIN", acmeAccountID=acme_account_id, domainName="northwind.example", ovAnchorOrderNumber="1234567"
    ) == (400, "The value of the 'ovAnchorOrderNumber' argument is invalid!")
    assert desk.add(acme_account_id, "northwind.example", ovAnchorOrderNumber="7654321")["success"] is True


def test_money_must_be_there(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.set_balance(LOGIN_NAME, "49.99")
    acme_account_id = desk.new_account()
    arguments = {"acmeAccountID": acme_account_id, "domainName": "northwind.example"}

    status, detail = desk.refusal("ADDDOMAIN", **arguments)
    sandbox.set_balance(LOGIN_NAME, "50.00")

    assert (status, detail.split(":")[0]) == (403, "Insufficient funds")
    assert desk.add(acme_account_id, "northwind.example")["cost"] == 50.0
    assert balance(sandbox) == "0.00"


def test_price_must_be_configured(sandbox: Sandbox, desk: Desk) -> None:
    sandbox.set_price(LOGIN_NAME, "DV", "Wildcard", None)
    sandbox.set_price(LOGIN_NAME, "DV", "FQDN", "61.25")
    acme_account_id = desk.new_account()

    assert desk.refusal("ADDDOMAIN", acmeAccountID=acme_account_id, domainName="*.northwind.example") == (
        403,
        "Pricing for the subscription is not configured on your account!",
    )
    assert desk.add(acme_account_id, "northwind.example")["cost"] == 61.25


def test_after_the_term(sandbox: Sandbox, desk: Desk) -> None:
    acme_account_id = desk.new_account()
    desk.add(acme_account_id, "northwind.example")

    sandbox.clock.set(datetime(2027, 11, 24, tzinfo=UTC))
    in_extension_period = desk.refusal("ADDDOMAIN", acmeAccountID=acme_account_id, domainName="contoso.example")
    sandbox.clock.set(datetime(2027, 12, 24, tzinfo=UTC))
    new_term = desk.add(acme_account_id, "northwind.example")

    assert in_extension_period == (403, "The subscription has expired or does not exist!")
    assert new_term["cost"] == 50.0
    assert desk.ask("LISTDOMAINS", acmeAccountID=acme_account_id)["Domains"] == [
        {"domainName": "northwind.example", "expiresAt": "2028-12-23T23:59:59Z"}
    ]


def test_other_resellers_account_is_unknown(desk: Desk, other_desk: Desk) -> None:
    refusal = other_desk.refusal("ADDDOMAIN", acmeAccountID=desk.new_account(), domainName="northwind.example")

    assert refusal == (400, "The value of the 'acmeAccountID' argument is invalid!")
