from typing import Any

import httpx
import pytest

from subscriptions.caas.errors import NotSent, OutcomeUnknown, Refused, UnreadableReply
from subscriptions.caas.types import PreregisteredAccount, Secret

from .scripted_ca import MALFORMED, refusal, reply, scripted, yes

OV = "https://acme.sectigo.com/v2/OV"
NEW = {
    "acmeAccountID": "ABc_123xYZ456",
    "accountStatus": "pending",
    "eabMACKeyb64url": "ghM4321abc_D8765xyZ",
    "eabMACIDb64url": "ZyX321_abc654DeF1",
}
UNKNOWN_SPELLING = "'serverURL' is an unrecognized argument!"


def test_it_works() -> None:
    with scripted(reply({"Accounts": [NEW]})) as (client, ca):
        made = client.preregister(directory_url=OV, years=3, last_look=yes)
    assert made == PreregisteredAccount(
        acme_account_id="ABc_123xYZ456",
        status="pending",
        eab_key_id="ZyX321_abc654DeF1",
        eab_hmac_key=Secret("ghM4321abc_D8765xyZ"),
    )
    assert made.evidence == {"Accounts": [{**NEW, "eabMACKeyb64url": "[redacted]"}]}
    assert ca.forms() == [[("action", "PREREGISTER"), ("serverURL", OV), ("years", "3")]]
    assert ca.connections == ["changes"]


def test_a_refused_spelling_of_the_server_parameter_is_followed_by_the_other() -> None:
    answers = refusal(400, UNKNOWN_SPELLING, MALFORMED), reply({"Accounts": [NEW]})
    with scripted(*answers) as (client, ca):
        assert client.preregister(directory_url=OV, years=1, last_look=yes).acme_account_id == "ABc_123xYZ456"
    assert ca.forms() == [
        [("action", "PREREGISTER"), ("serverURL", OV), ("years", "1")],
        [("action", "PREREGISTER"), ("serverUrl", OV), ("years", "1")],
    ]


def test_a_refusal_of_both_spellings_ends_there() -> None:
    second = "'serverUrl' is an unrecognized argument!"
    answers = refusal(400, UNKNOWN_SPELLING, MALFORMED), refusal(400, second, MALFORMED)
    with scripted(*answers) as (client, ca), pytest.raises(Refused) as refused:
        client.preregister(directory_url=OV, years=1, last_look=yes)
    assert refused.value.detail == second
    assert len(ca.requests) == 2


@pytest.mark.parametrize(
    "detail",
    [
        "'years' is an unrecognized argument!",
        "The 'serverURL' argument is missing!",
        "The value of the 'serverURL' argument is invalid!",
    ],
)
def test_no_other_refusal_is_followed_by_a_second_call(detail: str) -> None:
    with scripted(refusal(400, detail, MALFORMED)) as (client, ca), pytest.raises(Refused):
        client.preregister(directory_url=OV, years=1, last_look=yes)
    assert len(ca.requests) == 1


def test_the_state_may_be_missing() -> None:
    entry = {name: value for name, value in NEW.items() if name != "accountStatus"}
    with scripted(reply({"accounts": [entry]})) as (client, _):
        assert client.preregister(directory_url=OV, years=1, last_look=yes).status == ""


@pytest.mark.parametrize("missing", ["acmeAccountID", "eabMACKeyb64url", "eabMACIDb64url"])
def test_an_account_without_what_makes_it_usable_is_an_unknown_outcome(missing: str) -> None:
    entry = {name: value for name, value in NEW.items() if name != missing}
    with scripted(reply({"Accounts": [entry]})) as (client, _), pytest.raises(OutcomeUnknown) as unknown:
        client.preregister(directory_url=OV, years=1, last_look=yes)
    assert type(unknown.value) is UnreadableReply
    assert unknown.value.evidence["http_status"] == 200


@pytest.mark.parametrize("entries", [[], [NEW, NEW]])
def test_any_number_of_accounts_but_one_is_an_unknown_outcome(entries: Any) -> None:
    with scripted(reply({"Accounts": entries})) as (client, _), pytest.raises(UnreadableReply):
        client.preregister(directory_url=OV, years=1, last_look=yes)


def test_a_failed_connection_at_the_second_spelling_is_not_sent() -> None:
    answers = refusal(400, UNKNOWN_SPELLING, MALFORMED), httpx.ConnectError("refused")
    with scripted(*answers) as (client, _), pytest.raises(NotSent):
        client.preregister(directory_url=OV, years=1, last_look=yes)
