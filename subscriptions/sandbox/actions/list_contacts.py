"""LISTCONTACTS ("List contacts")."""

from typing import Any

from ..arguments import ACME_ACCOUNT
from ..calls import Action, Call
from .list_accounts import contact_entries


def list_contacts(call: Call) -> dict[str, Any]:
    """The e-mail addresses the ACME client gave at registration."""
    return {"Contacts": contact_entries(call.account())}


LISTCONTACTS = Action("LISTCONTACTS", list_contacts, (ACME_ACCOUNT,))
