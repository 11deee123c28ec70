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
        actor=actor,
        customer=customer,
        target_kind=target._meta.model_name or "" if target else "",
        target_code=getattr(target, "code", None),
        detail=detail,
        ip_address=ip_address,
    )
