"""What something without an outcome waits for, and how long that takes: the one wording of it on every page. Pure."""

from datetime import datetime, timedelta
from math import ceil

from subscriptions.models import Gate
from subscriptions.rules.terms import READINGS_APART

CLOSED_TITLES = {
    Gate.Closed.ALL.value: "Nothing is sent to the CA",
    Gate.Closed.CHANGES.value: "Nothing is changed at the CA",
    Gate.Closed.CHARGES.value: "Nothing that costs money is sent to the CA",
}


def minutes(seconds: float) -> str:
    """Give a time in whole minutes, rounded up: "1 minute", "12 minutes"."""
    number = max(1, ceil(seconds / 60))
    return "1 minute" if number == 1 else f"{number} minutes"


def about_left(seconds: float) -> str:
    """Say about how long the rest takes, from how long what is done took: "about 3 minutes left"."""
    number = round(seconds / 60)
    return "less than a minute left" if number < 1 else f"about {minutes(number * 60)} left"


def at_most_left(seconds: float) -> str:
    """Say how long the rest takes at most: "up to 12 minutes left"; nothing where that is over."""
    return f"up to {minutes(seconds)} left" if seconds > 0 else ""


def settled_by(last_contact_at: datetime, *, settle_after: float, interval: float) -> datetime:
    """Give by when two readings that can be read have settled what became of a call whose answer was lost.

    The first of the two begins once the call can do nothing any more, or up to an interval later; the second one later.
    """
    apart = max(timedelta(seconds=interval), READINGS_APART)
    return last_contact_at + timedelta(seconds=settle_after) + 2 * apart


def settling(seconds: float, *, given_up: str) -> str:
    """Say how long readings take to settle a lost answer; `given_up` is when a person decides instead, in words."""
    if seconds > 0:
        return f"Where the CA’s lists can be read, that takes {minutes(seconds)} at most."
    return f"The readings have not settled it so far. They go on until {given_up}, then a person decides."
