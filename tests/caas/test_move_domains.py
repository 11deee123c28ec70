from typing import Any

import pytest

from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused
from subscriptions.caas.types import RecordsUpdated

from .scripted_ca import refusal, reply, scripted, yes

UPDATED = {"nRecordsUpdated": 5, "success": True}
MOVE: dict[str, Any] = {
    "acme_account_id": "A1",
    "old_ov_anchor_order_number": "1234567",
    "ov_anchor_order_number": "7654321",
    "last_look": yes,
}


def test_it_works_and_both_numbers_are_sent() -> None:
    with scripted(reply(UPDATED)) as (client, ca):
        moved = client.move_domains(**MOVE)
    assert moved == RecordsUpdated(5)
    assert moved.evidence == UPDATED
    assert ca.forms() == [
        [
            ("action", "UPDATEDOMAINS"),
            ("acmeAccountID", "A1"),
            ("oldOVAnchorOrderNumber", "1234567"),
            ("ovAnchorOrderNumber", "7654321"),
        ]
    ]
    assert ca.connections == ["changes"]


def test_both_numbers_must_be_given() -> None:
    for missing in ("old_ov_anchor_order_number", "ov_anchor_order_number"):
        given = {name: value for name, value in MOVE.items() if name != missing}
        with scripted() as (client, _), pytest.raises(TypeError):
            client.move_domains(**given)


@pytest.mark.parametrize("body", [{"success": False}, [5], "<html>"])
def test_what_does_not_say_that_it_was_done_is_an_unknown_outcome(body: Any) -> None:
    with scripted(reply(body)) as (client, ca), pytest.raises(OutcomeUnknown):
        client.move_domains(**MOVE)
    assert len(ca.requests) == 1


def test_a_dv_subscription_has_none() -> None:
    with scripted(refusal(403, "Not applicable for DV!")) as (client, _), pytest.raises(Refused) as caught:
        client.move_domains(**MOVE)
    assert caught.value.reason is RefusalReason.DV_ONLY
