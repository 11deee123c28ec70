"""The resellers a sandbox knows: logins (in memory only), and what each starts with."""

import hmac
import sqlite3
from collections.abc import Mapping

from .names import FQDN, WILDCARD

DEMO_LOGIN_NAME = "northwind-demo"
DEMO_LOGIN_PASSWORD = "sandbox-only"  # noqa: S105 - opens nothing but a sandbox

START_BALANCE_CENTS = 10_000_000
CURRENCY = "USD"
SERVERS = {"DV": (608, "CaaS DV TLS Certificate"), "OV": (609, "CaaS OV TLS Certificate")}
ANNUAL_CENTS = {
    ("DV", FQDN): 5_000,
    ("DV", WILDCARD): 20_000,
    ("OV", FQDN): 20_000,
    ("OV", WILDCARD): 60_000,
}


def password_fits(logins: Mapping[str, str], name: str, password: str) -> bool:
    """Whether the login is right; both parts are case sensitive."""
    known = logins.get(name)
    return known is not None and hmac.compare_digest(known.encode(), password.encode())


def ensure_reseller(db: sqlite3.Connection, name: str) -> None:
    """Open the reseller's account with the default balance, servers and prices, unless it is there."""
    if find_reseller(db, name) is not None:
        return
    reseller_id = db.execute(
        "INSERT INTO resellers (login_name, balance_cents, currency) VALUES (?, ?, ?)",
        (name, START_BALANCE_CENTS, CURRENCY),
    ).lastrowid
    db.executemany(
        "INSERT INTO servers (reseller_id, validation_type, product_id, description) VALUES (?, ?, ?, ?)",
        [(reseller_id, validation_type, *product) for validation_type, product in SERVERS.items()],
    )
    db.executemany(
        "INSERT INTO prices (reseller_id, validation_type, domain_type, annual_cents) VALUES (?, ?, ?, ?)",
        [(reseller_id, *priced, cents) for priced, cents in ANNUAL_CENTS.items()],
    )


def find_reseller(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """The reseller of that login name, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM resellers WHERE login_name = ?", (name,)).fetchone()
    return row
