"""Writing the audit trail."""

from enum import StrEnum
from typing import Any

from django.db.models import Model

from accounts.models import AuditEvent, Customer, User


def record_event(
    happening: StrEnum,
    *,
    actor: User | None,
    target: Model | None = None,
    customer: Customer | None = None,
    ip_address: str | None = None,
    **detail: Any,
) -> AuditEvent:
    """Write one audit event about `target` and give it. `detail` must hold no secret.

    `happening` is a member of `accounts.happenings.Happening` or of `subscriptions.happenings.Happening`.
    """
    return AuditEvent.objects.create(
        action=happening,
        actor_code=actor.code if actor else None,
        actor_name=str(actor or ""),
        actor_email=actor.email if actor else "",
        customer_code=customer.code if customer else None,
        customer_name=str(customer or ""),
        target_kind=target._meta.model_name or "" if target else "",
        target_code=getattr(target, "code", None),
        target_name=str(target or "")[: AuditEvent.TARGET_NAME_LENGTH],
        detail=detail,
        ip_address=ip_address,
    )
