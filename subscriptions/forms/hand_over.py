"""Which subscriptions are to be handed over, as a list's boxes or an address say."""

from typing import Any
from uuid import UUID

from django.http import QueryDict

MOST = 500  # handed over by one confirmation


class HandOverForm:
    """The codes of chosen subscriptions, or of the customer whose all are offered; and whether it is confirmed."""

    def __init__(self, data: QueryDict) -> None:
        typed = data.getlist("subscription") or data.getlist("row")  # the name of a list's boxes
        self.codes = [code for code in map(_code, typed[:MOST]) if code]
        self.customer = _code(data.get("customer", ""))
        self.is_confirmed = bool(data.get("confirmed"))


def _code(typed: Any) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
