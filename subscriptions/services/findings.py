"""Closing a finding: the request half."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.happenings import Happening
from subscriptions.models import Domain, Finding, Transaction
from subscriptions.selectors.findings import seen_version

MAX_ID = 2**63 - 1  # of a row: a greater number in a kept line names none


@transaction.atomic
def close_finding(*, actor: User, finding: Finding, seen: str, reason: str) -> None:
    """Say that a person has looked at a finding: what its page showed (`seen`) is explained, and not raised again.

    What only one reading has shown so far is left out: it comes again with the next. Raises ServiceError where the
    finding is closed by now, shows something else than its page did, or no reason is given.
    """
    if not reason.strip():
        raise ServiceError("Say why it is closed: others will read it. Nothing was changed.")
    locked = Finding.objects.select_for_update(of=["self"]).select_related("binding__subscription__customer")
    finding = locked.get(pk=finding.pk)
    if finding.state != Finding.State.OPEN:
        raise ServiceError(f"It is “{finding.get_state_display()}” by now. Nothing was changed.")
    if seen_version(finding) != seen:
        raise ServiceError("Its lines have changed since this page was opened. Nothing was changed: look again.")
    lines = [line for line in finding.ripe_lines if isinstance(line, dict) and isinstance(line.get("key"), str)]
    _explain(finding, lines, actor, reason)
    finding.state, finding.lines, finding.reason = Finding.State.CLOSED, lines, reason
    finding.closed_by, finding.closed_at = actor, timezone.now()
    finding.save(update_fields=["state", "lines", "reason", "closed_by", "closed_at"])
    subscription = finding.binding.subscription
    record_event(
        Happening.FINDING_CLOSED,
        actor=actor,
        target=subscription,
        customer=subscription.customer,
        sort=finding.get_sort_display(),
        finding=str(finding.code),
        reason=reason,
    )


def _explain(finding: Finding, lines: Sequence[dict[str, Any]], actor: User, reason: str) -> None:
    if finding.sort in (Finding.Sort.UNEXPLAINED_CHARGE, Finding.Sort.UNEXPLAINED_REFUND):
        kept = [line.get("transaction") for line in lines]
        ids = [one for one in kept if isinstance(one, int) and not isinstance(one, bool) and 0 < one <= MAX_ID]
        unexplained = Transaction.objects.filter(pk__in=ids, binding=finding.binding_id, explained="")
        unexplained.update(explained=Transaction.Explained.PERSON, explained_by=actor, reason=reason)
    elif finding.sort == Finding.Sort.UNKNOWN_NAME:
        names = [line["key"] for line in lines]  # an unknown name is told from others by itself
        unknown = Domain.objects.present().filter(operation=None, name__in=names)
        unknown.filter(subscription=finding.binding.subscription_id).update(is_taken_over=True)
