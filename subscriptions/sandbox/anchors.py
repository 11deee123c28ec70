"""Organization pre-validations: whom an OV certificate names."""

import sqlite3

from .acme.authority import Subject
from .products import PRODUCTS

INVENTED = (
    Subject("Northwind Traders", "US"),
    Subject("Contoso Ltd", "GB"),
    Subject("Fabrikam GmbH", "DE"),
    Subject("Tailspin Toys AG", "CH"),
)


def subject_of(db: sqlite3.Connection, binding_id: int, name: str) -> Subject | None:
    """The organization the name was added under in the binding's newest subscription; None where the type has none."""
    row = db.execute(
        "SELECT anchor, validation_type FROM domains JOIN subscriptions ON subscriptions.id = subscription_id"
        " JOIN bindings ON bindings.id = binding_id"
        " WHERE binding_id = ? AND name = ? AND removed_at IS NULL ORDER BY subscription_id DESC",
        (binding_id, name),
    ).fetchone()
    if row is None or not PRODUCTS[row["validation_type"]].anchor:
        return None
    if row["anchor"] is None:
        return INVENTED[0]
    known = db.execute("SELECT * FROM anchors WHERE number = ?", (row["anchor"],)).fetchone()
    if known is not None:
        return Subject(known["organization"], known["country"])
    return INVENTED[int(row["anchor"]) % len(INVENTED)]
