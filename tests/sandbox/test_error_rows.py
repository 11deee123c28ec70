"""Each row of the CA's error table can be had: really where a caller can come to it, and any by a fault."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from subscriptions.sandbox import Fault, Reply
from subscriptions.sandbox.replies import ERROR_ROWS

from .conftest import LOGIN_NAME, OV_URL, Desk

NAME = {"domainName": "northwind.example"}


def _with_wrong_password(desk: Desk) -> Reply:
    return Desk(desk.sandbox, LOGIN_NAME, "guessed").reply("LISTSERVERS")


def _in_the_clear(desk: Desk) -> Reply:
    body = urlencode(desk.login | {"action": "LISTSERVERS"})
    return desk.sandbox.handle_admin(body.encode(), secure=False)


def _deactivated_twice(desk: Desk) -> Reply:
    account = desk.new_account()
    desk.ask("DEACTIVATEACCOUNT", acmeAccountID=account)
    return desk.reply("DEACTIVATEACCOUNT", acmeAccountID=account)


def _removed_too_late(desk: Desk) -> Reply:
    account = desk.new_account()
    desk.add(account, "northwind.example")
    desk.sandbox.advance(days=396)
    return desk.reply("REMOVEDOMAIN", acmeAccountID=account, **NAME)


def _without_prices(desk: Desk) -> Reply:
    desk.sandbox.set_price(LOGIN_NAME, "DV", "FQDN", None)
    return desk.reply("ADDDOMAIN", acmeAccountID=desk.new_account(), **NAME)


def _without_money(desk: Desk) -> Reply:
    desk.sandbox.set_balance(LOGIN_NAME, "0.00")
    return desk.reply("ADDDOMAIN", acmeAccountID=desk.new_account(), **NAME)


def _added_twice(desk: Desk) -> Reply:
    account = desk.new_account()
    desk.add(account, "northwind.example")
    return desk.reply("ADDDOMAIN", acmeAccountID=account, **NAME)


REALLY: dict[str, tuple[Callable[[Desk], Reply], str]] = {
    "unrecognized-argument": (lambda desk: desk.reply("LISTSERVERS", orderBy="name"), "orderBy"),
    "missing-argument": (lambda desk: desk.reply("LISTDOMAINS"), "acmeAccountID"),
    "invalid-argument": (lambda desk: desk.reply("PREREGISTER", serverURL=OV_URL, years="4"), "years"),
    "base64url": (lambda desk: desk.reply("LISTDOMAINS", acmeAccountID="ab+c/d=="), ""),
    "login": (_with_wrong_password, ""),
    "https-required": (_in_the_clear, ""),
    "not-deactivated": (_deactivated_twice, ""),
    "not-removed": (_removed_too_late, ""),
    "not-for-dv": (
        lambda desk: desk.reply("UPDATEDOMAINS", acmeAccountID=desk.new_account(), ovAnchorOrderNumber="1"),
        "",
    ),
    "no-subscription": (lambda desk: desk.reply("EXTENDDOMAINS", acmeAccountID=desk.new_account()), ""),
    "no-pricing": (_without_prices, ""),
    "insufficient-funds": (_without_money, ""),
    "domain-present": (_added_twice, ""),
}
# No caller of a sandbox can come to these: they are about permissions, bands, a parent account, and too many calls.
BY_FAULT_ALONE = {"permission", "pricing-unverified", "tier1-debit", "tier1-credit", "partner-missing", "rate-limited"}


def check(reply: Reply, row: str, argument: str = "") -> None:
    """Whether it is that row, word for word."""
    expected = ERROR_ROWS[row]
    assert reply.status == expected.status
    assert json.loads(reply.body) == {"type": expected.type, "detail": expected.detail.format(argument)}


@pytest.mark.parametrize("row", REALLY)
def test_a_caller_comes_to_it(desk: Desk, row: str) -> None:
    ask, argument = REALLY[row]

    check(ask(desk), row, argument)


@pytest.mark.parametrize("row", ERROR_ROWS)
def test_any_row_can_be_had_by_a_fault(desk: Desk, row: str) -> None:
    desk.sandbox.arm("LISTSERVERS", Fault.error(row, "domainName"))

    check(desk.reply("LISTSERVERS"), row, "domainName")


def test_no_row_is_forgotten() -> None:
    assert set(REALLY) | BY_FAULT_ALONE == set(ERROR_ROWS)
