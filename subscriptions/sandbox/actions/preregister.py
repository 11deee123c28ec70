"""PREREGISTER ("Create an ACME account")."""

from typing import Any

from ..arguments import Arguments, Parameter, one_of
from ..calls import SECTIGO_BASE, Action, Call
from ..identifiers import new_identifier
from ..pricing import TERM_DAYS
from ..replies import Refusal


def preregister(call: Call) -> dict[str, Any]:
    """A new EAB pair and its pending ACME account; the term counts from the first domain."""
    key_id, mac_key = new_identifier(16), new_identifier(32)
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
        (binding.lastrowid, key_id),
    )
    entry = {
        "acmeAccountID": key_id,
        "accountStatus": "pending",
        "eabMACKeyb64url": mac_key,
        "eabMACIDb64url": key_id,
    }
    return {"Accounts": [entry]}


def term_days(arguments: Arguments) -> int:
    """The term asked for in days: `years` wins over `days`, one year when neither is sent."""
    if arguments.text("years"):
        return arguments.number("years", 1) * TERM_DAYS[0]
    return arguments.number("days", TERM_DAYS[0])


def _validation_type(call: Call) -> str:
    url = call.arguments.text("serverUrl")
    for row in call.db.execute("SELECT validation_type FROM servers WHERE reseller_id = ?", (call.reseller["id"],)):
        validation_type = str(row["validation_type"])
        if url in (call.switches.server_url(validation_type), f"{SECTIGO_BASE}/v2/{validation_type}"):
            return validation_type
    raise Refusal("invalid-argument", "serverUrl")


YEARS = Parameter("years", 1, check=one_of(1, 2, 3))
DAYS = Parameter("days", 4, check=one_of(*TERM_DAYS))

PREREGISTER = Action(
    "PREREGISTER", preregister, (Parameter("serverUrl", 32, required=True, any_case=True), YEARS, DAYS)
)
