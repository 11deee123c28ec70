from decimal import Decimal
from typing import Any

import pytest

from subscriptions.caas.errors import OutcomeUnknown, PricingProblem, RefusalReason, Refused, UnreadableReply
from subscriptions.caas.types import Money, TermExtended, TermQuote

from .scripted_ca import refusal, reply, scripted, yes

QUOTED = {"success": True, "cost": 1000, "currency": "USD"}
EXTENDED = {**QUOTED, "orderNumber": 7654321}
COST = Money(Decimal(1000), "USD")


def form(years: int, *, quote: bool) -> list[list[tuple[str, str]]]:
    return [
        [
            ("action", "EXTENDDOMAINS"),
            ("acmeAccountID", "A1"),
            ("quoteOnly", "Y" if quote else "N"),
            ("years", str(years)),
        ]
    ]


def test_it_works() -> None:
    with scripted(reply(EXTENDED)) as (client, ca):
        extended = client.extend_domains(acme_account_id="A1", years=3, last_look=yes)
    assert extended == TermExtended(7654321, COST)
    assert extended.evidence == EXTENDED
    assert ca.forms() == form(3, quote=False)
    assert ca.connections == ["changes"]


def test_a_quote_is_a_read() -> None:
    with scripted(reply(QUOTED)) as (client, ca):
        assert client.quote_extension(acme_account_id="A1", years=1) == TermQuote(COST)
    assert ca.forms() == form(1, quote=True)
    assert ca.connections == ["reads"]


@pytest.mark.parametrize(("days", "read"), [(730, 730), ("730", 730), ("long", None), ({}, None)])
def test_how_long_it_lasts_is_read_where_the_ca_tells_it(days: Any, read: int | None) -> None:
    more = {"extensionDurationDays": days}
    with scripted(reply(QUOTED | more), reply(EXTENDED | more)) as (client, _):
        assert client.quote_extension(acme_account_id="A1", years=2).days == read
        assert client.extend_domains(acme_account_id="A1", years=2, last_look=yes).days == read


@pytest.mark.parametrize(
    "priced",
    [{"cost": None}, {"cost": "free"}, {"cost": -1}, {"cost": True}, {"currency": ""}, {"currency": "DOLLARS"}],
)
def test_an_extension_whose_price_cannot_be_read_has_happened_and_a_quote_is_none(priced: dict[str, Any]) -> None:
    with scripted(reply(EXTENDED | priced), reply(QUOTED | priced)) as (client, _):
        assert client.extend_domains(acme_account_id="A1", years=1, last_look=yes) == TermExtended(7654321, None)
        with pytest.raises(UnreadableReply):
            client.quote_extension(acme_account_id="A1", years=1)


@pytest.mark.parametrize("body", [QUOTED, {**EXTENDED, "orderNumber": "soon"}, {"success": False}, {}, [], "<html>"])
def test_a_reply_without_an_order_number_is_an_unknown_outcome(body: Any) -> None:
    with scripted(reply(body)) as (client, ca), pytest.raises(OutcomeUnknown):
        client.extend_domains(acme_account_id="A1", years=1, last_look=yes)
    assert len(ca.requests) == 1


def test_refusals() -> None:
    with scripted(
        refusal(403, "The subscription is beyond the extension window!"),
        refusal(403, "The prices of your pricing band must be verified and updated!"),
    ) as (client, _):
        with pytest.raises(Refused) as too_early:
            client.extend_domains(acme_account_id="A1", years=1, last_look=yes)
        with pytest.raises(PricingProblem):
            client.quote_extension(acme_account_id="A1", years=1)
    assert too_early.value.reason is RefusalReason.EXPIRED
