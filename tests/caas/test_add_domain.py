from decimal import Decimal
from typing import Any

import pytest

from subscriptions.caas.errors import InsufficientFunds, OutcomeUnknown, UnreadableReply
from subscriptions.caas.types import DomainAdded, DomainQuote, Money

from .scripted_ca import refusal, reply, scripted, yes

QUOTED = {"success": True, "cost": 200, "currency": "USD", "domains": [{"domainName": "domain.com"}]}
ADDED = {**QUOTED, "orderNumber": 123456789}
BOTH = [{"domainName": "domain.com"}, {"domainName": "www.domain.com"}]


def form(**changed: str) -> list[tuple[str, str]]:
    fields = {
        "action": "ADDDOMAIN",
        "acmeAccountID": "A1",
        "domainName": "domain.com",
        "quoteOnly": "N",
        "addAssociatedFQDN": "N",
    }
    return sorted((fields | changed).items())


def test_it_works() -> None:
    with scripted(reply(ADDED)) as (client, ca):
        added = client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert added == DomainAdded(("domain.com",), Money(Decimal(200), "USD"), 123456789)
    assert added.evidence == ADDED
    assert [sorted(sent) for sent in ca.forms()] == [form()]
    assert ca.connections == ["changes"]


def test_a_quote_is_a_read() -> None:
    with scripted(reply(QUOTED)) as (client, ca):
        quote = client.quote_domain(acme_account_id="A1", name="domain.com")
    assert quote == DomainQuote(("domain.com",), Money(Decimal(200), "USD"))
    assert [sorted(sent) for sent in ca.forms()] == [form(quoteOnly="Y")]
    assert ca.connections == ["reads"]


@pytest.mark.parametrize(
    ("method", "quote_only", "look"), [("add_domain", "N", {"last_look": yes}), ("quote_domain", "Y", {})]
)
def test_anchor_and_companion_are_sent(method: str, quote_only: str, look: dict[str, Any]) -> None:
    with scripted(reply({**ADDED, "domains": BOTH})) as (client, ca):
        done = getattr(client, method)(
            acme_account_id="A1", name="Domain.COM.", ov_anchor_order_number="OV-77", add_companion=True, **look
        )
    assert done.names == ("domain.com", "www.domain.com")
    sent = form(quoteOnly=quote_only, ovAnchorOrderNumber="OV-77", addAssociatedFQDN="Y")
    assert [sorted(each) for each in ca.forms()] == [sent]


def test_a_wildcard_is_sent_encoded() -> None:
    with scripted(reply(ADDED)) as (client, ca):
        client.add_domain(acme_account_id="A1", name="*.domain.com", last_look=yes)
    assert b"&domainName=%2A.domain.com&" in ca.requests[0].content


@pytest.mark.parametrize("top", ["domains", "Domains", "DOMAINS"])
def test_names_match_in_any_case_and_come_in_normal_form(top: str) -> None:
    body = {"Success": True, "COST": 1, "Currency": "eur", top: [{"DomainName": "WWW.Domain.com."}]}
    with scripted(reply(body)) as (client, _):
        added = client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert added == DomainAdded(("www.domain.com",), Money(Decimal(1), "EUR"), None)


@pytest.mark.parametrize("cost", ["0.1", "200.00", "0", "1000", "1E+3", "999999999.123456"])
def test_an_amount_is_exact_to_the_digit(cost: str) -> None:
    body = (
        f'{{"cost": {cost}, "currency": "USD", "orderNumber": 9007199254740993, "domains": [{{"domainName": "a.b"}}]}}'
    )
    with scripted(reply(body)) as (client, _):
        added = client.add_domain(acme_account_id="A1", name="a.b", last_look=yes)
    assert added.cost is not None
    assert str(added.cost.amount) == cost
    assert added.ca_order_number == 9007199254740993


def test_an_amount_in_quotes_is_an_amount() -> None:
    with scripted(reply({**QUOTED, "cost": "200.10"})) as (client, _):
        assert client.quote_domain(acme_account_id="A1", name="a.b").cost == Money(Decimal("200.10"), "USD")


@pytest.mark.parametrize("missing", ["cost", "currency", "domains"])
def test_a_quote_without_its_price_or_names_is_none(missing: str) -> None:
    body = {name: value for name, value in QUOTED.items() if name != missing}
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.quote_domain(acme_account_id="A1", name="a.b")


@pytest.mark.parametrize("missing", ["cost", "currency"])
def test_an_addition_without_its_price_has_happened_all_the_same(missing: str) -> None:
    body = {name: value for name, value in ADDED.items() if name != missing}
    with scripted(reply(body)) as (client, _):
        added = client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert added == DomainAdded(("domain.com",), None, 123456789)


@pytest.mark.parametrize(
    "priced",
    [
        {"cost": -1},
        {"cost": "free"},
        {"cost": "NaN"},
        {"cost": "1,000.00"},
        {"cost": True},
        {"cost": 10**9},
        {"cost": "999999999.9999999"},
        {"cost": "1e99999999999"},
        {"cost": ["1"]},
        {"currency": ["USD"]},
        {"currency": "DOLLARS"},
    ],
)
def test_an_addition_whose_price_cannot_be_read_has_happened_and_a_quote_is_none(priced: dict[str, Any]) -> None:
    body = reply({**ADDED, **priced}), reply({**ADDED, **priced})
    with scripted(*body) as (client, _):
        added = client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
        with pytest.raises(UnreadableReply):
            client.quote_domain(acme_account_id="A1", name="domain.com")
    assert added == DomainAdded(("domain.com",), None, 123456789)


@pytest.mark.parametrize(
    ("cost", "amount"),
    [
        ("200.10000000000002", "200.100000"),
        ("0.0000005", "0.000001"),
        ("0.00000049999999999999999999999999999999", "0.000000"),
        ("1.0000025", "1.000003"),
        ("1e-7", "0.000000"),
        ("50.005", "50.005"),
        ("1e3", "1E+3"),
        ("0." + "3" * 200, "0.333333"),
    ],
)
@pytest.mark.parametrize("quotes", ["", '"'])
def test_digits_beyond_the_sixth_are_rounded_half_up_and_the_text_is_kept(cost: str, amount: str, quotes: str) -> None:
    body = f'{{"cost": {quotes}{cost}{quotes}, "currency": "KWD", "domains": [{{"domainName": "a.b"}}]}}'
    charge = f'{{"subscriptions": [{{"transactions": [{{"cost": {quotes}{cost}{quotes}, "currency": "KWD"}}]}}]}}'
    with scripted(reply(body), reply(body), reply(charge)) as (client, _):
        added = client.add_domain(acme_account_id="A1", name="a.b", last_look=yes)
        quoted = client.quote_domain(acme_account_id="A1", name="a.b")
        (listed,) = client.list_transactions(acme_account_id="A1")
    for money in (added.cost, quoted.cost, listed.cost):
        assert money is not None
        assert (str(money.amount), money.text) == (amount, cost[:100])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"success": True},
        {**ADDED, "domains": []},
        {**ADDED, "domains": [{}]},
        {**ADDED, "domains": [{"domainName": "."}]},
        {**ADDED, "orderNumber": "soon"},
        {**ADDED, "orderNumber": 2**63},
        [ADDED],
        "null",
        "<html>busy</html>",
        "",
        '{"cost": NaN}',
    ],
)
def test_a_reply_that_does_not_say_what_was_added_is_an_unknown_outcome(body: Any) -> None:
    with scripted(reply(body)) as (client, ca), pytest.raises(OutcomeUnknown):
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert len(ca.requests) == 1


def test_a_refusal_is_not_repeated() -> None:
    with scripted(refusal(403, "Insufficient funds!")) as (client, ca), pytest.raises(InsufficientFunds):
        client.add_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert len(ca.requests) == 1
