from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from subscriptions.caas.errors import LoginRefused

from .scripted_ca import reply, scripted, yes


class Gate:
    """Notes who came in and out, and what an entrant ran into."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed
        self.seen: list[Any] = []

    @contextmanager
    def slot(self, *, changes: bool, charges: bool, action: str) -> Iterator[None]:
        if self.closed:
            raise GateClosedError
        self.seen.append((action, changes, charges))
        try:
            yield
        except LoginRefused:
            self.seen.append("login refused")
            raise
        finally:
            self.seen.append("left")


class GateClosedError(Exception):
    pass


def test_reads_changes_and_charges_are_told_apart() -> None:
    gate = Gate()
    account = {"acmeAccountID": "A", "eabMACIDb64url": "K", "eabMACKeyb64url": "S"}
    priced = reply({"cost": 1, "currency": "USD", "domains": [{"domainName": "a.example"}]})
    with scripted(reply({"Servers": []}), reply({"Accounts": [account]}), priced, priced, limiter=gate) as (client, _):
        client.list_servers()
        client.preregister(directory_url="https://acme.example/v2/DV", years=1, last_look=yes)
        client.quote_domain(acme_account_id="A", name="a.example")
        client.add_domain(acme_account_id="A", name="a.example", last_look=yes)
    assert [entry for entry in gate.seen if entry != "left"] == [
        ("LISTSERVERS", False, False),
        ("PREREGISTER", True, False),
        ("ADDDOMAIN", False, False),
        ("ADDDOMAIN", True, True),
    ]


def test_each_page_takes_a_slot_of_its_own() -> None:
    gate = Gate()
    pages = [reply({"Domains": [{"domainName": "a.example"}]}), reply({"Domains": []})]
    with scripted(*pages, limiter=gate) as (client, _):
        client.list_domains(acme_account_id="A1")
    assert gate.seen == [("LISTDOMAINS", False, False), "left"] * 2


def test_a_closed_gate_reaches_the_caller_and_nothing_the_ca() -> None:
    with scripted(limiter=Gate(closed=True)) as (client, ca):
        with pytest.raises(GateClosedError):
            client.add_domain(acme_account_id="A1", name="a.example", last_look=yes)
        assert ca.requests == []


def test_a_refusal_is_seen_from_within_the_slot() -> None:
    gate = Gate()
    with scripted(reply("", 401), limiter=gate) as (client, _), pytest.raises(LoginRefused):
        client.list_servers()
    assert gate.seen == [("LISTSERVERS", False, False), "login refused", "left"]
