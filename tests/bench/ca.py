"""A fast stand-in for the CA in a process of its own: `python -m tests.bench.ca PORT`.

It is not the sandbox: it keeps its state in memory, checks next to nothing and has one price, so that what is measured
is the portal. Every answer comes a settable time (100 ms at first) after the call. It writes down each call with the
instant of its first byte, by the clock that `time.monotonic` reads in every process of one machine.
"""

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from itertools import count
from urllib.parse import parse_qsl

LATENCY = 0.1  # seconds
PRICE = "30.00"
SERVERS = {
    "Servers": [
        {
            "serverUrl": "https://acme.bench.example/v2/DV",
            "productID": 608,
            "productDescription": "CaaS DV TLS Certificate",
            "certValidationType": "DV",
        }
    ]
}


def _stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def companion(name: str) -> str:
    """Give the name that comes free with `name`: the sandbox's rule."""
    if name.startswith("*."):
        return name[2:]
    return name[4:] if name.startswith("www.") and name.count(".") > 1 else f"www.{name}"


@dataclass(slots=True)
class Account:
    """An ACME account with its EAB pair, the names of its subscription and what was charged and refunded for them."""

    acme_account_id: str
    years: int = 1
    starts_at: str = ""
    expires_at: str = ""
    charges: dict[str, list[str]] = field(default_factory=dict)  # names at the CA by the one that was asked for
    transactions: list[dict[str, object]] = field(default_factory=list)

    @property
    def hmac_key(self) -> str:
        """The EAB HMAC key, as long as the CA's."""
        return self.acme_account_id.ljust(86, "k")

    def names(self) -> list[str]:
        """All names at the CA."""
        return [name for names in self.charges.values() for name in names]


@dataclass(frozen=True, slots=True)
class Call:
    """What arrived: the instant of its first byte, the action, and what it was about; `page` of a list that has any."""

    arrived: float
    action: str
    account: str
    name: str
    is_quote: bool
    page: int | None

    @property
    def is_charge(self) -> bool:
        """Whether it debits money."""
        return self.action == "ADDDOMAIN" and not self.is_quote


class Ca:
    """The accounts, and the log of calls."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.calls: list[Call] = []
        self.latency = LATENCY
        self._numbers = count(5_000_001)
        self._actions: dict[str, Callable[[Account, dict[str, str]], dict[str, object]]] = {
            "LISTSERVERS": lambda _account, _form: dict(SERVERS),
            "PREREGISTER": self._preregister,
            "LISTBINDINGS": self._list_bindings,
            "LISTACCOUNTS": self._list_accounts,
            "ADDDOMAIN": self._add_domain,
            "REMOVEDOMAIN": self._remove_domain,
            "LISTDOMAINS": self._list_domains,
            "LISTTRANSACTIONS": self._list_transactions,
            "GETLASTORDER": self._last_orders,
        }

    def answer(self, form: dict[str, str], arrived: float) -> bytes:
        """Do what a call asks, write it down, and give the JSON of the reply.

        An account that PREREGISTER did not make is made on the spot and stands on no list: cURL's.
        """
        action, account_id = form["action"], form.get("acmeAccountID", "")
        page = int(form["page"]) if "page" in form else None
        is_quote = form.get("quoteOnly") == "Y"
        self.calls.append(Call(arrived, action, account_id, form.get("domainName", ""), is_quote, page))
        account = self.accounts.get(account_id) or Account(account_id)
        text = json.dumps(self._actions[action](account, form))
        return text.replace('"amount:', "").replace(':amount"', "").encode()

    def _preregister(self, _: Account, form: dict[str, str]) -> dict[str, object]:
        made = Account(f"bench{next(self._numbers):017d}", years=int(form.get("years", "1")))
        self.accounts[made.acme_account_id] = made
        return {"Accounts": [_account_entry(made)]}

    def _list_bindings(self, _: Account, form: dict[str, str]) -> dict[str, object]:
        rows = [
            {"reusable": True, "eabMACKeyb64url": one.hmac_key, "eabMACIDb64url": one.acme_account_id}
            for one in self.accounts.values()
        ]
        return {"Bindings": rows}

    def _list_accounts(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        asked = form.get("acmeAccountID") or form.get("eabKeyID")
        rows = list(self.accounts.values()) if not asked else [self.accounts[asked]] if asked in self.accounts else []
        return {"Accounts": _page([_account_entry(one) for one in rows], form)}

    def _add_domain(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        name, here = form["domainName"], account.names()
        names = [name]
        if form.get("addAssociatedFQDN") == "Y" and companion(name) not in here:
            names.append(companion(name))
        reply: dict[str, object] = {"success": True}
        if form.get("quoteOnly") != "Y":
            reply["orderNumber"] = self._charge(account, names)
        domains = [{"domainName": one} for one in names]
        return reply | {"cost": _number(PRICE), "currency": "USD", "domains": domains}

    def _charge(self, account: Account, names: list[str]) -> int:
        now = datetime.now(UTC)
        if not account.expires_at:
            account.starts_at = _stamp(now)
            last_day = now + timedelta(days=365 * account.years + 1)
            account.expires_at = _stamp(last_day.replace(hour=23, minute=59, second=59))
        account.charges[names[0]] = names
        return self._note("addDomain", account, names, now)

    def _note(self, kind: str, account: Account, names: list[str], now: datetime) -> int:
        number = next(self._numbers)
        account.transactions.append(
            {
                "orderNumber": number,
                "transactionType": kind,
                "transactionDate": _stamp(now),
                "cost": _number(PRICE),
                "currency": "USD",
                "debitedFor": 365,
                "domains": [{"name": one, "type": "FQDN"} for one in names],
            }
        )
        return number

    def _remove_domain(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        names = account.charges.pop(form["domainName"], [])
        if names:
            self._note("refundDomain", account, names, datetime.now(UTC))
        return {"success": True, "Domains": [{"domainName": one} for one in names]}

    def _list_domains(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        rows = [{"domainName": one, "expiresAt": account.expires_at} for one in account.names()]
        return {"Domains": _page(rows, form)}

    def _list_transactions(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        if not account.expires_at:
            return {"subscriptions": []}
        subscription = {
            "subscriptionStartDate": account.starts_at,
            "subscriptionEndDate": account.expires_at,
            "subscriptionStatus": "valid",
            "transactions": account.transactions,
        }
        return {"subscriptions": [subscription]}

    def _last_orders(self, account: Account, form: dict[str, str]) -> dict[str, object]:
        now = datetime.now(UTC)
        since, until = _stamp(now - timedelta(days=1)), _stamp(now + timedelta(days=89))
        rows = [
            {
                "orderNumber": number,
                "acmeOrderID": f"order{number}",
                "acmeOrderStatus": "valid",
                "statusCode": 6,
                "statusDesc": "Valid",
                "domainName": name,
                "serialNumber": f"{number:032x}",
                "validNotBefore": since,
                "validNotAfter": until,
                "acmeAccountID": account.acme_account_id,
            }
            for number, name in enumerate(account.names(), start=1)
        ]
        return {"Orders": rows}


def _number(amount: str) -> str:
    """Mark an amount that the reply shows as a JSON number with both its decimals."""
    return f"amount:{amount}:amount"


def _account_entry(account: Account) -> dict[str, object]:
    return {
        "acmeAccountID": account.acme_account_id,
        "accountStatus": "valid" if account.expires_at else "pending",
        "eabMACKeyb64url": account.hmac_key,
        "eabMACIDb64url": account.acme_account_id,
    }


def _page(rows: list[dict[str, str]] | list[dict[str, object]], form: dict[str, str]) -> object:
    size = int(form.get("size", "100"))
    start = int(form.get("page", "0")) * size
    return rows[start : start + size]


class Connection(asyncio.Protocol):
    """One kept-alive connection: whole requests in, one at a time, answers out. `/bench` is the measurer's door."""

    def __init__(self, ca: Ca) -> None:
        self._ca = ca
        self._data = b""
        self._arrived = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where the answers go."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once a request is whole, after the latency."""
        if not self._data:
            self._arrived = time.monotonic()
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._data = b""
        if head.startswith(b"POST /bench"):
            self._write(self._control(json.loads(body)))
            return
        reply = self._ca.answer(dict(parse_qsl(body.decode("ascii"))), self._arrived)
        asyncio.get_running_loop().call_later(self._ca.latency, self._write, reply)

    def _write(self, body: bytes) -> None:
        if self._transport.is_closing():
            return
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: {formatdate(usegmt=True)}\r\n"
        self._transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _control(self, asked: dict[str, float]) -> bytes:
        self._ca.latency = asked.get("latency", self._ca.latency)
        calls = self._ca.calls[int(asked["since"]) :] if "since" in asked else []
        rows = [(one.arrived, one.action, one.account, one.name, one.is_quote, one.page) for one in calls]
        return json.dumps({"calls": rows, "total": len(self._ca.calls), "cpu": time.process_time()}).encode()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def serve(port: int) -> None:
    """Answer on loopback for ever."""
    ca = Ca()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(ca), "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


class CaDoor:
    """The measurer's way into the stand-in CA."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.url = f"http://127.0.0.1:{port}/products/!ACMEAdmin"

    def _ask(self, **what: float) -> dict[str, list[list[object]]]:
        door = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            door.request("POST", "/bench", json.dumps(what))
            answer: dict[str, list[list[object]]] = json.load(door.getresponse())
        finally:
            door.close()
        return answer

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            self._ask()
        except OSError:
            return False
        return True

    def set_latency(self, seconds: float) -> None:
        """Let every answer come so many seconds after its call."""
        self._ask(latency=seconds)

    def total(self) -> int:
        """How many calls came so far; what `calls` counts from."""
        total = self._ask()["total"]
        assert isinstance(total, int)
        return total

    def calls(self, since: int) -> list[Call]:
        """What was called after the first `since` calls."""
        return [Call(*row) for row in self._ask(since=since)["calls"]]  # type: ignore[arg-type]

    def cpu(self) -> float:
        """The CPU seconds it has used."""
        used = self._ask()["cpu"]
        assert isinstance(used, float)
        return used


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
