"""What the kinds about one name share: which names they found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from subscriptions.caas.types import ListedDomain
from subscriptions.kinds.base import Reading
from subscriptions.kinds.charges import charge_words, fitting_charges, kept_charges
from subscriptions.ledger import accounts
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.objections import Objection
from subscriptions.ledger.reading import BindingReading, names_before
from subscriptions.models import EabBinding, Operation
from subscriptions.rules.proof import Change


@dataclass(frozen=True, slots=True)
class Found:
    """What was read at the CA for one name: the listed names, and the new transactions that fit."""

    names: frozenset[str]
    change: Change


def binding_of(operation: Operation) -> EabBinding:
    """Give the operation's binding; raise Objection where the ACME account is not made yet."""
    if operation.binding is None:
        raise Objection("There is no ACME account yet.")
    return operation.binding


def list_names(claim: Claim) -> tuple[ListedDomain, ...]:
    """Give the names that the CA lists now, which renews the claim's lease; raises what the client raises."""
    listed = accounts.ask(
        binding_of(claim.operation),
        claim.client,
        lambda named: claim.client.list_domains(acme_account_id=named),
        answered=claim.save,
    )
    claim.save()
    return listed


def look_for_name(
    operation: Operation, reading: BindingReading, transaction: str, *, of_running_term: bool = False
) -> Reading:
    """Give what a reading shows of the operation's name, with the new `transaction`s that nothing else explains.

    `of_running_term`: a name of a term that is over is not there.
    """
    name, baseline = operation.domain_name, operation.baseline
    listed = reading.running_names if of_running_term else reading.names
    charges, unread = fitting_charges(operation, reading, transaction)
    change = Change(
        was_there=None
        if baseline is None
        else name in names_before(operation, baseline, of_running_term=of_running_term),
        is_there=None if listed is None else name in listed,
        charges=charges,
        is_free=operation.price == 0,
    )
    numbers = [charge.ca_order_number for charge in charges or ()]
    kept = {
        "name": name,
        "is_there": change.is_there,
        "charges": kept_charges(charges),
    }
    return Reading([change.is_there, numbers], kept, Found(listed or frozenset(), change), unread)


def name_words(reading: Mapping[str, Any], *, what: str) -> list[str]:
    """Give what a kept reading shows, in words; `what` is what its transactions are, such as "charge"."""
    if reading.get("lists_no_charge") is True:
        return [f"It lists no new {what} for it."]
    is_there = reading.get("is_there")
    words = {True: "The CA lists the name.", False: "The CA does not list the name."}
    said = words[is_there] if isinstance(is_there, bool) else "The list of names could not be read."
    return [said, *charge_words(reading, what=what)]
