"""Settles operations whose answer was lost: by reading at the CA, never by sending again."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.caas.types import BindingInfo, PreregisteredAccount, TransactionInfo
from subscriptions.kinds import add_domain, preregister
from subscriptions.ledger import moves
from subscriptions.ledger.gate import HeldBack, react_to
from subscriptions.models import EabBinding, Operation, OrphanBinding
from subscriptions.rules.proof import Charge, Evidence, Judgement, Verdict, judge_addition

State = Operation.State
CLOCK_SKEW = timedelta(minutes=2)  # how far the CA's clock may be behind ours before its charge looks too old


def take_due(now: datetime) -> list[int]:
    """Give the operations whose outcome is to be read for now, and set the time of their next reading."""
    due = Operation.objects.filter(Q(next_reading_at=None) | Q(next_reading_at__lte=now), state=State.UNKNOWN)
    following = now + timedelta(seconds=settings.CAAS_SETTLE_INTERVAL)
    return [
        pk
        for pk in due.order_by("pk").values_list("pk", flat=True)[:50]
        if due.filter(pk=pk).update(next_reading_at=following)
    ]


def settle(operation_id: int, *, client: CaasClient, worker: str) -> Operation | None:
    """Read at the CA what became of an operation and settle it where the reading proves something.

    Gives the operation as it is afterwards, or None where it is not unknown or the CA could not be read.
    """
    rows = Operation.objects.select_related("subscription__server", "binding", "order")
    operation = rows.get(pk=operation_id)
    if operation.state != State.UNKNOWN:
        return None
    try:
        SETTLE[operation.kind](operation, client, moves.Author(worker=worker))
    except HeldBack:
        return None
    except CaasError as error:
        react_to(error)
        return None
    operation.refresh_from_db()
    return operation


def _ended_at(operation: Operation) -> datetime:
    return operation.connection_ended_at or operation.lease_expires_at or operation.created_at


def _waited(operation: Operation, now: datetime) -> bool:
    return now - _ended_at(operation) >= timedelta(seconds=settings.CAAS_SETTLE_AFTER)


def _apart() -> timedelta:
    return timedelta(seconds=settings.CAAS_SETTLE_INTERVAL)


def _unchanged_since(operation: Operation, *, seen: Any) -> datetime | None:
    """Since when every reading, up to the last, has shown the same as the new one."""
    since = None
    for reading in reversed(operation.readings):
        if reading["seen"] != seen:
            break
        since = parse_datetime(reading["at"])
    return since


def _keep_reading(operation: Operation, now: datetime, seen: Any, **more: Any) -> None:
    operation.readings = [*operation.readings, {"at": now.isoformat(), "seen": seen, **more}][-20:]
    # Sent again and lost again meanwhile: what was read before says nothing of that call.
    rows = Operation.objects.filter(pk=operation.pk, state=State.UNKNOWN, claim_token=operation.claim_token)
    rows.update(readings=operation.readings)


def _not_done(operation: Operation, reason: str, *, by: moves.Author, now: datetime) -> bool:
    """Queue what did not happen again; but what the CA refused is for a person, or it would be refused without end."""
    if operation.error_detail:
        refused = f"The CA refused it: {operation.error_detail[:300]} {reason}"
        return moves.settle_as_unclear(operation, by=by, reason=refused, detail={"readings": operation.readings[-3:]})
    return moves.settle_as_not_done(operation, by=by, reason=reason, now=now)


# --- ADDDOMAIN ------------------------------------------------------------------------------------------------------


def _settle_addition(operation: Operation, client: CaasClient, by: moves.Author) -> None:
    if operation.binding is None:
        return
    acme_account_id = operation.binding.acme_account_id
    listing = add_domain.listing(client.list_domains(acme_account_id=acme_account_id))
    charges, transactions_read = _read_charges(operation, client, acme_account_id)
    now = timezone.now()
    is_there = operation.domain_name in listing["names"]
    before = operation.baseline["names"] if operation.baseline else [operation.domain_name]
    evidence = Evidence(
        was_there_before=operation.domain_name in before,
        is_there_now=is_there,
        charge=charges[0] if charges else None,
        is_free=operation.price == 0,
        ended_at=_ended_at(operation),
        absent_since=None if is_there else _unchanged_since(operation, seen=False),
        transactions_read=transactions_read,
        is_charged_twice=len({one.ca_order_number for one in charges}) > 1,
    )
    _keep_reading(operation, now, is_there, names=listing["names"][:200], charges=[_shown(one) for one in charges])
    judgement = judge_addition(
        evidence, now=now, settle_after=timedelta(seconds=settings.CAAS_SETTLE_AFTER), apart=_apart()
    )
    _apply(operation, judgement, listing["names"], by=by, now=now)


def _read_charges(operation: Operation, client: CaasClient, acme_account_id: str) -> tuple[list[Charge], bool]:
    """Give the charges that can be this operation's, newest first, and whether the list could be read.

    The guide does not show the list's JSON: a charge without a readable kind counts as an addition, and one whose
    names cannot be read, which may be this operation's, makes the list an unreadable one.
    """
    try:
        transactions = client.list_transactions(acme_account_id=acme_account_id)
    except CaasError as error:
        react_to(error)
        return [], False
    since = _first_claimed_at(operation) - CLOCK_SKEW
    new = [one for one in transactions if _is_new_addition(one, since)]
    held = set(
        Operation.objects.filter(ca_order_number__in=[one.ca_order_number for one in new])
        .exclude(pk=operation.pk)
        .values_list("ca_order_number", flat=True)
    )
    free = [one for one in new if one.ca_order_number not in held]
    fitting = [one for one in free if operation.domain_name in one.names]
    return [_charge(one) for one in reversed(fitting)], all(one.names for one in free)


def _first_claimed_at(operation: Operation) -> datetime:
    # Of all its claims the first counts: what an earlier call did late is its charge as well.
    first = operation.events.filter(to_state=State.SENDING).first()
    return first.at if first else operation.created_at


def _is_new_addition(found: TransactionInfo, since: datetime) -> bool:
    is_new = found.executed_at is None or found.executed_at >= since
    return is_new and found.kind.lower() in ("", "adddomain")


def _charge(found: TransactionInfo) -> Charge:
    cost = found.cost
    return Charge(found.ca_order_number, cost.amount if cost else None, cost.currency if cost else "")


def _shown(charge: Charge) -> dict[str, Any]:
    amount = None if charge.amount is None else str(charge.amount)
    return {"ca_order_number": charge.ca_order_number, "amount": amount, "currency": charge.currency}


def _apply(
    operation: Operation, judgement: Judgement, listed: Iterable[str], *, by: moves.Author, now: datetime
) -> None:
    if judgement.verdict is Verdict.HAPPENED:
        with transaction.atomic():
            outcome = _outcome(operation, judgement.charge)
            if moves.settle_as_done(operation, outcome, by=by, reason=judgement.reason, now=now):
                names = [name for name in operation.names if name in set(listed)]
                add_domain.keep_names(operation, names, now=now)
                moves.stop_order_if_overcharged(operation, by=by, now=now)
    elif judgement.verdict is Verdict.DID_NOT_HAPPEN:
        _not_done(operation, judgement.reason, by=by, now=now)
    elif judgement.verdict is Verdict.UNCLEAR:
        detail = {"readings": operation.readings[-3:], "baseline": operation.baseline}
        moves.settle_as_unclear(operation, by=by, reason=judgement.reason, detail=detail)


def _outcome(operation: Operation, charge: Charge | None) -> moves.Outcome:
    if charge is not None and charge.amount is not None:
        return moves.Outcome(charge.amount, charge.currency, charge.ca_order_number, is_charge_confirmed=True)
    number = charge.ca_order_number if charge else None
    is_free = operation.price == 0
    return moves.Outcome(operation.price, operation.currency, number, is_charge_confirmed=is_free)


# --- PREREGISTER ----------------------------------------------------------------------------------------------------


def _settle_preregistration(operation: Operation, client: CaasClient, by: moves.Author) -> None:
    strays = _strays(operation, client.list_bindings())
    if len(strays) == 1 and (found := _adoptable(strays[0], client)):
        _adopt(operation, found, by=by)
        return
    now = timezone.now()
    seen = sorted(stray.eab_key_id for stray in strays)
    since = _unchanged_since(operation, seen=seen)
    _keep_reading(operation, now, seen)
    if not _waited(operation, now) or since is None or now - since < _apart():
        return
    reason = "Two complete readings agree: the CA made no ACME account that can be taken for this one."
    with transaction.atomic():
        if _not_done(operation, reason, by=by, now=now):
            for eab_key_id in seen:
                preregister.keep_orphan(operation, eab_key_id)


def _strays(operation: Operation, bindings: Iterable[BindingInfo]) -> list[BindingInfo]:
    """Give the key IDs at the CA that were not there before the call and that nothing here explains.

    Without a baseline none can be told to be its own.
    """
    if operation.baseline is None:
        return []
    before = set(operation.baseline["eab_key_ids"])
    known = set(EabBinding.objects.values_list("eab_key_id", flat=True))
    known |= set(OrphanBinding.objects.values_list("eab_key_id", flat=True))
    return [one for one in bindings if one.eab_key_id not in before | known]


def _adoptable(stray: BindingInfo, client: CaasClient) -> PreregisteredAccount | None:
    """Give the ACME account behind a stray key ID, if it was never used and is the only one, still pending."""
    if stray.last_activity_at is not None:
        return None
    accounts = client.list_accounts(eab_key_id=stray.eab_key_id)
    if len(accounts) != 1 or accounts[0].status.lower() != "pending":
        return None
    return PreregisteredAccount(
        acme_account_id=accounts[0].acme_account_id,
        status=accounts[0].status,
        eab_key_id=stray.eab_key_id,
        eab_hmac_key=stray.eab_hmac_key,
    )


def _adopt(operation: Operation, found: PreregisteredAccount, *, by: moves.Author) -> None:
    reason = "Exactly one new key ID is at the CA, never used, its ACME account pending: it is the one asked for."
    with transaction.atomic():
        if moves.settle_as_done(operation, preregister.FREE, by=by, reason=reason, now=timezone.now()):
            preregister.keep_binding(operation, found, status=found.status, is_adopted=True)


SETTLE: dict[str, Callable[[Operation, CaasClient, moves.Author], None]] = {
    Operation.Kind.PREREGISTER: _settle_preregistration,
    Operation.Kind.ADD_DOMAIN: _settle_addition,
}
