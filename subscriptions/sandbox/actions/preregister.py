"""PREREGISTER ("Create an ACME account")."""

from typing import Any

from ..arguments import DAYS, YEARS, Parameter, term_days
from ..calls import SECTIGO_BASE, Action, Call
from ..identifiers import new_identifier
from ..replies import Refusal

# Of 22 and 86 characters in Base64url, as they were seen at the platform; the guide's samples are shorter.
KEY_ID_BYTES, MAC_KEY_BYTES = 16, 64
MAX_URL = 255  # the guide says 32, which a server of a brand of its own exceeds


def preregister(call: Call) -> dict[str, Any]:
    """A new EAB pair and its pending ACME account; the term counts from the first domain."""
    key_id, mac_key = new_identifier(KEY_ID_BYTES), new_identifier(MAC_KEY_BYTES)
    # The page says that they are the same, its sample shows two.
    acme_account_id = new_identifier(KEY_ID_BYTES) if call.switches.ids_differ else key_id
    binding = call.db.execute(
        "INSERT INTO bindings (reseller_id, key_id, mac_key, validation_type, term_days, reusable)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            call.reseller["id"],
            key_id,
            mac_key,
            _validation_type(call),
            term_days(call.arguments),
            call.switches.reusable,
        ),
    )
    call.db.execute(
        "INSERT INTO accounts (binding_id, acme_account_id, status) VALUES (?, ?, 'pending')",
        (binding.lastrowid, acme_account_id),
    )
    entry = {
        "acmeAccountID": acme_account_id,
        "accountStatus": "pending",
        "eabMACKeyb64url": mac_key,
        "eabMACIDb64url": key_id,
    }
    return {"Accounts": [entry]}


def _validation_type(call: Call) -> str:
    url = call.arguments.text("serverUrl")
    for row in call.db.execute("SELECT validation_type FROM servers WHERE reseller_id = ?", (call.reseller["id"],)):
        validation_type = str(row["validation_type"])
        if url in (call.switches.server_url(validation_type), f"{SECTIGO_BASE}/v2/{validation_type}"):
            return validation_type
    raise Refusal("invalid-argument", "serverUrl")


PREREGISTER = Action(
    "PREREGISTER", preregister, (Parameter("serverUrl", MAX_URL, required=True, any_case=True), YEARS, DAYS)
)
