"""The resellers a sandbox knows: logins (in memory only), and what each starts with."""

import hmac
import sqlite3
from collections.abc import Iterable, Mapping

from .products import PRODUCTS, Product

DEMO_LOGIN_NAME = "northwind-demo"
DEMO_LOGIN_PASSWORD = "sandbox-only"  # noqa: S105 - opens nothing but a sandbox

START_BALANCE_CENTS = 10_000_000
CURRENCY = "USD"


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
    set_up(db, int(reseller_id or 0), [product for product in PRODUCTS.values() if product.is_listed])


def set_up(db: sqlite3.Connection, reseller_id: int, products: Iterable[Product]) -> None:
    """Configure exactly these servers; prices come with a server that is new, and stay with one that goes."""
    kept = [product.validation_type for product in products]
    present = {
        row["validation_type"]
        for row in db.execute("SELECT validation_type FROM servers WHERE reseller_id = ?", (reseller_id,))
    }
    for gone in present.difference(kept):
        db.execute("DELETE FROM servers WHERE reseller_id = ? AND validation_type = ?", (reseller_id, gone))
    for product in (PRODUCTS[name] for name in kept if name not in present):
        db.execute(
            "INSERT INTO servers (reseller_id, validation_type, product_id, description) VALUES (?, ?, ?, ?)",
            (reseller_id, product.validation_type, product.product_id, product.description),
        )
        db.executemany(
            "INSERT OR IGNORE INTO prices (reseller_id, validation_type, domain_type, annual_cents)"
            " VALUES (?, ?, ?, ?)",
            [(reseller_id, product.validation_type, *priced) for priced in product.annual_cents.items()],
        )


def find_reseller(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """The reseller of that login name, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM resellers WHERE login_name = ?", (name,)).fetchone()
    return row
