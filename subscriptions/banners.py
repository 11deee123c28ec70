"""The banners that reseller staff see on every page."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission
from subscriptions.explain.waits import CLOSED_TITLES
from subscriptions.models import Gate, Operation, WorkerHeartbeat
from subscriptions.rules.instants import instant_text
from subscriptions.selectors.connection import closed_servers, held_kinds

STANDSTILL = timedelta(minutes=5)
KEPT = "staff_banners"  # on the request

Banner = dict[str, str]


def banners(request: HttpRequest) -> dict[str, list[Banner]]:
    """Give what stands between the portal and the CA, to reseller staff only; never for a fragment of a page."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_reseller_staff or getattr(request, "htmx", False):
        return {}
    # A table, a form and an include that gets the request each run the context processors again.
    kept = vars(request)
    if KEPT not in kept:
        kept[KEPT] = staff_banners(user, timezone.now())
    return {"banners": kept[KEPT]}


def staff_banners(user: User, now: datetime) -> list[Banner]:
    """Give what stands between the portal and the CA at `now`."""
    gate = _gate_with_signs_of_life(now).first()
    if gate is None:  # a worker makes the row when it starts
        return [_no_worker(0)]
    banners = [*_gate_banners(gate, user), *_held_banners(user, now)]
    if not gate.lives:
        banners.append(_no_worker(gate.waiting))
    elif not banners and gate.waiting and _stands_still(gate, now):
        banners.append(_standing_still(gate, now))
    return banners


def _gate_with_signs_of_life(now: datetime) -> "QuerySet[Any]":
    queued = Operation.objects.filter(state=Operation.State.QUEUED).order_by()
    count = queued.values("state").annotate(number=Count("pk")).values("number")
    claims = Operation.objects.filter(claimed_at__isnull=False).order_by("-claimed_at").values("claimed_at")[:1]
    return Gate.objects.filter(pk=Gate.SINGLETON).annotate(
        lives=Exists(WorkerHeartbeat.objects.fresh(now)),
        waiting=Coalesce(Subquery(count), 0),
        waiting_since=Subquery(queued.order_by("created_at").values("created_at")[:1]),
        claimed_at=Subquery(claims),
    )


def _gate_banners(gate: Any, user: User) -> list[Banner]:
    if gate.closed_for:
        return [_closed(gate, user)]
    if not gate.problem:
        return []
    since = f" (since {_instant(gate.problem_at)})" if gate.problem_at else ""
    text = f"{gate.problem.rstrip('.')}{since}. {_waiting(gate.waiting)} Work goes on by itself once the CA answers."
    return [{"level": "warning", "title": "No connection to the CA", "text": text}]


def _closed(gate: Any, user: User) -> Banner:
    text = f"{gate.reason} {_waiting(gate.waiting)}"
    return _reopenable({"level": "danger", "title": CLOSED_TITLES[gate.closed_for], "text": text}, user)


def _reopenable(banner: Banner, user: User) -> Banner:
    if not user.may(Permission.SETTLE):
        return banner | {"text": f"{banner['text']} A reseller admin can reopen the connection."}
    return banner | {"action_url": reverse("subscriptions:gate-reopen"), "action_label": "Reopen"}


def _held_banners(user: User, now: datetime) -> Iterator[Banner]:
    """Give what is held back though the gate is open: one server's charges, or a kind whose answers were lost."""
    if servers := list(closed_servers()):
        more = len(servers) - 1
        others = f" The same goes for {more} other ACME server{'s' if more > 1 else ''}." if more else ""
        title = f"Nothing that costs money is sent for {servers[0]}"
        text = f"{servers[0].charges_closed_reason}{others}"
        yield _reopenable({"level": "danger", "title": title, "text": text}, user)
    for held in held_kinds(now):
        text = (
            "The CA’s answers were lost too often in a row, and each call may have left something there. It goes on at "
            f"{_instant(held.held_until or now)} by itself."
        )
        yield _reopenable({"level": "warning", "title": f"Held: {_kind_word(held.kind)}", "text": text}, user)


def _instant(at: datetime) -> str:
    return instant_text(at, timezone.get_current_timezone())


def _kind_word(kind: str) -> str:
    return str(dict(Operation.Kind.choices).get(kind, kind))


def _waiting(number: int) -> str:
    if not number:
        return "Nothing waits."
    return "1 operation waits." if number == 1 else f"{number} operations wait."


def _no_worker(waiting: int) -> Banner:
    age = f"{WorkerHeartbeat.MAX_AGE.seconds} seconds"
    text = f"No worker has given a sign of life for {age}, so nothing is sent to the CA. {_waiting(waiting)}"
    return {"level": "danger", "title": "No worker is running", "text": f"{text} Look at the worker’s log."}


def _stands_still(gate: Any, now: datetime) -> bool:
    is_old = gate.waiting_since is not None and gate.waiting_since < now - STANDSTILL
    return is_old and (gate.claimed_at is None or gate.claimed_at < now - STANDSTILL)


def _standing_still(gate: Any, now: datetime) -> Banner:
    minutes = int((now - gate.waiting_since).total_seconds() // 60)
    text = (
        f"{_waiting(gate.waiting)} The oldest has waited for {minutes} minutes: something before it may need a person."
    )
    action = {"action_url": reverse("subscriptions:operation-list") + "?state=queued", "action_label": "Look"}
    return {"level": "warning", "title": "Work is waiting", "text": text} | action
