"""Lists of the CA that are unreadable, empty, short, old, or wrong in dates: what a reading must not be misled by."""

import json
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.chaos.stand_in import Asked

Content = dict[str, Any]
APART = 45.0  # seconds, far beyond what settling one operation takes
LISTS = ("LISTDOMAINS", "LISTTRANSACTIONS")


class Liar:
    """Now and then falsifies one list of an account, but never both of them at a time.

    Who is shown neither the name nor its charge, twice, can only conclude that nothing happened: no reading helps
    against a CA that denies everything.
    """

    def __init__(self, seed: int, rate: float) -> None:
        self.rate = rate
        self.told = 0
        self._random = random.Random(f"lies {seed}")  # noqa: S311 - a repeatable test
        self._last: dict[tuple[str, str], float] = {}
        self._accounts: dict[str, list[bytes]] = {}  # the lists of accounts that were given of each key

    def __call__(self, asked: Asked, body: bytes) -> bytes:
        """Give the body that is handed on."""
        if asked.action == "LISTACCOUNTS":
            return self._perhaps_old(body)
        if asked.action not in LISTS or self._random.random() >= self.rate:
            return body
        other = LISTS[1 - LISTS.index(asked.action)]
        if time.monotonic() - self._last.get((asked.account, other), -APART) < APART:
            return body
        try:
            content: Content = json.loads(body)
        except ValueError:
            return body
        self._last[asked.account, asked.action] = time.monotonic()
        self.told += 1
        return self._random.choice(NAME_LIES if asked.action == "LISTDOMAINS" else CHARGE_LIES)(content)

    def _perhaps_old(self, body: bytes) -> bytes:
        """Give a list of the accounts of one key, now and then one from any time before: it can be an hour old."""
        try:
            keys = {one["eabMACIDb64url"] for one in json.loads(body)["Accounts"]}
        except (KeyError, TypeError, ValueError):
            return body
        if len(keys) != 1:
            return body
        given = self._accounts.setdefault(keys.pop(), [])
        given.append(body)
        if self._random.random() >= 2 * self.rate or given[0] == body:
            return body
        self.told += 1
        return self._random.choice(given)


def _unreadable(content: Content) -> bytes:
    return json.dumps(content).encode()[:-20]


def _of_html(_content: Content) -> bytes:
    return b"<html><body>Back in a minute</body></html>"


def _without_names(content: Content) -> bytes:
    return json.dumps(content | {"Domains": []}).encode()


def _with_half_of_the_names(content: Content) -> bytes:
    names = content.get("Domains", [])
    return json.dumps(content | {"Domains": names[: len(names) // 2]}).encode()


def _of_charges(change: Callable[[list[Content]], list[Content]]) -> Callable[[Content], bytes]:
    def told(content: Content) -> bytes:
        for one in content.get("subscriptions", []):
            one["transactions"] = change(one["transactions"])
        return json.dumps(content).encode()

    return told


def _each(**changes: Callable[[Any], Any]) -> Callable[[Content], bytes]:
    def changed(row: Content) -> Content:
        return row | {name: change(row[name]) for name, change in changes.items()}

    return _of_charges(lambda rows: [changed(row) for row in rows])


def _ten_minutes_behind(text: str) -> str:
    instant = datetime.fromisoformat(text) - timedelta(minutes=10)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


NAME_LIES = (_unreadable, _of_html, _without_names, _with_half_of_the_names)
CHARGE_LIES = (
    _unreadable,
    _of_html,
    _of_charges(lambda _rows: []),
    _of_charges(lambda rows: rows[: len(rows) // 2]),
    _each(transactionDate=lambda text: text[:10]),
    _each(transactionDate=lambda text: text[:19]),
    _each(transactionDate=_ten_minutes_behind),
    _each(transactionDate=lambda _text: "soon"),
    _each(currency=lambda _text: None),
    _each(cost=lambda _cost: None),
)
