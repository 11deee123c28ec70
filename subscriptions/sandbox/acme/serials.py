"""Serial numbers: by them an order is found from its certificate."""

import sqlite3

from .problems import Problem


def serial_text(number: int) -> str:
    """The number as GETLASTORDER prints it, and as the state file keeps it."""
    return f"{number:040X}"


def order_of_serial(db: sqlite3.Connection, number: int) -> sqlite3.Row:
    """The order that ended with this certificate; raises Problem where none did."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM acme_orders WHERE serial_number = ?", (serial_text(number),)
    ).fetchone()
    if row is None:
        raise Problem("malformed", "The certificate was not issued here", status=404)
    return row
