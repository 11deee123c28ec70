"""What happens to everybody who tries is counted, and told of less and less often: no one fills the audit trail."""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.clearing import clear
from accounts.models import Tally

COUNTED_FOR = timedelta(days=1)


@transaction.atomic
def count(*parts: str) -> int:
    """Count once more what `parts` name, and give how often that was since the first time within a day."""
    key, now = sha256("\x1f".join(parts).encode()).hexdigest(), timezone.now()
    row, _ = Tally.objects.select_for_update().get_or_create(key=key, defaults={"since": now})
    if row.since <= now - COUNTED_FOR:
        row.since, row.number = now, 0
    row.number += 1
    row.save(update_fields=["since", "number"])
    return row.number


def clear_expired(now: datetime) -> int:
    """Delete what is not counted any more; give how many rows."""
    return clear(Tally.objects.filter(since__lte=now - COUNTED_FOR))


def is_told(number: int, *, first: int = 1) -> bool:
    """Whether the trail hears of the `number`-th time: of the first ones, then of the 10th, 100th, 1000th and so on."""
    return number <= first or str(number).strip("0") == "1"
