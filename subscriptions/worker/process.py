"""What this worker process remembers of itself: since when it has compared the CA with the ledger, and what of it."""

import threading
from datetime import datetime

from subscriptions.ledger.counter import forget_counter
from subscriptions.ledger.reading import forget_baselines
from subscriptions.ledger.restored import hold_after_restore
from subscriptions.models import Gate

_since: datetime | None = None
_has_compared_accounts = False

comparing_accounts = threading.Lock()  # of several accounts to be made at once, one has the CA's list read for all


def begin(now: datetime) -> None:
    """Note, in the database's time, that this worker begins, or that the database has gone back.

    What was read before counts as not compared: the first change on each binding is preceded by a reading.
    """
    global _since, _has_compared_accounts
    _since, _has_compared_accounts = now, False


def compares_since() -> datetime | None:
    """Give since when readings count as compared by this process; none outside a worker."""
    return _since


def has_compared_accounts() -> bool:
    """Whether this process has compared the CA's list of accounts with the ledger; nothing is outside a worker."""
    return _since is None or _has_compared_accounts


def note_accounts_compared() -> None:
    """Remember that the CA's list of accounts was compared."""
    global _has_compared_accounts
    _has_compared_accounts = True


def note_restore(now: datetime) -> None:
    """Hold every change at the CA: the database went back.

    Where another process has noticed it before, and a person has looked at the comparison since this one began, what
    this process remembers is forgotten, and nothing is held again.
    """
    forget_counter()
    forget_baselines()
    compared = Gate.objects.filter(pk=Gate.SINGLETON, needs_comparison=False)
    if _since is None or not compared.filter(compared_at__gt=_since).exists():
        hold_after_restore()
    begin(now)
