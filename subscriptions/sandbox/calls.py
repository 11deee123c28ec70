"""What an action is and what it works with."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .arguments import Arguments, Parameter
from .replies import Refusal

SECTIGO_BASE = "https://acme.sectigo.com"


@dataclass
class Switches:
    """How the sandbox is set up; changed by the command's options and by the control endpoint."""

    acme_base: str = "https://localhost:8902"
    page_size: int = 10
    reusable: bool = True
    strict_anchors: frozenset[str] | None = None
    certificate_seconds: int = 90 * 24 * 3600

    def server_url(self, validation_type: str) -> str:
        """The directory of that type of certificate, as LISTSERVERS prints it."""
        return f"{self.acme_base}/v2/{validation_type}"


@dataclass(frozen=True)
class Call:
    """One call being answered, inside its transaction."""

    db: sqlite3.Connection
    now: datetime
    reseller: sqlite3.Row
    arguments: Arguments
    switches: Switches

    def account(self) -> sqlite3.Row:
        """The reseller's ACME account named by `acmeAccountID`; refused as an invalid value when there is none."""
        row: sqlite3.Row | None = self.db.execute(
            "SELECT accounts.* FROM accounts JOIN bindings ON bindings.id = binding_id"
            " WHERE acme_account_id = ? AND reseller_id = ?",
            (self.arguments.text("acmeAccountID"), self.reseller["id"]),
        ).fetchone()
        if row is None:
            raise Refusal("invalid-argument", "acmeAccountID")
        return row

    def binding(self) -> sqlite3.Row:
        """The EAB binding behind `acmeAccountID`."""
        binding_id = self.account()["binding_id"]
        row: sqlite3.Row = self.db.execute("SELECT * FROM bindings WHERE id = ?", (binding_id,)).fetchone()
        return row

    def last_subscription(self) -> sqlite3.Row | None:
        """The newest subscription of the binding behind `acmeAccountID`, running or over."""
        return last_subscription(self.db, self.binding()["id"])

    def page(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The page of a list that `page` (0-based) and `size` ask for."""
        size = self.arguments.number("size", self.switches.page_size)
        start = self.arguments.number("page", 0) * size
        return items[start : start + size]


def last_subscription(db: sqlite3.Connection, binding_id: int) -> sqlite3.Row | None:
    """The newest subscription of a binding, running or over, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM subscriptions WHERE binding_id = ? ORDER BY id DESC LIMIT 1", (binding_id,)
    ).fetchone()
    return row


@dataclass(frozen=True)
class Action:
    """One action of the admin API: its name, what it takes and what it does."""

    name: str
    run: Callable[[Call], dict[str, Any]]
    parameters: tuple[Parameter, ...] = field(default=())
