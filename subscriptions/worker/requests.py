"""What becomes of customers' requests by the fate of what was quoted and ordered for them.

It is found by what the rows say, not by what just happened: whatever was killed in between, the sweep comes by.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.audit import record_event
from subscriptions.happenings import Happening
from subscriptions.models import CustomerRequest, Domain, Operation, Quote
from subscriptions.rules.written_names import written_list

Kind = CustomerRequest.Kind
State = CustomerRequest.State
Tell = Callable[[CustomerRequest], None]

AT_ONCE = 100
NAMES_TOLD = 3  # each may be long in both its writings
NOT_CONFIRMED = "The quote for it ran out before it was confirmed."
NO_PRICE = "The CA gave no price for it."


def follow(now: datetime, *, tell: Tell) -> int:
    """Move the requests whose quote ran out or whose operations have all ended, and give how many that were.

    `tell` writes to whoever asked, in the transaction of the move.
    """
    about = CustomerRequest.objects.select_related("subscription__customer", "created_by")
    alive = Q(state__in=[Quote.State.QUEUED, Quote.State.PRICING]) | Q(state=Quote.State.READY, valid_until__gt=now)
    hopeless = about.filter(~Exists(Quote.objects.filter(alive, asked_for=OuterRef("pk"))), state=State.QUOTED)
    unsettled = Operation.objects.filter(requests=OuterRef("pk"), state__in=Operation.UNSETTLED)
    settled = about.filter(~Exists(unsettled), state=State.ORDERED)
    moved = sum(_reopen(asked, why_not_confirmed(asked), now) for asked in hopeless.order_by("pk")[:AT_ONCE])
    return moved + sum(_settle(asked, now, tell) for asked in settled.order_by("pk")[:AT_ONCE])


def why_not_confirmed(asked: CustomerRequest) -> str:
    """Say why the last quote for a request came to nothing."""
    last = asked.quotes.first()
    return NO_PRICE if last is not None and last.state == Quote.State.REFUSED else NOT_CONFIRMED


def _settle(asked: CustomerRequest, now: datetime, tell: Tell) -> bool:
    operations = list(asked.operations.order_by("pk"))
    if reason := _why_not_done(asked, operations):
        return _reopen(asked, reason, now)
    with transaction.atomic():
        is_moved = _move(asked, State.ORDERED, State.DONE, Happening.REQUEST_DONE, now)
        if is_moved:
            tell(asked)
    return is_moved


def _why_not_done(asked: CustomerRequest, operations: list[Operation]) -> str:
    """Say what of a request was not done, in words for its customer; an empty text where all of it was."""
    refused = [one for one in operations if one.state == Operation.State.REFUSED]
    canceled = [one for one in operations if one.state == Operation.State.CANCELED]
    if asked.kind == Kind.EXTENSION:
        if refused:
            return "The CA refused the extension."
        return "The extension was canceled." if canceled or not operations else ""
    done = {name for one in operations if one.state == Operation.State.SUCCEEDED for name in one.all_names}
    left = _left(asked, done)
    told = []
    for words, failed in (("The CA refused", refused), ("Canceled", canceled)):
        if names := [name for one in failed for name in dict.fromkeys(one.all_names) if name in left]:
            told.append(f"{words}: {_shortly(names)}.")
            left.difference_update(names)
    if left:
        told.append(f"Not ordered: {_shortly(sorted(left))}.")
    return " ".join(told)


def _shortly(names: list[str]) -> str:
    more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
    return f"{written_list(names[:NAMES_TOLD])}{more}"


def _left(asked: CustomerRequest, done: set[str]) -> set[str]:
    """Give the names of a request that were neither done for it nor are as they were to be all the same."""
    rows = Domain.objects.present().filter(subscription=asked.subscription_id, name__in=asked.names)
    present = set(rows.values_list("name", flat=True))
    names = set(asked.names) - done
    return names & present if asked.kind == Kind.REMOVAL else names - present


def _reopen(asked: CustomerRequest, reason: str, now: datetime) -> bool:
    with transaction.atomic():
        return _move(asked, State(asked.state), State.OPEN, Happening.REQUEST_REOPENED, now, reason)


def _move(
    asked: CustomerRequest, from_state: State, to_state: State, happening: Happening, now: datetime, reason: str = ""
) -> bool:
    """Move a request where it is as it was read: people move it too."""
    as_read = CustomerRequest.objects.filter(pk=asked.pk, state=from_state, changed_at=asked.changed_at)
    changes = {"state": to_state, "reason": reason[:500], "changed_by": None, "changed_at": now}
    if as_read.update(**changes) != 1:
        return False
    asked.state, asked.reason = to_state, reason[:500]
    record_event(
        happening,
        actor=None,
        target=asked,
        customer=asked.subscription.customer,
        what=asked.title,
        names=asked.names,
        reason=asked.reason,
    )
    return True
