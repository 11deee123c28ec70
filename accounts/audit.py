"""Writing the audit trail."""

from enum import StrEnum
from typing import Any

from django.db.models import Model

from accounts.addresses import client_address, current_request, user_agent
from accounts.models import AuditEvent, Customer, User

LONGEST_TEXT = 1000  # characters of one detail
MOST_ITEMS = 200  # of a list in a detail


def record_event(
    happening: StrEnum,
    *,
    actor: User | None,
    target: Model | None = None,
    customer: Customer | None = None,
    about: str = "",
    **detail: Any,
) -> AuditEvent:
    """Write one audit event about `target` and give it. `detail` must hold no secret; what is too long is cut.

    Where nobody is known to have it, an e-mail address may be what an event is `about`.

    `happening` is a member of `accounts.happenings.Happening` or of `subscriptions.happenings.Happening`. IP address
    and user agent are those of the request that is being answered; a task and a command have none.
    """
    request = current_request()
    return AuditEvent.objects.create(
        action=happening,
        actor_code=actor.code if actor else None,
        actor_name=str(actor or ""),
        actor_email=actor.email if actor else "",
        customer_code=customer.code if customer else None,
        customer_name=str(customer or ""),
        target_kind=target._meta.model_name or "" if target else "address" if about else "",
        target_code=getattr(target, "code", None),
        target_name=str(target or about)[: AuditEvent.TARGET_NAME_LENGTH],
        detail=_bounded(detail),
        ip_address=client_address(request) if request else None,
        user_agent=user_agent(request)[: AuditEvent.USER_AGENT_LENGTH] if request else "",
    )


def _bounded(value: Any) -> Any:
    """Give a detail with its texts and lists cut to what a row may hold."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {str(name): _bounded(one) for name, one in list(value.items())[:MOST_ITEMS]}
    if isinstance(value, list | tuple):
        return [_bounded(one) for one in value[:MOST_ITEMS]]
    return value
