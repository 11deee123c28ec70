"""The comparison after the database went back: what the CA holds and the ledger does not, by reading only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.ledger import accounts, clock
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.ledger.reading import transaction_kind
from subscriptions.models import Domain, EabBinding, Gate, Transaction, UnassignedAccount
from subscriptions.rules.prices import shown
from subscriptions.rules.terms import READINGS_APART
from subscriptions.worker.transactions import explain, keep_transactions
from subscriptions.worker.unassigned import keep_listed


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the CA and the portal differ; `is_missing` where one list of the CA's lacks it."""

    subject: str
    text: str
    is_missing: bool = field(default=False, compare=False)


def compare(client: CaasClient) -> list[Difference]:
    """Give every difference between the CA and the portal; raises what the client raises where a reading fails.

    What is missing is not gone before another list lacks it too, READINGS_APART.
    """
    began_at = clock.now()
    pairs = client.list_bindings()
    keep_listed(pairs, began_at)
    listed = {pair.eab_key_id for pair in pairs}
    not_ours = UnassignedAccount.objects.filter(state=UnassignedAccount.State.NOT_OURS)
    strays = UnassignedAccount.objects.filter(eab_key_id__in=listed).exclude(pk__in=not_ours)
    found = [
        Difference(row.eab_key_id, "The CA has this EAB key ID; no subscription here does.")
        for row in strays.order_by("eab_key_id")
    ]
    for binding in EabBinding.objects.select_related("subscription__customer").order_by("eab_key_id"):
        if binding.eab_key_id in listed:
            found.extend(_names(binding, client, began_at))
            found.extend(_charges(binding, client, began_at))
        else:
            text = f"“{binding.subscription}” has this EAB key ID; the CA does not."
            found.append(Difference(binding.eab_key_id, text, is_missing=True))
    return found


def _names(binding: EabBinding, client: CaasClient, began_at: datetime) -> Iterator[Difference]:
    listed = accounts.ask(binding, client, lambda named: client.list_domains(acme_account_id=named))
    theirs = {domain.name for domain in listed}
    present = Domain.objects.present().filter(subscription=binding.subscription_id)
    ours = set(present.values_list("name", flat=True))
    for name in sorted(theirs - ours):
        yield Difference(name, f"The CA has this name in “{binding.subscription}”; it is not written here.")
    ends_at = binding.subscription.expires_at
    if ends_at is not None and ends_at <= began_at:
        return  # the CA need not list the names of a term that is over
    for name in sorted(ours - theirs):
        text = f"This name is in “{binding.subscription}” here; the CA does not have it."
        yield Difference(name, text, is_missing=True)


def _charges(binding: EabBinding, client: CaasClient, began_at: datetime) -> Iterator[Difference]:
    listed = accounts.ask(binding, client, lambda named: client.list_transactions(acme_account_id=named))
    keep_transactions(binding, listed, began_at=began_at)
    explain(binding)
    rows = Transaction.objects.filter(binding=binding).exclude(explained="")
    explained = set(rows.values_list("kind", "ca_order_number"))
    for row in listed:
        # The guide does not show the kind's JSON name: a transaction of an unreadable one is shown as well.
        if (transaction_kind(row), row.ca_order_number) in explained:
            continue
        amount = shown(row.cost.amount, row.cost.currency) if row.cost else "an unknown amount"
        did = "gave back" if transaction_kind(row) == Transaction.REFUND else "charged"
        text = f"The CA {did} {amount} (order {row.ca_order_number}); no operation here holds it."
        yield Difference(", ".join(row.names) or binding.eab_key_id, text)


def take_comparison(now: datetime) -> bool:
    """Whether a comparison waits to be made, and this caller is the one to make it (for ten minutes)."""
    free = Q(comparing_until=None) | Q(comparing_until__lte=now)
    waiting = Gate.objects.filter(free, pk=Gate.SINGLETON, closed_for=Gate.Closed.CHANGES, compared_at=None)
    return waiting.update(comparing_until=now + timedelta(minutes=10)) == 1


def compare_for_gate(*, client: CaasClient) -> None:
    """Compare, and keep the differences with the gate for whoever is to reopen it; a failed one is made again.

    Where something is missing it is made a second time, READINGS_APART, before anybody is told.
    """
    gate = Gate.objects.filter(pk=Gate.SINGLETON)
    first, began_at = gate.values_list("comparison", flat=True).first(), clock.now()
    try:
        found = compare(client)
    except HeldBack:
        gate.update(comparing_until=None)
    except CaasError as error:
        react_to_reading(error)
        gate.update(comparing_until=None)
    else:
        missing = [[one.subject, one.text] for one in found if one.is_missing]
        if missing and not isinstance(first, dict):
            gate.update(comparison={"missing": missing}, comparing_until=began_at + READINGS_APART)
            return
        before = first.get("missing") if isinstance(first, dict) else None
        told = [{"subject": one.subject, "text": _told(one, before)} for one in found]
        gate.update(comparison=told, compared_at=clock.now(), comparing_until=None)


def _told(difference: Difference, missing_before: object) -> str:
    was_missing = isinstance(missing_before, list) and [difference.subject, difference.text] in missing_before
    if not difference.is_missing or was_missing:
        return difference.text
    return f"{difference.text} That is what one list says; the one before it had it."
