from decimal import Decimal
from typing import Any

import pytest

from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused
from subscriptions.caas.types import DomainRemoved, Money

from .scripted_ca import refusal, reply, scripted, yes

REMOVED = {"success": True, "Domains": [{"domainName": "domain.com"}, {"domainName": "www.domain.com"}]}


def test_it_works() -> None:
    with scripted(reply(REMOVED)) as (client, ca):
        removed = client.remove_domain(acme_account_id="A1", name="Domain.com.", last_look=yes)
    assert removed == DomainRemoved(("domain.com", "www.domain.com"), None, None)
    assert removed.evidence == REMOVED
    assert ca.forms() == [[("action", "REMOVEDOMAIN"), ("acmeAccountID", "A1"), ("domainName", "domain.com")]]
    assert ca.connections == ["changes"]


@pytest.mark.parametrize("name", ["refund", "cost"])
def test_a_refund_is_read_where_the_ca_tells_it(name: str) -> None:
    body = {**REMOVED, name: 200.5, "currency": "USD", "orderNumber": 7}
    with scripted(reply(body)) as (client, _):
        removed = client.remove_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert (removed.refund, removed.ca_order_number) == (Money(Decimal("200.5"), "USD"), 7)


@pytest.mark.parametrize("extra", [{"cost": "free"}, {"cost": 5}, {"orderNumber": "soon"}, {"refund": {}}])
def test_what_nobody_documented_does_no_harm(extra: dict[str, Any]) -> None:
    with scripted(reply({**REMOVED, **extra})) as (client, _):
        removed = client.remove_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert removed == DomainRemoved(("domain.com", "www.domain.com"), None, None)


@pytest.mark.parametrize("body", [{}, {"success": True}, {"success": False}, {**REMOVED, "Domains": []}, "<html>"])
def test_a_reply_that_does_not_say_what_was_removed_is_an_unknown_outcome(body: Any) -> None:
    with scripted(reply(body)) as (client, ca), pytest.raises(OutcomeUnknown):
        client.remove_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert len(ca.requests) == 1


def test_a_removal_that_comes_too_late_is_refused() -> None:
    with scripted(refusal(403, "Domain could not be removed!")) as (client, _), pytest.raises(Refused) as caught:
        client.remove_domain(acme_account_id="A1", name="domain.com", last_look=yes)
    assert caught.value.reason is RefusalReason.NOT_REMOVABLE
