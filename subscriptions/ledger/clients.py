"""The ACME accounts of a binding as LISTACCOUNTS shows them, and what is new of the clients that registered them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from accounts.audit import record_event
from portal.user_agents import product_of
from subscriptions.caas.types import AccountInfo
from subscriptions.happenings import Happening
from subscriptions.ledger.account_states import keep_listed_state, last_change
from subscriptions.models import AcmeAccount, EabBinding

MOST_KNOWN = 100  # addresses, and user agents, of one client that are remembered: the last ones
KEPT = (
    "status", "user_agent", "ip_address", "last_activity_at", "not_listed_since", "refused_at", "contacts_asked_at",
    "known_user_agents", "known_addresses", "registered_at", "stopped_alone_at",
)  # fmt: skip


def keep_listed(binding: EabBinding, listed: Iterable[AccountInfo], *, began_at: datetime) -> None:
    """Take over a complete LISTACCOUNTS of a binding, asked for at `began_at`; one older than the last changes nothing.

    Each client is told of once, and so is each address and each user agent of one. Call within a transaction.
    """
    is_newest = Q(accounts_read_at=None) | Q(accounts_read_at__lte=began_at)
    # The binding's row is written first: of two lists the second waits, and knows what the first has told.
    if not EabBinding.objects.filter(is_newest, pk=binding.pk).update(accounts_read_at=began_at):
        return
    known = {row.acme_account_id: row for row in AcmeAccount.objects.filter(binding=binding)}
    infos = sorted(listed, key=lambda one: one.acme_account_id)  # of two readings none waits for the other
    changed = last_change(binding)
    surely_newer = began_at - changed.listed_late
    rows = [_row(binding, one, known.get(one.acme_account_id), surely_newer) for one in infos]
    for row in rows:
        for happening in _news(row, began_at):
            _tell(happening, row)
    AcmeAccount.objects.bulk_create(rows, update_conflicts=True, unique_fields=["acme_account_id"], update_fields=KEPT)
    gone = AcmeAccount.objects.filter(binding=binding, not_listed_since=None)
    gone.exclude(acme_account_id__in=[row.acme_account_id for row in rows]).update(not_listed_since=began_at)
    keep_listed_state(binding, rows, began_at=began_at, changed=changed)


def _row(binding: EabBinding, one: AccountInfo, before: AcmeAccount | None, surely_newer: datetime) -> AcmeAccount:
    """Give an account as it is listed, with what is known of it: what the CA leaves out, it has not taken back.

    How it was left here is taken back by a list that shows otherwise where it was changed before `surely_newer`.
    """
    row = AcmeAccount(
        binding=binding,
        acme_account_id=one.acme_account_id,
        status=one.status[:40],
        user_agent=one.user_agent[:400],
        ip_address=one.ip_address[:64],
        last_activity_at=one.last_activity_at,
    )
    if before is None:
        return row
    row.user_agent, row.ip_address = row.user_agent or before.user_agent, row.ip_address or before.ip_address
    row.known_user_agents, row.known_addresses = before.known_user_agents, before.known_addresses
    row.registered_at, row.changed_at = before.registered_at, before.changed_at
    may_be_older = before.changed_at is not None and before.changed_at > surely_newer
    if may_be_older and not row.is_ended and not row.is_like(before):  # nothing undoes the end of an account
        row.status = before.status
    row.stopped_alone_at = None if row.is_usable else before.stopped_alone_at
    if row.status == before.status:
        # Otherwise it was reinstated, or registered anew: what was refused or asked before says nothing of it now.
        row.refused_at, row.contacts_asked_at = before.refused_at, before.contacts_asked_at
    return row


def _news(row: AcmeAccount, at: datetime) -> Iterator[Happening]:
    """Give what is new of the client of an account, and remember it with the account."""
    is_clients = row.user_agent or row.ip_address or (row.is_usable and row.status.lower() != "pending")
    if not is_clients:
        return
    is_new = row.registered_at is None
    if is_new:
        row.registered_at = at
        yield Happening.CLIENT_REGISTERED
    if row.user_agent and row.user_agent not in row.known_user_agents:
        row.known_user_agents = [*row.known_user_agents, row.user_agent][-MOST_KNOWN:]
        if not is_new:
            yield Happening.CLIENT_CHANGED
    if row.ip_address and row.ip_address not in row.known_addresses:
        row.known_addresses = [*row.known_addresses, row.ip_address][-MOST_KNOWN:]
        if not is_new:
            yield Happening.CLIENT_MOVED


def _tell(happening: Happening, row: AcmeAccount) -> None:
    subscription = row.binding.subscription
    client = product_of(row.user_agent) or "of no name"
    record_event(
        happening,
        actor=None,
        target=subscription,
        customer=subscription.customer,
        client=f"{client} from {row.ip_address}" if row.ip_address else client,
        user_agent=row.user_agent,
        acme_account_id=row.acme_account_id,
    )
