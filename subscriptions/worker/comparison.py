"""The standing comparison of the CA with the ledger: what a reading shows is taken over, and what is left is judged.

What nothing explains stands against the operations it bears on.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from subscriptions.kinds import kind_of
from subscriptions.ledger.reading import BindingReading
from subscriptions.models import Domain, EabBinding, Operation, Transaction
from subscriptions.rules.prices import shown
from subscriptions.rules.written_names import written, written_list
from subscriptions.worker.findings import judge, unknown_names
from subscriptions.worker.presence import keep_names
from subscriptions.worker.transactions import explain, fill_in_charges, keep_transactions


def keep_reading(binding: EabBinding, reading: BindingReading) -> None:
    """Take over what a reading shows of names and charges, link and fill in what can be, and judge what is left."""
    with transaction.atomic():
        # Two readings of a binding are kept one after the other, whoever made them.
        locked = EabBinding.objects.select_for_update(no_key=True).get(pk=binding.pk)
        binding.anchors_left = locked.anchors_left
        if reading.domains is not None:
            _note_moved(binding, keep_names(binding.subscription, reading), reading.began.at)
        if reading.transactions is not None:
            keep_transactions(binding, reading.transactions, began_at=reading.began.at)
            explain(binding)
            fill_in_charges(binding, reading)
        judge(binding, reading)


def _note_moved(binding: EabBinding, left: Iterable[str], at: datetime) -> None:
    """Remember that names were moved away from pre-validations: nothing confirmed before is added under those."""
    if moved := dict.fromkeys(left, at.isoformat()):
        binding.anchors_left = {**binding.anchors_left, **moved}
        EabBinding.objects.filter(pk=binding.pk).update(anchors_left=binding.anchors_left)


def objections(
    operations: Iterable[Operation], binding: EabBinding, reading: BindingReading
) -> list[tuple[Operation, str]]:
    """Give those of the operations against whose sending something stands that nothing explains, each with why.

    A person who has had one sent since that was first seen has looked at it.
    """
    unexplained = list(Transaction.objects.filter(binding=binding, explained=""))
    unknown = list(unknown_names(binding.subscription_id))
    if not unexplained and not unknown:
        return []
    reasons = ((one, _objection(one, unexplained, unknown, reading.names or frozenset())) for one in operations)
    return [(one, reason) for one, reason in reasons if reason]


def _objection(
    operation: Operation, unexplained: Iterable[Transaction], unknown: Iterable[Domain], listed: frozenset[str]
) -> str:
    names, since = set(operation.all_names), operation.decided_at
    is_of_one_name = operation.domain_name != ""
    if operation.takes_away != (operation.domain_name in listed) if is_of_one_name else operation.was_unknown:
        return ""  # its kind says so itself: an earlier call of it may have done its work late
    for row in unexplained:
        # What is about the whole binding leaves a transaction whose names say nothing.
        is_alike = not is_of_one_name and row.kind == kind_of(operation).transaction
        bears = is_alike or not names.isdisjoint(row.names)
        if bears and (since is None or row.first_seen_at > since):
            about = written(operation.domain_name) if is_of_one_name else "its names"
            return f"The CA lists something about {about} that nothing here explains: {_told(row)}."
    if operation.takes_away:
        return ""
    others = names - {operation.domain_name}
    found = sorted(row.name for row in unknown if row.name in others and (since is None or row.added_at > since))
    return f"At the CA already, and nobody here has added it: {written_list(found)}." if found else ""


def _told(row: Transaction) -> str:
    words = {Transaction.ADDITION: "a charge", Transaction.REFUND: "a refund", Transaction.EXTENSION: "an extension"}
    return f"{words.get(row.kind, 'a transaction')} of {shown(row.cost, row.currency)} (order {row.ca_order_number})"
