"""Compares what the CA holds with what is written here, by reading only: after a restore from a backup above all."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.ledger.gate import HeldBack, react_to
from subscriptions.models import Domain, EabBinding, Gate, Operation, OrphanBinding


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the CA and the portal differ."""

    subject: str
    text: str


def compare(client: CaasClient) -> list[Difference]:
    """Give every difference between the CA and the portal; raises what the client raises where a reading fails."""
    listed = {one.eab_key_id for one in client.list_bindings()}
    bindings = {one.eab_key_id: one for one in EabBinding.objects.select_related("subscription__customer")}
    orphans = set(OrphanBinding.objects.values_list("eab_key_id", flat=True))
    found = [
        Difference(key_id, "The CA has this EAB key ID; no subscription here does.")
        for key_id in sorted(listed - bindings.keys() - orphans)
    ]
    for key_id, binding in sorted(bindings.items()):
        if key_id in listed:
            found.extend(_names(binding, client))
            found.extend(_charges(binding, client))
        else:
            found.append(Difference(key_id, f"“{binding.subscription}” has this EAB key ID; the CA does not."))
    return found


def _names(binding: EabBinding, client: CaasClient) -> Iterator[Difference]:
    theirs = {one.name for one in client.list_domains(acme_account_id=binding.acme_account_id)}
    rows = Domain.objects.filter(subscription=binding.subscription_id, removed_at=None)
    ours = set(rows.values_list("name", flat=True))
    for name in sorted(theirs - ours):
        yield Difference(name, f"The CA has this name in “{binding.subscription}”; it is not written here.")
    for name in sorted(ours - theirs):
        yield Difference(name, f"This name is in “{binding.subscription}” here; the CA does not have it.")


def _charges(binding: EabBinding, client: CaasClient) -> Iterator[Difference]:
    held = set(Operation.objects.exclude(ca_order_number=None).values_list("ca_order_number", flat=True))
    for one in client.list_transactions(acme_account_id=binding.acme_account_id):
        # The guide does not show the kind's JSON name: a charge of an unreadable one is shown as well.
        if one.kind.lower() in ("", "adddomain") and one.ca_order_number not in held:
            amount = f"{one.cost.currency} {one.cost.amount:,.2f}" if one.cost else "an unknown amount"
            yield Difference(
                ", ".join(one.names) or binding.eab_key_id,
                f"The CA charged {amount} (order {one.ca_order_number}); no operation here holds it.",
            )


def take_comparison(now: datetime) -> bool:
    """Whether a comparison waits to be made, and this caller is the one to make it (for ten minutes)."""
    free = Q(comparing_until=None) | Q(comparing_until__lt=now)
    rows = Gate.objects.filter(free, pk=Gate.SINGLETON, closed_for=Gate.Closed.CHANGES, compared_at=None)
    return rows.update(comparing_until=now + timedelta(minutes=10)) == 1


def compare_for_gate(*, client: CaasClient) -> None:
    """Compare, and keep the differences with the gate for whoever is to reopen it; a failed one is made again."""
    rows = Gate.objects.filter(pk=Gate.SINGLETON)
    try:
        found = compare(client)
    except HeldBack:
        rows.update(comparing_until=None)
    except CaasError as error:
        react_to(error)
        rows.update(comparing_until=None)
    else:
        rows.update(comparison=[asdict(one) for one in found], compared_at=timezone.now(), comparing_until=None)
