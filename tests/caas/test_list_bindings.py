from datetime import UTC, datetime
from typing import Any

import pytest

from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import BindingInfo, Secret

from .scripted_ca import reply, scripted

UNUSED = {"reusable": True, "eabMACKeyb64url": "ZyX321_abc654DeF1", "eabMACIDb64url": "ghM4321abc_D8765xyZ"}
USED = {
    "reusable": False,
    "lastActivity": "2019-03-14T14:37:42Z",
    "eabMACKeyb64url": "1FeD456cba_123XyZ",
    "eabMACIDb64url": "Zyx5678D_cba1234Mhg",
}


def test_it_works() -> None:
    with scripted(reply({"Bindings": [UNUSED, USED]})) as (client, ca):
        assert client.list_bindings() == (
            BindingInfo("ghM4321abc_D8765xyZ", Secret("ZyX321_abc654DeF1"), True, None),
            BindingInfo(
                "Zyx5678D_cba1234Mhg",
                Secret("1FeD456cba_123XyZ"),
                False,
                datetime(2019, 3, 14, 14, 37, 42, tzinfo=UTC),
            ),
        )
    assert ca.forms() == [[("action", "LISTBINDINGS")]]
    assert ca.connections == ["reads"]


def test_whether_it_is_reusable_may_be_missing() -> None:
    entry = {"EABMACKEYB64URL": "key", "eabMacIdB64Url": "id"}
    with scripted(reply({"bindings": [entry]})) as (client, _):
        assert client.list_bindings() == (BindingInfo("id", Secret("key"), None, None),)


@pytest.mark.parametrize(
    "entry", [{"eabMACIDb64url": "id"}, {"eabMACKeyb64url": "key"}, {**USED, "eabMACKeyb64url": 5}]
)
def test_a_pair_with_a_half_missing_is_not_left_out_in_silence(entry: Any) -> None:
    with scripted(reply({"Bindings": [UNUSED, entry]})) as (client, _), pytest.raises(UnreadableReply):
        client.list_bindings()
