"""What the ledger shows after a fault run, and during it."""

from typing import Any

from accounts.models import AuditEvent
from subscriptions.happenings import Happening
from subscriptions.models import (
    AcmeAccount,
    Domain,
    EabBinding,
    Finding,
    Operation,
    OperationEvent,
    Replacement,
    Subscription,
    Transaction,
    UnassignedAccount,
)


def operations() -> list[dict[str, Any]]:
    """The ledger."""
    return [
        {
            "kind": one.kind,
            "state": one.state,
            "name": one.domain_name,
            "charged": str(one.charged or 0),
            "open": one.is_charge_open,
            "worker": one.worker,
            "sent": one.sent_at is not None,
        }
        for one in Operation.objects.order_by("pk")
    ]


def lines() -> list[dict[str, Any]]:
    """What the ledger says was charged for, and the refunds that removals explain."""
    charging = (Operation.Kind.ADD_DOMAIN, Operation.Kind.EXTEND_DOMAINS)
    done = Operation.objects.filter(state=Operation.State.SUCCEEDED, kind__in=charging)
    refunds = Transaction.objects.filter(kind=Transaction.REFUND, operation__kind=Operation.Kind.REMOVE_DOMAIN)
    return [
        {"sort": "charge", "number": one.ca_order_number, "name": one.domain_name, "amount": str(one.charged)}
        for one in done
    ] + [
        {"sort": "refund", "number": row.ca_order_number, "name": row.names[0], "amount": str(row.cost)}
        for row in refunds
    ]


def findings() -> list[dict[str, Any]]:
    """What differs, seen once or open."""
    rows = Finding.objects.exclude(state=Finding.State.CLOSED).order_by("pk")
    return [{"sort": row.sort, "state": row.state, "lines": row.lines} for row in rows]


def history(name: str) -> list[str]:
    """The steps of the operations about a name, to be shown where a test fails."""
    events = OperationEvent.objects.filter(operation__domain_name=name).order_by("pk")
    return [f"{one.at:%H:%M:%S} {one.from_state} -> {one.to_state} {one.worker} {one.reason}" for one in events]


def evidence() -> dict[str, list[Any]]:
    """All that the ledger holds, for whoever has to find out what went wrong in a run."""
    domains = Domain.objects.order_by("pk").values_list("name", "operation", "removal", "added_at", "removed_at")
    return {
        "operations": [
            [one.pk, one.kind, one.state, one.domain_name, one.ca_order_number, one.charged, one.readings]
            for one in Operation.objects.order_by("pk")
        ],
        "events": [
            [one.operation_id, one.at, f"{one} ({one.worker})", one.detail]
            for one in OperationEvent.objects.order_by("operation", "pk")
        ],
        "transactions": [
            [row.kind, row.ca_order_number, row.names, row.cost, row.explained, row.operation_id, row.first_seen_at]
            for row in Transaction.objects.order_by("pk")
        ],
        "domains": [list(row) for row in domains],
        "findings": [
            [row.sort, row.state, row.seen_at, row.closed_at, row.lines] for row in Finding.objects.order_by("pk")
        ],
    }


def stray_key_ids() -> list[str]:
    """The EAB key IDs at the CA that no binding holds."""
    return sorted(UnassignedAccount.objects.values_list("eab_key_id", flat=True))


def key_ids() -> list[str]:
    """The EAB key IDs kept here."""
    return sorted(EabBinding.objects.values_list("eab_key_id", flat=True))


def names_and_terms() -> dict[str, list[list[str]]]:
    """Each name that is there with its pre-validation and the last day of its term, by the ACME account."""
    present = Domain.objects.present().filter(not_listed_since=None).order_by("name")
    rows = present.values_list(
        "subscription__binding__acme_account_id", "name", "ov_anchor_order_number", "subscription__expires_at"
    )
    told: dict[str, list[list[str]]] = {}
    for account, name, anchor, expires_at in rows:
        told.setdefault(account, []).append([name, anchor, f"{expires_at:%Y-%m-%d}"])
    return told


def account_states() -> dict[str, list[str]]:
    """Of each ACME account, as it was last read: its subscription's code and the CA's word for its state."""
    rows = AcmeAccount.objects.order_by("pk").values_list("acme_account_id", "binding__subscription__code", "status")
    return {account: [str(code), status] for account, code, status in rows}


def key_states() -> dict[str, str]:
    """Whether the ACME account of each subscription that has one can be used, by its code."""
    rows = Subscription.objects.exclude(binding=None).values_list("code", "account_state")
    return {str(code): state for code, state in rows}


def replacements() -> list[dict[str, Any]]:
    """What was to be replaced, how far that came, and whether the old name went by it."""
    rows = Replacement.objects.select_related("old", "addition", "removal").order_by("pk")
    return [
        {
            "old": one.old.name,
            "new": one.new_name,
            "state": one.state,
            "addition": one.addition.state,
            "is_called_off": one.called_off_at is not None,
            "removed_by_it": one.removal_id is not None and one.old.removal_id == one.removal_id,
            "is_in_order": one.removal is None
            or (one.addition.finished_at is not None and one.addition.finished_at <= one.removal.created_at),
        }
        for one in rows
    ]


def told_clients() -> list[str]:
    """The ACME accounts of which it was told that a client has registered them."""
    events = AuditEvent.objects.filter(action=Happening.CLIENT_REGISTERED).order_by("pk")
    return [event.detail["acme_account_id"] for event in events]


COMMANDS = (
    operations,
    names_and_terms,
    account_states,
    key_states,
    replacements,
    told_clients,
    lines,
    findings,
    history,
    evidence,
    stray_key_ids,
    key_ids,
)
