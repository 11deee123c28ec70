"""What comes from the CA fits where it is kept: a reply that does not is unreadable, and breaks nothing later."""

from typing import Any

import pytest

from subscriptions.caas import errors, headers, transport
from subscriptions.caas.errors import RateLimited, Refused, UnreadableReply
from subscriptions.caas.types import TransactionInfo

from .scripted_ca import UNAUTHORIZED, Answer, refusal, reply, scripted, yes

LONG = "a" * 300 + ".example"
DOMAINS = [{"domainName": "a.example"}]


def quoted(**fields: Any) -> None:
    body = {"cost": 1, "currency": "USD", "domains": DOMAINS} | fields
    with scripted(reply(body)) as (client, _):
        client.quote_domain(acme_account_id="A", name="a.example")


@pytest.mark.parametrize(
    "fields",
    [
        {"cost": 10**9},
        {"cost": 10**11},
        {"cost": -1},
        {"currency": "DOLLARS"},
        {"currency": "<b>"},
        {"domains": [{"domainName": LONG}]},
    ],
)
def test_a_price_that_cannot_be_kept_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableReply):
        quoted(**fields)


def charges(**fields: Any) -> tuple[TransactionInfo, ...]:
    entry = {"orderNumber": 1, "cost": 1, "currency": "USD", "domains": DOMAINS} | fields
    with scripted(reply({"subscriptions": [{"transactions": [entry]}]})) as (client, _):
        return client.list_transactions(acme_account_id="A")


@pytest.mark.parametrize("fields", [{"cost": 10**11}, {"cost": -(10**11)}, {"currency": "DOLLARS"}])
def test_an_amount_that_cannot_be_kept_is_missed_without_harm(fields: dict[str, Any]) -> None:
    (charge,) = charges(**fields)
    assert charge.ca_order_number == 1
    assert charge.cost is None


def test_a_refund_has_its_amount() -> None:
    (charge,) = charges(cost=-95)
    assert charge.cost is not None
    assert charge.cost.amount == -95


@pytest.mark.parametrize("field", ["domainName", "ovAnchorOrderNumber", "evAnchorOrderNumber"])
def test_a_list_of_names_that_cannot_be_kept_is_unreadable(field: str) -> None:
    row = {"domainName": "a.example", field: LONG}
    with scripted(reply({"Domains": [row]})) as (client, _), pytest.raises(UnreadableReply):
        client.list_domains(acme_account_id="A")


def test_a_status_code_that_cannot_be_kept_is_unreadable() -> None:
    body = {"Orders": [{"domainName": "a.example", "statusCode": 2**40}]}
    with scripted(reply(body)) as (client, _), pytest.raises(UnreadableReply):
        client.last_orders(acme_account_id="A")


def refused(answer: Answer) -> Refused:
    with scripted(answer) as (client, _), pytest.raises(Refused) as caught:
        client.add_domain(acme_account_id="A1", name="fund.northwind.example", last_look=yes)
    return caught.value


@pytest.mark.parametrize("header", ["99999999999999999", "9" * 5000])
def test_no_wait_is_longer_than_an_hour(header: str) -> None:
    caught = refused(reply({}, 429, **{"retry-after": header}))
    assert isinstance(caught, RateLimited)
    assert caught.retry_after == headers.LONGEST_WAIT == 3600


@pytest.mark.parametrize("name", ["fund.northwind.example", "*.pricing.example", "credit-debit.tier-1.example"])
def test_a_name_in_the_words_of_the_ca_says_nothing_about_money(name: str) -> None:
    """Else the one name would close the gate for every customer's charges."""
    caught = refused(refusal(403, f"The domain name '{name}' is already present in the subscription.", UNAUTHORIZED))
    assert type(caught) is Refused
    assert caught.reason == errors.RefusalReason.ALREADY_PRESENT


def test_a_reply_that_would_fill_the_memory_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY", 1000)
    large = reply({"Servers": [], "padding": "x" * 1000})
    with scripted(large) as (client, _), pytest.raises(errors.OutcomeUnknown, match="larger than 1000 bytes"):
        client.list_servers()
