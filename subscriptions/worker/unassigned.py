"""ACME accounts at the CA that no binding holds: found by reading, assigned by people. No machine adopts a key."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.caas.types import AccountInfo, BindingInfo, ListedDomain
from subscriptions.kinds import KINDS
from subscriptions.ledger import clock, moves
from subscriptions.ledger.accounts import rank
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.ledger.objections import Objection
from subscriptions.ledger.reading import BindingReading, CaList, read_binding
from subscriptions.models import AcmeAccount, EabBinding, Operation, Subscription, UnassignedAccount
from subscriptions.rules.terms import READINGS_APART, TERM_DAYS, expiry_of, fits_term
from subscriptions.worker import process
from subscriptions.worker.presence import keep_names
from subscriptions.worker.transactions import keep_transactions

State = UnassignedAccount.State
READ_AGAIN_AFTER = timedelta(hours=1)
READ_AT_ONCE = 20  # accounts whose names are read in one pass


def look_for_unassigned(client: CaasClient) -> None:
    """Read all EAB pairs of the reseller once, and keep those that no binding holds; a failure costs this pass only."""
    began_at = clock.now()
    try:
        keep_listed(client.list_bindings(), began_at)
        _read_names(client, began_at)
    except HeldBack:
        return
    except CaasError as error:
        react_to_reading(error)


def keep_listed(listed: Iterable[BindingInfo], began_at: datetime) -> None:
    """Keep the key IDs of one complete LISTBINDINGS that no binding holds.

    One is unassigned once two lists READINGS_APART show it, and nothing that makes accounts, begun before the second,
    is unsettled: it could be that one's.
    """
    held = set(EabBinding.objects.values_list("eab_key_id", flat=True))
    strays = {pair.eab_key_id: pair for pair in listed if pair.eab_key_id not in held}
    known = UnassignedAccount.objects.in_bulk(list(strays), field_name="eab_key_id")
    new = [
        UnassignedAccount(
            eab_key_id=key_id,
            is_reusable=pair.reusable,
            last_activity_at=pair.last_activity_at,
            first_seen_at=began_at,
            last_seen_at=began_at,
        )
        for key_id, pair in strays.items()
        if key_id not in known
    ]
    UnassignedAccount.objects.bulk_create(new, ignore_conflicts=True)
    for row in known.values():
        pair = strays[row.eab_key_id]
        row.is_reusable, row.last_activity_at, row.last_seen_at = pair.reusable, pair.last_activity_at, began_at
    UnassignedAccount.objects.bulk_update(known.values(), ["is_reusable", "last_activity_at", "last_seen_at"])
    listed_now = UnassignedAccount.objects.filter(last_seen_at=began_at)
    listed_now.filter(state=State.GONE).update(state=State.SEEN_ONCE, first_seen_at=began_at)
    if not _may_be_ours(began_at):
        listed_now.filter(state=State.SEEN_ONCE, first_seen_at__lte=began_at - READINGS_APART).update(
            state=State.UNASSIGNED
        )
    listed_now.update(not_listed_since=None)
    _keep_missing(began_at)


def _keep_missing(began_at: datetime) -> None:
    """Call gone what two complete lists READINGS_APART lack: what is not seen once is not gone."""
    missing = UnassignedAccount.objects.filter(state__in=[State.SEEN_ONCE, State.UNASSIGNED], last_seen_at__lt=began_at)
    missing.filter(not_listed_since__lte=began_at - READINGS_APART).update(state=State.GONE)
    missing.filter(not_listed_since=None).update(not_listed_since=began_at)


# --- Before the first one is made -----------------------------------------------------------------------------------


def compare_before_making(claim: Claim) -> None:
    """Compare the CA's list of EAB pairs with the ledger before this worker process has the first account made.

    What nothing here holds and was first seen since an account was ordered may be that account, made and forgotten with
    a database that went back: it waits for a person. Raises Objection where that is the claimed one, and what the
    client raises: the list must be read.
    """
    if process.has_compared_accounts():
        return
    with process.comparing_accounts:
        if not process.has_compared_accounts():
            began_at = clock.now()
            keep_listed(claim.client.list_bindings(), began_at)
            for waiting in Operation.objects.filter(kind__in=_making(), state=Operation.State.QUEUED):
                if reason := _may_be_made_already(waiting):
                    moves.hold(waiting, by=claim.by, reason=reason)
            process.note_accounts_compared()
        claim.save()  # whoever read the list, its answer renews the lease
        if reason := _may_be_made_already(claim.operation):
            raise Objection(reason)


def _making() -> list[Operation.Kind]:
    return [kind.name for kind in KINDS.values() if kind.leaves_traces]


def _strays() -> "QuerySet[UnassignedAccount]":
    """Give the listed accounts that nothing here holds, and that no person has judged."""
    held = EabBinding.objects.filter(eab_key_id=OuterRef("eab_key_id"))
    not_judged = UnassignedAccount.objects.filter(state__in=[State.SEEN_ONCE, State.UNASSIGNED])
    return not_judged.filter(~Exists(held), not_listed_since=None)


def _may_be_made_already(operation: Operation) -> str:
    """Give why an account may have been made already, or an empty text.

    Lost answers, and calls under way, explain as many strays as there are of them: each leaves one at most.
    """
    # Counted before the strays are: an account that is written in between is then counted here, and no stray there.
    calls = _calls_that_leave_one(operation)
    strays = _strays().filter(first_seen_at__gte=operation.created_at)
    if operation.decided_at is not None:
        strays = strays.filter(first_seen_at__gt=operation.decided_at)
    key_ids = sorted(strays.values_list("eab_key_id", flat=True))
    if len(key_ids) <= calls:
        return ""
    return (
        "The CA has an ACME account that nothing here holds, first seen since this was ordered: it may be this one. "
        f"EAB key ID {', '.join(key_ids[:5])}."
    )


def _calls_that_leave_one(operation: Operation) -> int:
    since = Q(state__in=Operation.UNSETTLED) | Q(finished_at__gte=operation.created_at)
    under_way = Q(state=Operation.State.SENDING, sent_at__isnull=False)
    counted = Operation.objects.filter(since, kind__in=_making()).aggregate(
        lost=Sum("lost_answers"), under_way=Count("pk", filter=under_way)
    )
    return (counted["lost"] or 0) + int(counted["under_way"])


def _may_be_ours(began_at: datetime) -> bool:
    under_way = Operation.objects.filter(kind__in=_making(), state=Operation.State.SENDING)
    return under_way.filter(claimed_at__lt=began_at).exists()


def _read_names(client: CaasClient, now: datetime) -> None:
    """Read the names and the expiry of unassigned accounts, for whoever is to judge them."""
    due = UnassignedAccount.objects.filter(Q(read_at=None) | Q(read_at__lt=now - READ_AGAIN_AFTER))
    rows = due.filter(state=State.UNASSIGNED).order_by(F("read_at").asc(nulls_first=True))
    for row in rows[:READ_AT_ONCE]:
        accounts = client.list_accounts(eab_key_id=row.eab_key_id)
        if not accounts:
            UnassignedAccount.objects.filter(pk=row.pk).update(read_at=now)
            continue
        named = min(accounts, key=lambda account: rank(account.status)).acme_account_id
        domains = client.list_domains(acme_account_id=named)
        UnassignedAccount.objects.filter(pk=row.pk).update(
            acme_account_id=named,
            names=sorted(domain.name for domain in domains),
            carries_anchor=_carries_anchor(domains),
            expires_at=expiry_of(domain.expires_at for domain in domains),
            read_at=now,
        )


def _carries_anchor(domains: Iterable[ListedDomain]) -> bool | None:
    """Whether a name has a pre-validation as OV names have; None where one has another, of a type not sold."""
    if any(domain.ev_anchor_order_number for domain in domains):
        return None
    return any(domain.ov_anchor_order_number for domain in domains)


def take_to_be_read(now: datetime) -> list[int]:
    """Give the accounts that staff have assigned and whose key a worker has to read, a failed reading later again."""
    due = Q(problem="") | Q(read_at=None) | Q(read_at__lte=now - READINGS_APART)
    assigned = UnassignedAccount.objects.filter(due, state=State.ASSIGNED, subscription__binding=None)
    return list(assigned.values_list("pk", flat=True)[:50])


def read_assigned(account_id: int, *, client: CaasClient) -> Subscription | None:
    """Read the key of an account that was assigned, and make its binding; what the CA lists of it so far is history."""
    row = UnassignedAccount.objects.select_related("subscription__server").get(pk=account_id)
    if row.state != State.ASSIGNED or row.subscription is None or hasattr(row.subscription, "binding"):
        return None
    try:
        pair = next((one for one in client.list_bindings() if one.eab_key_id == row.eab_key_id), None)
        # Of a key ID that it does not list, the CA only says that it is invalid.
        accounts = client.list_accounts(eab_key_id=row.eab_key_id) if pair is not None else ()
    except HeldBack as held:
        _note_problem(row, held.reason)
        return None
    except CaasError as error:
        react_to_reading(error)
        _note_problem(row, str(error))
        return None
    if pair is None or not accounts:
        _note_problem(row, "The CA does not list this EAB key ID with an ACME account any more.")
        return None
    binding = _write_binding(row, row.subscription, pair, accounts)
    if binding is not None:
        _read_history(binding, client)
    return row.subscription


def _note_problem(row: UnassignedAccount, problem: str) -> None:
    UnassignedAccount.objects.filter(pk=row.pk).update(problem=problem[:300], read_at=clock.now())


def _write_binding(
    row: UnassignedAccount, subscription: Subscription, pair: BindingInfo, accounts: Iterable[AccountInfo]
) -> EabBinding | None:
    accounts = sorted(accounts, key=lambda account: (rank(account.status), account.acme_account_id))
    try:
        with transaction.atomic():
            binding = EabBinding.objects.create(
                subscription=subscription,
                directory_url=subscription.server.directory_url,
                eab_key_id=row.eab_key_id,
                eab_hmac_key=pair.eab_hmac_key.reveal(),
                acme_account_id=accounts[0].acme_account_id,
                is_said_by_staff=True,
                assigned_at=clock.now(),
            )
            for account in accounts:
                AcmeAccount.objects.create(
                    binding=binding, acme_account_id=account.acme_account_id, status=account.status[:40]
                )
            Subscription.objects.filter(pk=subscription.pk).update(creation=Subscription.Creation.CREATED)
            UnassignedAccount.objects.filter(pk=row.pk).update(problem="")
    except IntegrityError:
        _note_problem(row, "This EAB key ID, or its ACME account, belongs to another subscription by now.")
        return None
    return binding


def _read_history(binding: EabBinding, client: CaasClient) -> None:
    """Take over the names and charges that are there already; where a list cannot be read now, a later reading has to
    find an explanation for what it shows, or a person."""
    try:
        reading = read_binding(binding, client, {CaList.DOMAINS, CaList.TRANSACTIONS})
    except HeldBack:
        return
    with transaction.atomic():
        if reading.domains is not None:
            keep_names(binding.subscription, reading, as_taken_over=True)
            if term := _term_of(reading):
                Subscription.objects.filter(pk=binding.subscription_id).update(**term)
        if reading.transactions is not None:
            keep_transactions(binding, reading.transactions, began_at=reading.began.at, as_history=True)


def _term_of(reading: BindingReading) -> dict[str, int]:
    """Give the term as the CA's dates tell it, in place of a person's word; nothing where they do not."""
    started = reading.term_started_at
    if started is None or reading.expires_at is None:
        return {}
    fitting = [years for years in TERM_DAYS if fits_term(reading.expires_at, first_added_at=started, years=years)]
    return {"term_years": fitting[0]} if fitting else {}
