"""The CA's ledger beside the portal's, line by line."""

from collections import Counter
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from tests.chaos.installation import Installation

Line = tuple[str, int | None, str, Decimal]


def lines_of_ca(installation: Installation, *, not_ours: Collection[str] = ()) -> list[Line]:
    """Give what the CA charged and gave back: sort, order number, first name, amount; without names of others."""
    summary = installation.summary()
    lines = [
        (sort, row["orderNumber"], _name_of(row), Decimal(row["amount"]))
        for sort, rows in (("charge", summary["charges"]), ("refund", summary["refunds"]))
        for row in rows
        if not set(row["domains"]) <= set(not_ours)
    ]
    return sorted(lines)


def _name_of(row: dict[str, Any]) -> str:
    """The name that a line is about, nothing for an extension, which is about all."""
    return "" if row["type"] == "extendDomains" else str(row["domains"][0])


def lines_of_portal(installation: Installation) -> list[Line]:
    """Give what the ledger holds of the same: what it charged for, and the refunds that its removals explain."""
    rows: list[dict[str, Any]] = installation.ask("lines")
    return sorted((row["sort"], row["number"], row["name"], Decimal(row["amount"])) for row in rows)


def assert_same_ledgers(installation: Installation, names: Collection[str], *, not_ours: Collection[str] = ()) -> None:
    """Check that every line of one ledger is in the other, that each name was charged once, and no amount is open."""
    ours, theirs = lines_of_portal(installation), lines_of_ca(installation, not_ours=not_ours)
    assert ours == theirs
    charged = Counter(name for sort, _, name, _ in theirs if sort == "charge")
    assert charged == Counter(names)
    assert [row for row in installation.ask("operations") if row["open"]] == []
