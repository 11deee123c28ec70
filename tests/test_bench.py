"""The stand-in CA of `make bench` can be read by the real client, and the measurements can be imported."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import Any

import pytest

from subscriptions.caas.client import CaasClient
from subscriptions.caas.transport import Timeouts
from subscriptions.caas.types import Money
from tests.bench import servers
from tests.bench.ca import CaDoor
from tests.bench.installed import measurements
from tests.bench.rows import Row, lines, percentile
from tests.chaos.installation import free_port
from tests.waiting import wait_for

DIRECTORY = "https://acme.bench.example/v2/DV"


class EveryCall:
    """Lets every call through."""

    def slot(self, **_: Any) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.fixture
def door() -> Iterator[CaDoor]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.ca", str(port)]) as process:
        made = CaDoor(port)
        try:
            wait_for(made.is_up, what="the stand-in CA")
            made.set_latency(0)
            yield made
        finally:
            process.terminate()


@pytest.fixture
def client(door: CaDoor) -> Iterator[CaasClient]:
    timeout = Timeouts(connect=5, read=5, total=10)
    with CaasClient(
        url=door.url, login_name="northwind", login_password="x", timeout=timeout, limiter=EveryCall()
    ) as made:
        yield made


def test_the_client_reads_what_a_name_brought(client: CaasClient) -> None:
    server = client.list_servers()[0]
    made = client.preregister(directory_url=server.directory_url, years=1, last_look=lambda: True)
    account = made.acme_account_id
    quote = client.quote_domain(acme_account_id=account, name="shop.example", add_companion=True)
    added = client.add_domain(acme_account_id=account, name="shop.example", add_companion=True, last_look=lambda: True)
    other = client.add_domain(acme_account_id=account, name="blog.example", last_look=lambda: True)
    names = ["shop.example", "www.shop.example", "blog.example"]
    transactions = client.list_transactions(acme_account_id=account)
    assert (server.directory_url, server.validation_type) == (DIRECTORY, "DV")
    assert (quote.names, quote.cost) == (("shop.example", "www.shop.example"), Money(Decimal("30.00"), "USD"))
    assert (added.names, added.cost) == (quote.names, quote.cost)
    assert [row.name for row in client.list_domains(acme_account_id=account)] == names
    assert [row.domain_name for row in client.last_orders(acme_account_id=account)] == names
    assert [row.eab_key_id for row in client.list_bindings()] == [made.eab_key_id]
    assert [row.status for row in client.list_accounts(acme_account_id=account)] == ["valid"]
    assert [row.ca_order_number for row in transactions] == [added.ca_order_number, other.ca_order_number]
    assert added.ca_order_number != other.ca_order_number
    assert [(row.kind, row.names, row.cost) for row in transactions] == [
        ("addDomain", added.names, quote.cost),
        ("addDomain", ("blog.example",), quote.cost),
    ]


def test_calls_are_written_down(client: CaasClient, door: CaDoor) -> None:
    client.list_servers()
    before = door.total()
    client.quote_domain(acme_account_id="A", name="shop.example")
    client.add_domain(acme_account_id="A", name="shop.example", last_look=lambda: True)
    quote, charge = door.calls(before)
    assert [(one.action, one.account, one.name, one.is_charge) for one in (quote, charge)] == [
        ("ADDDOMAIN", "A", "shop.example", False),
        ("ADDDOMAIN", "A", "shop.example", True),
    ]
    assert quote.arrived < charge.arrived


def test_measurements_can_be_asked_for_by_name() -> None:
    assert tuple(measurements()) == servers.NAMES


def test_a_row_shows_its_target_and_how_far_from_it() -> None:
    title, row, _ = lines("charge", [Row("statements", 49, "", 20)])
    assert title.split() == ["charge", "measured", "target", "ratio"]
    assert row.split() == ["statements", "49.00", "20.00", "2.45"]


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile(range(1, 21), share) for share in (0.5, 0.95, 1)] == [10, 19, 20]
