"""Limits on how often something is tried, or somebody is written to.

They stand in the database: on every host, whatever else is away.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest

from accounts.clearing import clear
from accounts.models import Throttle

TELL_AGAIN_AFTER = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries at once, and then one more each `every`."""

    name: str
    at_once: int
    every: timedelta

    def of(self, *parts: object) -> "Counter":
        """Give what counts the tries of, for example, one address."""
        text = "\0".join(str(part) for part in parts)
        digest = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
        return Counter(self, f"{self.name}:{digest}")


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts tries against a limit."""

    limit: Limit
    key: str

    def take(self, now: datetime) -> bool:
        """Count a try; give False, and count nothing, where it is one too many.

        One statement reads and writes: of tries at the same moment each one counts.
        """
        if self._advance(now):
            return True
        _, is_first = Throttle.objects.get_or_create(key=self.key, defaults={"free_at": now + self.limit.every})
        return is_first or self._advance(now)  # again: another process may have written the row meanwhile

    def _advance(self, now: datetime) -> bool:
        room = self.limit.every * (self.limit.at_once - 1)
        rows = Throttle.objects.filter(key=self.key, free_at__lte=now + room)
        return rows.update(free_at=Greatest(F("free_at"), now) + self.limit.every) == 1

    def give_back(self) -> None:
        """Forget a try: it was no guess."""
        Throttle.objects.filter(key=self.key).update(free_at=F("free_at") - self.limit.every)

    def clear(self) -> None:
        """Forget all tries."""
        Throttle.objects.filter(key=self.key).delete()

    def is_news(self, now: datetime) -> bool:
        """Whether nobody was told within the last hour that tries are refused; whoever asks tells it."""
        long_ago = Q(told_at=None) | Q(told_at__lte=now - TELL_AGAIN_AFTER)
        return Throttle.objects.filter(long_ago, key=self.key).update(told_at=now) == 1


def refusing(counters: Sequence[Counter], now: datetime) -> Counter | None:
    """Count a try with each of the counters, or give the one that refuses it: then none has counted it."""
    for number, counter in enumerate(counters):
        if not counter.take(now):
            for taken in counters[:number]:
                taken.give_back()
            return counter
    return None


def clear_expired(now: datetime) -> int:
    """Delete what nothing is left of; give how many rows."""
    return clear(Throttle.objects.filter(free_at__lt=now - KEPT_FOR))
