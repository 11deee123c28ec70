"""What an action is and what it works with."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .arguments import Arguments, Parameter
from .products import PRODUCTS, Product
from .replies import Refusal
from .state import instant_of

SECTIGO_BASE = "https://acme.sectigo.com"
ISSUER_PATH = "/_sandbox/issuer.crt"
# How LISTDOMAINS shows a pre-validation: the guide's sample has none, and elsewhere it is a number.
ANCHOR_TEXT, ANCHOR_NUMBER, ANCHOR_HIDDEN = "text", "number", "hidden"


@dataclass
class Switches:
    """How the sandbox is set up; changed by the command's options and by the control endpoint.

    Where the guide leaves something open, the first value is the reading that this project takes for likely, and a
    switch makes it the other one. `term_days_gone` is how old a term is that begins: one that ends soon needs no other
    clock.

    `processing_seconds` is how long a challenge and an order stay in processing, `retry_failed_after` the seconds until
    a failed challenge is checked again; None: it has failed.
    """

    acme_base: str = "https://localhost:8902"
    admin_base: str = "http://localhost:8901"
    page_size: int = 10
    reusable: bool = True
    strict_anchors: frozenset[str] | None = None
    anchors_optional: bool = False
    old_anchor_required: bool = False
    anchors_listed_as: str = ANCHOR_TEXT
    ids_differ: bool = False
    first_day_counts: bool = False
    term_days_gone: int = 0
    quotes_check_funds: bool = True
    certificate_seconds: int = 90 * 24 * 3600
    extension_days_before: int = 100
    extension_days_after: int = 30
    processing_seconds: int = 1
    retry_failed_after: int | None = None
    check_caa: bool = True

    def server_url(self, validation_type: str) -> str:
        """The directory of that type of certificate, as LISTSERVERS prints it."""
        return f"{self.acme_base}/v2/{validation_type}"

    @property
    def issuer_url(self) -> str:
        """Where certificates say that their issuer's is to be had; by plain HTTP, as all of them say."""
        return f"{self.admin_base}{ISSUER_PATH}"


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

    def product(self) -> Product:
        """What is sold at the server of the account."""
        return PRODUCTS[self.binding()["validation_type"]]

    def last_subscription(self) -> sqlite3.Row | None:
        """The newest subscription of the binding behind `acmeAccountID`, running or over."""
        return last_subscription(self.db, self.binding()["id"])

    def extension_window(self, subscription: sqlite3.Row) -> tuple[datetime, datetime]:
        """From when to when the subscription can be extended, both included; past its end it is over for good."""
        expires_at = instant_of(subscription["expires_at"])
        before, after = self.switches.extension_days_before, self.switches.extension_days_after
        return expires_at - timedelta(days=before), expires_at + timedelta(days=after)

    def annual_cents(self, validation_type: str, domain_type: str) -> int:
        """What a year of such a name costs the reseller; refused where that is not configured."""
        row = self.db.execute(
            "SELECT annual_cents FROM prices WHERE reseller_id = ? AND validation_type = ? AND domain_type = ?",
            (self.reseller["id"], validation_type, domain_type),
        ).fetchone()
        if row is None:
            raise Refusal("no-pricing")
        return int(row["annual_cents"])

    def check_funds(self, cost: int) -> None:
        """Refuse what the reseller's balance does not cover; of a quote the guide does not say whether it is."""
        is_checked = self.switches.quotes_check_funds or not self.arguments.yes("quoteOnly")
        if is_checked and 0 < cost > self.reseller["balance_cents"]:
            raise Refusal("insufficient-funds")

    def anchor(self, argument: str) -> str:
        """The pre-validation sent as this argument, empty when there is none; refused where there is none such."""
        anchor, known = self.arguments.text(argument), self.switches.strict_anchors
        if anchor and (not anchor.isdecimal() or (known is not None and anchor not in known)):
            raise Refusal("invalid-argument", argument)
        return anchor

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
