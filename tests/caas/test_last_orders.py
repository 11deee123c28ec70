from datetime import UTC, datetime

import pytest

from subscriptions.caas.errors import UnreadableReply
from subscriptions.caas.types import LastOrder

from .scripted_ca import reply, scripted

ISSUED = {
    "orderNumber": 123455,
    "acmeOrderID": "1ABCdEFGY1XYZ",
    "acmeOrderStatus": "valid",
    "certificateID": 77,
    "statusCode": 6,
    "statusDesc": "Valid",
    "domainName": "Domain.com",
    "serialNumber": "00AB",
    "validNotBefore": "2025-09-20T00:00:00Z",
    "validNotAfter": "2025-12-19T23:59:59Z",
    "acmeAccountID": "A1",
    "acmeEABKeyID": "K1",
}


def test_it_works() -> None:
    with scripted(reply({"Orders": [ISSUED]})) as (client, ca):
        assert client.last_orders(acme_account_id="A1") == (
            LastOrder(
                domain_name="domain.com",
                acme_order_id="1ABCdEFGY1XYZ",
                acme_order_status="valid",
                ca_order_number=123455,
                status_code=6,
                status_description="Valid",
                serial_number="00AB",
                valid_from=datetime(2025, 9, 20, tzinfo=UTC),
                valid_until=datetime(2025, 12, 19, 23, 59, 59, tzinfo=UTC),
                acme_account_id="A1",
            ),
        )
    assert ca.forms() == [[("action", "GETLASTORDER"), ("acmeAccountID", "A1"), ("includeAdditionalAccounts", "Y")]]
    assert ca.connections == ["reads"]


def test_a_failed_order_has_neither_serial_number_nor_dates() -> None:
    entry = {"orderNumber": 5, "statusCode": 3, "statusDesc": "PRE-SIGN FAILED: CAA", "domainName": "a.example"}
    with scripted(reply({"orders": [entry]})) as (client, _):
        assert client.last_orders(acme_account_id="A1") == (
            LastOrder("a.example", "", "", 5, 3, "PRE-SIGN FAILED: CAA", "", None, None, None),
        )


def test_a_serial_number_written_as_a_number_is_text() -> None:
    with scripted(reply({"Orders": [{"domainName": "a.example", "serialNumber": 12}]})) as (client, _):
        assert client.last_orders(acme_account_id="A1")[0].serial_number == "12"


def test_an_order_without_its_name_is_not_left_out_in_silence() -> None:
    with scripted(reply({"Orders": [ISSUED, {"orderNumber": 1}]})) as (client, _), pytest.raises(UnreadableReply):
        client.last_orders(acme_account_id="A1")
