"""Names were added to a subscription, or taken out of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from accounts.models import Matter
from accounts.told_notices import MatterFound
from subscriptions.notices.of_subscriptions import SubscriptionNotice, found_of
from subscriptions.selectors.names_changed import names_changed

TOLD = 10  # names of each sort that are written out


class NamesChangedNotice(SubscriptionNotice):
    """What changed within an hour is told together: many names come and go at once."""

    name = "names_changed"
    label = "Names added or removed"
    is_event: ClassVar[bool] = True

    def matters(self, now: datetime, since: datetime) -> Iterator[MatterFound]:
        """Give each subscription's hour since then in which names changed, once the hour is over."""
        for hour in names_changed(since, now):
            key = f"{hour.subscription.code}:{hour.ended_at.isoformat()}"
            added, removed = sorted(set(hour.added)), sorted(set(hour.removed))
            numbers = {"added_number": len(added), "removed_number": len(removed)}
            names = {"added": added[:TOLD], "removed": removed[:TOLD]}
            yield found_of(hour.subscription, key, hour.ended_at, **names, **numbers)

    def title(self, matter: Matter) -> str:
        """Say how many came and went, and where."""
        added, removed = matter.facts.get("added_number", 0), matter.facts.get("removed_number", 0)
        parts = [f"{_names(added)} added to" if added else "", f"{_names(removed)} removed from" if removed else ""]
        return f"{' and '.join(filter(None, parts))} {self.subscription_of(matter)}"

    def text(self, matter: Matter) -> str:
        """Name them, and say what is left to do for those that came."""
        facts = matter.facts
        added = _listed("Added", facts.get("added", []), facts.get("added_number", 0))
        removed = _listed("Removed", facts.get("removed", []), facts.get("removed_number", 0))
        todo = "Have your ACME client order certificates for the new names." if added else ""
        return " ".join(filter(None, (added, removed, todo)))


def _names(number: int) -> str:
    return f"{number} name{' was' if number == 1 else 's were'}"


def _listed(word: str, written: list[str], number: int) -> str:
    if not written:
        return ""
    more = f" and {number - len(written)} more" if number > len(written) else ""
    return f"{word}: {', '.join(written)}{more}."
