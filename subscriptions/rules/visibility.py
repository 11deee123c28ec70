"""From when on a customer's people see a subscription."""

from enum import StrEnum


class Visibility(StrEnum):
    """What a reseller admin has set."""

    HANDED_OVER = "when handed over"
    AT_ONCE = "at once"
