"""SUSPENDACCOUNT, UNSUSPENDACCOUNT and DEACTIVATEACCOUNT."""

import inspect
from typing import Any

import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import OutcomeUnknown, RefusalReason, Refused
from subscriptions.caas.types import RecordsUpdated

from .scripted_ca import refusal, reply, scripted, yes

ACTIONS = {
    "suspend_account": "SUSPENDACCOUNT",
    "reinstate_account": "UNSUSPENDACCOUNT",
    "deactivate_account": "DEACTIVATEACCOUNT",
}
METHODS = sorted(ACTIONS)
UPDATED = {"nRecordsUpdated": 2, "success": True}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("whole_key", "scope"), [(True, "Y"), (False, "N")])
def test_it_works_and_the_scope_is_always_sent(method: str, *, whole_key: bool, scope: str) -> None:
    with scripted(reply(UPDATED)) as (client, ca):
        done = getattr(client, method)(acme_account_id="A1", whole_key=whole_key, last_look=yes)
    assert done == RecordsUpdated(2)
    assert done.evidence == UPDATED
    assert ca.forms() == [[("action", ACTIONS[method]), ("acmeAccountID", "A1"), ("includeAdditionalAccounts", scope)]]
    assert ca.connections == ["changes"]


@pytest.mark.parametrize("method", METHODS)
def test_the_scope_has_no_default_and_no_third_value(method: str) -> None:
    scope = inspect.signature(getattr(CaasClient, method)).parameters["whole_key"]
    assert (scope.default, scope.annotation, scope.kind) == (inspect.Parameter.empty, bool, scope.KEYWORD_ONLY)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"nRecordsUpdated": 0, "success": True}, 0),
        ({"nrecordsupdated": "3"}, 3),
        ({"success": True}, None),
        ({}, None),
        ({"nRecordsUpdated": -1}, None),
        ({"nRecordsUpdated": "all"}, None),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_any_object_that_does_not_deny_success_is_one(method: str, body: dict[str, Any], count: int | None) -> None:
    with scripted(reply(body)) as (client, _):
        assert getattr(client, method)(acme_account_id="A1", whole_key=False, last_look=yes).count == count


@pytest.mark.parametrize("body", [{"success": False, "nRecordsUpdated": 1}, [], "null", "", "<html>done</html>"])
@pytest.mark.parametrize("method", METHODS)
def test_what_does_not_say_that_it_was_done_is_an_unknown_outcome(method: str, body: Any) -> None:
    with scripted(reply(body)) as (client, ca), pytest.raises(OutcomeUnknown):
        getattr(client, method)(acme_account_id="A1", whole_key=True, last_look=yes)
    assert len(ca.requests) == 1


def test_an_account_that_cannot_be_deactivated() -> None:
    with scripted(refusal(403, "Account could not be deactivated!")) as (client, _), pytest.raises(Refused) as caught:
        client.deactivate_account(acme_account_id="A1", whole_key=False, last_look=yes)
    assert (caught.value.reason, caught.value.is_final) == (RefusalReason.NOT_DEACTIVATABLE, True)
