"""LISTSERVERS ("List ACME servers")."""

from typing import Any

from ..calls import Action, Call


def list_servers(call: Call) -> dict[str, Any]:
    """The ACME servers configured for the reseller."""
    rows = call.db.execute("SELECT * FROM servers WHERE reseller_id = ? ORDER BY product_id", (call.reseller["id"],))
    return {
        "Servers": [
            {
                "serverUrl": call.switches.server_url(row["validation_type"]),
                "productID": row["product_id"],
                "productDescription": row["description"],
                "certValidationType": row["validation_type"],
            }
            for row in rows
        ]
    }


LISTSERVERS = Action("LISTSERVERS", list_servers)
