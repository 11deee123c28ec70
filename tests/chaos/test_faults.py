"""Real processes, killed and cut off: the sum of charges at the CA is the ledger's, and nothing is sent twice."""

from collections.abc import Callable
from decimal import Decimal

import pytest
import redis

from tests.chaos.installation import Installation
from tests.waiting import wait_for

pytestmark = pytest.mark.chaos


def _ready(installation: Installation) -> str:
    code: str = installation.ask("subscribe")
    installation.settle()
    return code


def _priced(installation: Installation, names: list[str]) -> str:
    quote: str = installation.ask("quote", _ready(installation), names)
    wait_for(lambda: installation.ask("quote_state", quote) == "ready", what="the quote")
    return quote


def _sums_agree(installation: Installation, names: list[str]) -> None:
    rows = [row for row in installation.ask("operations") if row["kind"] == "add_domain"]
    assert sorted(row["name"] for row in rows) == sorted(names)
    summary = installation.summary()
    charged = [name for one in summary["charges"] for name in one["domains"]]
    assert sorted(charged) == sorted(names)
    net = Decimal(summary["resellers"]["northwind"]["net"])
    assert sum((Decimal(row["charged"]) for row in rows), Decimal(0)) == net > 0


def test_a_worker_killed_while_the_ca_charges(installation: Installation) -> None:
    quote = _priced(installation, ["example.com"])
    installation.arm("ADDDOMAIN", "latency", seconds=3, arguments={"quoteOnly": "N"})
    installation.ask("confirm", quote)
    wait_for(lambda: installation.summary()["charges"], what="the charge")
    installation.kill_worker()
    installation.start_worker()

    installation.settle()
    assert installation.changes("ADDDOMAIN") == 1
    _sums_agree(installation, ["example.com"])


def test_a_worker_killed_before_the_ca_did_anything(installation: Installation) -> None:
    quote = _priced(installation, ["example.com"])
    installation.arm("ADDDOMAIN", "cut-before", arguments={"quoteOnly": "N"})
    installation.ask("confirm", quote)
    wait_for(lambda: installation.changes("ADDDOMAIN"), what="the call")
    installation.kill_worker()
    installation.start_worker()

    installation.settle()
    assert installation.changes("ADDDOMAIN") == 2
    _sums_agree(installation, ["example.com"])


def test_a_worker_killed_while_the_ca_makes_the_account(installation: Installation) -> None:
    installation.arm("PREREGISTER", "latency", seconds=3)
    installation.ask("subscribe")
    wait_for(lambda: installation.changes("PREREGISTER"), what="the call")
    installation.kill_worker()
    installation.start_worker()

    installation.settle()
    # Made again, as nothing tells the account of the lost call from anybody else's; that one is for people to judge.
    assert installation.changes("PREREGISTER") == 2
    [kept] = installation.ask("key_ids")
    installation.ask("look_for_strays")
    [stray] = wait_for(lambda: installation.ask("stray_key_ids"), what="the account of the lost call")
    assert stray != kept


def _empty_folder_broker(installation: Installation) -> None:
    for message in (installation.folder / "broker" / "queue").glob("*.msg"):
        message.unlink()


def _empty_redis(installation: Installation) -> None:
    redis.Redis.from_url(installation.redis_url).flushdb()


def test_lost_messages(installation: Installation) -> None:
    quote = _priced(installation, ["example.com", "example.net"])
    installation.kill_worker()
    installation.ask("confirm", quote)
    lose: Callable[[Installation], None] = _empty_redis if installation.redis_url else _empty_folder_broker
    lose(installation)
    installation.start_worker()
    installation.ask("forget_messages")

    installation.settle()
    assert installation.changes("ADDDOMAIN") == 2
    _sums_agree(installation, ["example.com", "example.net"])


def test_the_ca_cuts_the_connection_after_each_charge(installation: Installation) -> None:
    names = ["example.com", "example.net", "example.org"]
    quote = _priced(installation, names)
    installation.arm("ADDDOMAIN", "cut-after", count=3, arguments={"quoteOnly": "N"})
    installation.ask("confirm", quote)

    installation.settle()
    assert installation.changes("ADDDOMAIN") == 3
    _sums_agree(installation, names)


def test_each_worker_takes_only_its_own_queues(installation: Installation) -> None:
    code = _ready(installation)

    installation.kill_worker("worker-now")
    installation.ask("quote", code, ["example.com"])
    installation.ask("read", code)
    wait_for(lambda: installation.ask("waiting", "later") == 0, what="worker-later")
    assert installation.ask("waiting", "now") == 1

    installation.kill_worker("worker-later")
    installation.ask("read", code)
    installation.start_worker("worker-now")
    wait_for(lambda: installation.ask("waiting", "now") == 0, what="worker-now, for which its message was kept")
    assert installation.ask("waiting", "later") == 1

    installation.start_worker("worker-later")
    wait_for(lambda: installation.ask("waiting", "later") == 0, what="worker-later, for which its message was kept")
