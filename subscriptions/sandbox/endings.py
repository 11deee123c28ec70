"""Orders of ACME clients that end as the control endpoint says."""

import json
import sqlite3

from .codes import BY_SWITCH, WITHOUT_CERTIFICATE


def end_newest_order(db: sqlite3.Connection, name: str, code: int) -> None:
    """Let the newest order of a name end with that code of GETLASTORDER, without a certificate where it says so.

    Raises KeyError for a name without an order, ValueError for a code that the order cannot end with.
    """
    rows = db.execute("SELECT id, names, chain FROM acme_orders ORDER BY id DESC")
    order = next((row for row in rows if name in json.loads(row["names"])), None)
    if order is None:
        raise KeyError(name)
    if code in WITHOUT_CERTIFICATE:
        db.execute(
            "UPDATE acme_orders SET status = 'invalid', due_at = NULL, certificate_id = NULL, serial_number = NULL,"
            " not_before = NULL, not_after = NULL, chain = NULL WHERE id = ?",
            (order["id"],),
        )
    elif code not in BY_SWITCH or order["chain"] is None:
        raise ValueError(f"the order cannot end with {code}")
    db.execute("UPDATE acme_orders SET status_code = ? WHERE id = ?", (code, order["id"]))
