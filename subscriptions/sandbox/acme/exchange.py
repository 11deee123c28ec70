"""One signed request being answered, and who signed it."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..calls import Switches
from ..state import instant_text
from .jose import Jws
from .messages import AcmeRequest
from .problems import Problem, deactivated, suspended


@dataclass(frozen=True)
class Exchange:
    """A request inside its transaction; `server` is the type of certificate of the directory it came to."""

    db: sqlite3.Connection
    now: datetime
    switches: Switches
    server: str
    request: AcmeRequest
    jws: Jws

    def url(self, *parts: str) -> str:
        """The URL of a resource of this server."""
        return "/".join([self.switches.server_url(self.server), *parts])

    def processed_at(self) -> str:
        """When what is asked for now will have been processed, as the state file keeps instants."""
        return instant_text(self.now + timedelta(seconds=self.switches.processing_seconds))

    def checked_again_at(self) -> str | None:
        """When a challenge that fails now is checked again; None where it has failed for good."""
        seconds = self.switches.retry_failed_after
        return None if seconds is None else instant_text(self.now + timedelta(seconds=seconds))

    def content(self) -> dict[str, Any]:
        """The payload as an object, empty for a POST-as-GET."""
        return self.jws.content() if self.jws.payload else {}

    def signer(self) -> "Signed":
        """The account named by `kid`; raises Problem unless it exists, is usable and did sign."""
        signed = self._account_of(str(self.jws.protected.get("kid", "")))
        self.jws.verify(json.loads(signed.account["jwk"]))
        signed.check_usable()
        touch(self, signed)
        return signed

    def _account_of(self, url: str) -> "Signed":
        acme_account_id = url.removeprefix(self.url("account", ""))
        account = self.db.execute(
            "SELECT * FROM accounts WHERE acme_account_id = ? AND jwk IS NOT NULL", (acme_account_id,)
        ).fetchone()
        if account is None or url != self.url("account", acme_account_id):
            raise Problem("accountDoesNotExist", "The account does not exist")
        return Signed(account, binding_of(self.db, account))


@dataclass(frozen=True)
class Signed:
    """An ACME account and the EAB binding it was registered with."""

    account: sqlite3.Row
    binding: sqlite3.Row

    def check_usable(self) -> None:
        """Raise Problem for an account or binding that was suspended or deactivated."""
        statuses = (self.account["status"], self.binding["status"])
        if "deactivated" in statuses:
            raise deactivated()
        if "suspended" in statuses:
            raise suspended()


def binding_of(db: sqlite3.Connection, account: sqlite3.Row) -> sqlite3.Row:
    """The binding an account belongs to."""
    row: sqlite3.Row = db.execute("SELECT * FROM bindings WHERE id = ?", (account["binding_id"],)).fetchone()
    return row


def touch(exchange: Exchange, signed: Signed) -> None:
    """Remember the activity that LISTACCOUNTS and LISTBINDINGS tell of."""
    now = instant_text(exchange.now)
    exchange.db.execute(
        "UPDATE accounts SET last_activity = ?, user_agent = ?, ip_address = ? WHERE id = ?",
        (now, exchange.request.user_agent, exchange.request.ip_address, signed.account["id"]),
    )
    exchange.db.execute("UPDATE bindings SET last_activity = ? WHERE id = ?", (now, signed.binding["id"]))
