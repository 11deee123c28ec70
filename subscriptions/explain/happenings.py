"""The words of the audit trail: for each type of happening what is said of it, and which of its details."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.happenings import Happening as OfPeople
from accounts.models import AuditEvent
from subscriptions.happenings import Happening
from subscriptions.rules.written_names import written

WORDS: dict[StrEnum, str] = {
    OfPeople.SETTINGS_CHANGED: "Settings changed",
    OfPeople.CUSTOMER_CREATED: "Customer added",
    OfPeople.CUSTOMER_CHANGED: "Customer changed",
    OfPeople.MEMBERSHIP_ADDED: "Person added in Django admin",
    OfPeople.MEMBERSHIP_CHANGED: "Person’s role changed",
    OfPeople.MEMBERSHIP_REMOVED: "Person removed",
    OfPeople.INVITATION_CREATED: "Invited",
    OfPeople.INVITATION_REVOKED: "Invitation withdrawn",
    OfPeople.INVITATION_ACCEPTED: "Invitation accepted",
    OfPeople.STAFF_ROLE_CHANGED: "Role at the reseller changed",
    OfPeople.STAFF_REMOVED: "Person removed from the reseller’s staff",
    OfPeople.MAIL_SENT_AGAIN: "Mail sent again",
    OfPeople.ADDRESS_CLEARED: "Address gets notices again",
    OfPeople.SIGNED_IN: "Signed in",
    OfPeople.SECOND_FACTOR_ASKED: "First step of a sign-in taken, second factor asked for",
    OfPeople.SIGN_IN_REFUSED: "Sign-in refused",
    OfPeople.REAUTHENTICATION_REFUSED: "Wrong password where it was asked again",
    OfPeople.SIGNED_OUT: "Signed out",
    OfPeople.RESET_REQUESTED: "Link to reset the password asked for",
    OfPeople.RESET_USED: "Password reset by a link",
    OfPeople.PROFILE_CHANGED: "Profile changed",
    OfPeople.EMAIL_CHANGED: "E-mail address changed",
    OfPeople.SUPERUSER_MADE: "Superuser made",
    OfPeople.PASSWORD_CHANGED: "Password changed",
    OfPeople.FACTOR_ADDED: "Second factor added",
    OfPeople.FACTOR_REMOVED: "Second factor removed",
    OfPeople.FACTOR_REFUSED: "Second factor refused",
    OfPeople.RECOVERY_CODES_MADE: "Recovery codes made",
    OfPeople.RECOVERY_CODES_SHOWN: "Recovery codes shown",
    OfPeople.RECOVERY_CODE_USED: "Recovery code used",
    OfPeople.REQUEST_REFUSED: "Request refused",
    OfPeople.ADDED_IN_ADMIN: "Added in Django admin",
    OfPeople.CHANGED_IN_ADMIN: "Changed in Django admin",
    OfPeople.DELETED_IN_ADMIN: "Deleted in Django admin",
    OfPeople.SESSIONS_ENDED: "Signed out everywhere",
    OfPeople.SESSION_TIMED_OUT: "Signed out by time",
    OfPeople.TRIES_REFUSED: "Attempts refused: too many",
    Happening.CUSTOMER_ARCHIVED: "Customer archived",
    Happening.CUSTOMER_BROUGHT_BACK: "Customer brought back from the archive",
    Happening.SUBSCRIPTION_CHANGED: "Label or notes of a subscription changed",
    Happening.SUBSCRIPTION_MOVED_AWAY: "Subscription moved to another customer",
    Happening.SUBSCRIPTION_MOVED_HERE: "Subscription came from another customer",
    Happening.SUBSCRIPTION_CREATED: "ACME account ordered",
    Happening.SUBSCRIPTION_HANDED_OVER: "Handed over",
    Happening.HAND_OVER_DECIDED: "To be handed over when somebody accepts",
    Happening.HAND_OVER_CALLED_OFF: "Hand-over called off",
    Happening.REMOVAL_CONFIRMED: "Removal of a name confirmed",
    Happening.SUSPENSION_CONFIRMED: "Suspension confirmed",
    Happening.REINSTATEMENT_CONFIRMED: "Reinstatement confirmed",
    Happening.DEACTIVATION_CONFIRMED: "Deactivation confirmed",
    Happening.CLIENT_REGISTERED: "ACME client registered",
    Happening.CLIENT_CHANGED: "ACME client with a new user agent",
    Happening.CLIENT_MOVED: "ACME client at a new IP address",
    Happening.REPLACEMENT_ORDERED: "Replacement of a name ordered",
    Happening.REPLACEMENT_CALLED_OFF: "Replacement of a name called off",
    Happening.REPLACEMENT_REMOVES: "Replaced name being removed",
    Happening.ACCOUNT_ASSIGNED: "ACME account assigned",
    Happening.ACCOUNT_NOT_OURS: "ACME account marked as not ours",
    Happening.FINDING_CLOSED: "Finding closed",
    Happening.TERM_DIFFERS: "The CA’s expiry does not fit the term",
    Happening.KEY_REVEALED: "EAB HMAC key revealed",
    Happening.QUOTE_REQUESTED: "Quote asked for",
    Happening.QUOTE_LINES_LEFT_OUT: "Left out of a quote",
    Happening.QUOTE_LINES_PUT_BACK: "Put back into a quote",
    Happening.ORDER_CONFIRMED: "Order confirmed",
    Happening.OPERATION_CANCELED: "Operation canceled",
    Happening.OPERATION_TAKEN: "Operation taken over for a decision",
    Happening.OPERATION_SETTLED: "Operation settled",
    Happening.PREVALIDATION_CREATED: "Pre-validation recorded",
    Happening.PREVALIDATION_CHANGED: "Pre-validation changed",
    Happening.PREVALIDATION_DELETED: "Pre-validation deleted",
    Happening.PREVALIDATION_MOVE_CONFIRMED: "Move of names to another pre-validation confirmed",
    Happening.OTHER_ORGANIZATION: "Names of another organization ordered",
    Happening.RENEWAL_MODE_SET: "Renewal mode of pre-validations set",
    Happening.TASK_SEEN: "Task of the dashboard marked as seen",
    Happening.TASK_SHOWN_AGAIN: "Task of the dashboard shown again",
    Happening.VISIBILITY_SET: "When customers see a subscription set",
    Happening.GATE_CLOSED: "Connection to the CA closed",
    Happening.GATE_REOPENED: "Connection to the CA reopened",
    Happening.SERVERS_REQUESTED: "ACME servers asked for",
    Happening.RUN_ASKED_FOR: "Run of a planned task asked for",
    Happening.REQUEST_MADE: "Customer’s request made",
    Happening.REQUEST_QUOTED: "Customer’s request being quoted",
    Happening.REQUEST_ORDERED: "Customer’s request ordered",
    Happening.REQUEST_REOPENED: "Customer’s request open again",
    Happening.REQUEST_DONE: "Customer’s request done",
    Happening.REQUEST_DECLINED: "Customer’s request declined",
    Happening.REQUEST_WITHDRAWN: "Customer’s request withdrawn",
}
_NAME = "name"  # the detail that is a domain name
# Which of the details an event was written with is said after the words.
_DETAIL: dict[StrEnum, str] = {
    OfPeople.MEMBERSHIP_ADDED: "email",
    OfPeople.MEMBERSHIP_CHANGED: "email",
    OfPeople.MEMBERSHIP_REMOVED: "email",
    OfPeople.INVITATION_CREATED: "email",
    OfPeople.STAFF_ROLE_CHANGED: "email",
    OfPeople.STAFF_REMOVED: "email",
    OfPeople.MAIL_SENT_AGAIN: "email",
    OfPeople.EMAIL_CHANGED: "new",
    OfPeople.PROFILE_CHANGED: "email",
    OfPeople.SIGNED_IN: "how",
    OfPeople.SIGN_IN_REFUSED: "email",
    OfPeople.SECOND_FACTOR_ASKED: "email",
    OfPeople.SUPERUSER_MADE: "how",
    OfPeople.PASSWORD_CHANGED: "how",
    OfPeople.RESET_REQUESTED: "email",
    OfPeople.RESET_USED: "email",
    OfPeople.FACTOR_ADDED: "email",
    OfPeople.FACTOR_REMOVED: "email",
    OfPeople.FACTOR_REFUSED: "email",
    OfPeople.REQUEST_REFUSED: "what",
    OfPeople.ADDED_IN_ADMIN: "what",
    OfPeople.CHANGED_IN_ADMIN: "what",
    OfPeople.DELETED_IN_ADMIN: "what",
    OfPeople.SESSIONS_ENDED: "reason",
    OfPeople.SESSION_TIMED_OUT: "reason",
    OfPeople.TRIES_REFUSED: "limit",
    Happening.SUBSCRIPTION_MOVED_AWAY: "to",
    Happening.SUBSCRIPTION_MOVED_HERE: "origin",
    Happening.SUBSCRIPTION_CREATED: "server",
    Happening.SUBSCRIPTION_HANDED_OVER: "how",
    Happening.SUSPENSION_CONFIRMED: "scope",
    Happening.REINSTATEMENT_CONFIRMED: "scope",
    Happening.DEACTIVATION_CONFIRMED: "scope",
    Happening.CLIENT_REGISTERED: "client",
    Happening.CLIENT_CHANGED: "client",
    Happening.CLIENT_MOVED: "client",
    Happening.QUOTE_LINES_LEFT_OUT: "lines",
    Happening.QUOTE_LINES_PUT_BACK: "lines",
    Happening.ORDER_CONFIRMED: "total",
    Happening.REMOVAL_CONFIRMED: _NAME,
    Happening.REPLACEMENT_ORDERED: _NAME,
    Happening.REPLACEMENT_CALLED_OFF: _NAME,
    Happening.REPLACEMENT_REMOVES: _NAME,
    Happening.ACCOUNT_ASSIGNED: "eab_key_id",
    Happening.ACCOUNT_NOT_OURS: "eab_key_id",
    Happening.FINDING_CLOSED: "sort",
    Happening.OPERATION_CANCELED: "reason",
    Happening.OPERATION_TAKEN: "reason",
    Happening.OPERATION_SETTLED: "reason",
    Happening.PREVALIDATION_CREATED: "ov_anchor_order_number",
    Happening.PREVALIDATION_CHANGED: "ov_anchor_order_number",
    Happening.PREVALIDATION_DELETED: "ov_anchor_order_number",
    Happening.PREVALIDATION_MOVE_CONFIRMED: "to",
    Happening.OTHER_ORGANIZATION: "reason",
    Happening.RENEWAL_MODE_SET: "mode",
    Happening.TASK_SEEN: "title",
    Happening.TASK_SHOWN_AGAIN: "title",
    Happening.VISIBILITY_SET: "visibility",
    Happening.GATE_CLOSED: "reason",
    Happening.RUN_ASKED_FOR: "label",
    Happening.REQUEST_MADE: "what",
    Happening.REQUEST_QUOTED: "what",
    Happening.REQUEST_ORDERED: "what",
    Happening.REQUEST_REOPENED: "reason",
    Happening.REQUEST_DONE: "what",
    Happening.REQUEST_DECLINED: "reason",
    Happening.REQUEST_WITHDRAWN: "what",
}
_KNOWN: dict[str, StrEnum] = {happening.value: happening for happening in WORDS}

# What people do about their sign-in: often, and of no interest beside what is bought.
OF_SIGN_IN: frozenset[StrEnum] = frozenset(
    {
        OfPeople.SIGNED_IN,
        OfPeople.SECOND_FACTOR_ASKED,
        OfPeople.SIGN_IN_REFUSED,
        OfPeople.REAUTHENTICATION_REFUSED,
        OfPeople.SIGNED_OUT,
        OfPeople.RESET_USED,
        OfPeople.PASSWORD_CHANGED,
        OfPeople.FACTOR_ADDED,
        OfPeople.FACTOR_REMOVED,
        OfPeople.FACTOR_REFUSED,
        OfPeople.RECOVERY_CODES_MADE,
        OfPeople.RECOVERY_CODES_SHOWN,
        OfPeople.RECOVERY_CODE_USED,
        OfPeople.REQUEST_REFUSED,
        OfPeople.EMAIL_CHANGED,
        OfPeople.PROFILE_CHANGED,
        OfPeople.SESSIONS_ENDED,
        OfPeople.SESSION_TIMED_OUT,
        OfPeople.TRIES_REFUSED,
    }
)

# What the owners of a customer are told of it and of its people. The rest is the reseller's own work.
SHOWN_TO_CUSTOMERS: frozenset[StrEnum] = OF_SIGN_IN | {
    OfPeople.MEMBERSHIP_ADDED,
    OfPeople.MEMBERSHIP_CHANGED,
    OfPeople.MEMBERSHIP_REMOVED,
    OfPeople.INVITATION_CREATED,
    OfPeople.INVITATION_REVOKED,
    OfPeople.INVITATION_ACCEPTED,
    Happening.SUBSCRIPTION_CREATED,
    Happening.SUBSCRIPTION_HANDED_OVER,
    Happening.KEY_REVEALED,
    Happening.REMOVAL_CONFIRMED,
    Happening.SUSPENSION_CONFIRMED,
    Happening.REINSTATEMENT_CONFIRMED,
    Happening.DEACTIVATION_CONFIRMED,
    Happening.CLIENT_REGISTERED,
    Happening.CLIENT_CHANGED,
    Happening.CLIENT_MOVED,
    Happening.REPLACEMENT_ORDERED,
    Happening.REPLACEMENT_CALLED_OFF,
    Happening.REPLACEMENT_REMOVES,
    Happening.PREVALIDATION_CREATED,
    Happening.PREVALIDATION_CHANGED,
    Happening.PREVALIDATION_DELETED,
    Happening.PREVALIDATION_MOVE_CONFIRMED,
    Happening.REQUEST_MADE,
    Happening.REQUEST_QUOTED,
    Happening.REQUEST_ORDERED,
    Happening.REQUEST_REOPENED,
    Happening.REQUEST_DONE,
    Happening.REQUEST_DECLINED,
    Happening.REQUEST_WITHDRAWN,
}

# What tells that somebody has seen an EAB HMAC key.
SHOWED_THE_KEY = frozenset({Happening.KEY_REVEALED})
# What tells that an ACME client has registered with a key, and that one came from an address it never came from.
REGISTERED_CLIENTS = frozenset({Happening.CLIENT_REGISTERED})
MOVED_CLIENTS = frozenset({Happening.CLIENT_MOVED})
# What tells that names were to go from one pre-validation to another.
MOVED_NAMES = frozenset({Happening.PREVALIDATION_MOVE_CONFIRMED})

# What tells that somebody has said who renews pre-validations.
SET_THE_RENEWAL_MODE = frozenset({Happening.RENEWAL_MODE_SET})
# What tells that somebody has said from when on customers see a subscription.
SET_THE_VISIBILITY = frozenset({Happening.VISIBILITY_SET})


def sentence(event: AuditEvent) -> str:
    """Say what happened; an event of a version that knew more types is told by its own text."""
    happening = _KNOWN.get(event.action)
    if happening is None:
        return event.action.replace(".", " ").replace("_", " ").capitalize()
    key = _DETAIL.get(happening, "")
    detail = event.detail.get(key, "")
    if key == _NAME and detail:
        detail = written(str(detail))
    return f"{WORDS[happening]}: {detail}" if detail else WORDS[happening]


@dataclass(frozen=True, slots=True)
class Change:
    """What a field held before and after: empty for nothing."""

    field: str
    before: str
    after: str


def changes(event: AuditEvent) -> list[Change]:
    """Give what an event changed, field by field, in words."""
    told: dict[str, list[str]] = event.detail.get("changes") or {}
    if "old" in event.detail and "new" in event.detail:
        told = {"e-mail address": [event.detail["old"], event.detail["new"]]} | told
    return [Change(field.replace("_", " "), before, after) for field, (before, after) in told.items()]
