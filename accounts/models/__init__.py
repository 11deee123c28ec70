"""People: users, the customers they belong to, invitations, what they did, and the mails they get."""

from accounts.models.append_only import AppendOnly, AppendOnlyError
from accounts.models.audit import AuditEvent
from accounts.models.customers import Customer, Invitation, Membership
from accounts.models.outbox import Mail
from accounts.models.planned_runs import PlannedRun
from accounts.models.settings import Setting
from accounts.models.tallies import Tally
from accounts.models.telling import Matter, NoticeChoice, NoticeCursor, Telling
from accounts.models.throttles import KnownDevice, Throttle
from accounts.models.undeliverable import UndeliverableAddress
from accounts.models.users import User

__all__ = [
    "AppendOnly",
    "AppendOnlyError",
    "AuditEvent",
    "Customer",
    "Invitation",
    "KnownDevice",
    "Mail",
    "Matter",
    "Membership",
    "NoticeChoice",
    "NoticeCursor",
    "PlannedRun",
    "Setting",
    "Tally",
    "Telling",
    "Throttle",
    "UndeliverableAddress",
    "User",
]
