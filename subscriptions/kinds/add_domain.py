"""ADDDOMAIN: add one name, with its companion where wanted (the guide's "Add a domain"). It charges real money."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import Closes, RateLimited, Refused
from subscriptions.caas.types import DomainAdded
from subscriptions.kinds.base import Asked, Facts, PricedKind, Reading, Sent, Settlement
from subscriptions.kinds.names import Found, binding_of, charge_words, look_for_name
from subscriptions.ledger import clock, price_guard
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.objections import AlreadyThereError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, Ended, ended_since, names_before
from subscriptions.models import Domain, Operation, Subscription, Transaction
from subscriptions.rules.proof import Charge, Timing, judge_addition
from subscriptions.rules.terms import expiry_of


class Wanted(NamedTuple):
    """What is to be added, as ADDDOMAIN takes it; also what its price is asked for."""

    acme_account_id: str
    name: str
    ov_anchor_order_number: str | None
    add_companion: bool


class AddDomain(PricedKind):
    """See the module."""

    name = Operation.Kind.ADD_DOMAIN
    lists = frozenset({CaList.DOMAINS, CaList.TRANSACTIONS})
    transaction = Transaction.ADDITION

    def ask(self, target: Wanted, client: CaasClient) -> Asked:
        """Ask for the price (`quoteOnly=Y`), which changes nothing."""
        quote = client.quote_domain(**target._asdict())
        return Asked(quote.names, quote.cost.amount, quote.cost.currency)

    def prepare(self, claim: Claim) -> None:
        """Make sure that the name is not there yet, and of the price; raise Objection where it rose.

        The time is that of the claim, a little before: how old the price is by then, the last look tells exactly.
        """
        operation, now = claim.operation, claim.claimed_at
        price = price_guard.confirmed_price(operation)
        price_guard.guard_term(operation, now)
        since = price.quoted_at if claim.baseline is None else min(price.quoted_at, claim.baseline.began_at)
        ended = ended_since(operation, since)
        _guard_presence(claim, ended)
        if price_guard.must_ask_again(operation, price, now, ended) or _anchor_differs(claim):
            asked_at = clock.now()
            asked = self._ask_again(claim)
            price_guard.guard(
                claim, price, asked_at=asked_at, amount=asked.amount, currency=asked.currency, names=asked.names
            )
        claim.conditions.append(price_guard.is_young)

    def _ask_again(self, claim: Claim) -> Asked:
        try:
            return self.ask(wanted_of(claim.operation), claim.client)
        except Refused as refusal:
            # What closes something for others is met again by everybody; the rest is about this name.
            if refusal.closes is not Closes.NOTHING or isinstance(refusal, RateLimited):
                raise
            raise price_guard.objection_to_refusal(refusal) from refusal

    def call(self, claim: Claim) -> Sent:
        """Call ADDDOMAIN once."""
        added = claim.client.add_domain(**wanted_of(claim.operation)._asdict(), last_look=claim.last_look)
        return Sent(_outcome_of(added), added.evidence, added.names)

    def keep(self, operation: Operation, effect: Iterable[str], *, now: Instant) -> None:
        """Write the names it brought; the first is the one asked for, others are its companions."""
        names = [operation.domain_name, *(name for name in effect if name != operation.domain_name)]
        _keep_names(operation, names, now)

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """Is the name listed, and a new charge that names it?"""
        return look_for_name(operation, reading, self.transaction)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """See `rules.proof.judge_addition`."""
        found: Found = reading.found
        judgement = judge_addition(found.change, timing)
        brought = [name for name in operation.names if name in found.names]
        return Settlement(judgement.verdict, judgement.reason, outcome_from(judgement.charge, operation), brought)

    def after_success(self, claim: Claim) -> None:
        """Take the subscription's expiry from the CA once its first name is there."""
        operation = claim.operation
        if operation.subscription.is_running(claim.claimed_at):
            return
        listed = claim.client.list_domains(acme_account_id=binding_of(operation).acme_account_id)
        if expires_at := expiry_of(domain.expires_at for domain in listed):
            Subscription.objects.filter(pk=operation.subscription_id).update(expires_at=expires_at)

    def title(self, operation: Operation) -> str:
        """Name the name."""
        return f"Add {operation.domain_name}"

    def facts(self, operation: Operation) -> Facts:
        """Give the names it is for and the pre-validation."""
        facts = [("Names", ", ".join(operation.names))] if len(operation.names) > 1 else []
        if operation.ov_anchor_order_number:
            facts.append(("Pre-validation", operation.ov_anchor_order_number))
        return facts

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say whether the name and a charge for it were listed."""
        return charge_words(reading, what="charge")


def wanted_of(operation: Operation) -> Wanted:
    """Give what an operation adds; raise Objection where the ACME account is not made yet."""
    return Wanted(
        acme_account_id=binding_of(operation).acme_account_id,
        name=operation.domain_name,
        ov_anchor_order_number=operation.ov_anchor_order_number or None,
        add_companion=operation.add_companion,
    )


def _anchor_differs(claim: Claim) -> bool:
    """Whether the names at the CA are under another pre-validation than this was priced with."""
    listed = claim.baseline.anchors if claim.baseline is not None else {}
    return any(anchor != claim.operation.ov_anchor_order_number for anchor in listed.values())


def _guard_presence(claim: Claim, ended: Sequence[Ended]) -> None:
    """Raise where the name is at the CA already: what the CA does with a second call for it is not documented.

    AlreadyThereError where a call of this was lost: it may have done its work late, or been misjudged. Otherwise
    somebody else added it, or the portal did after the backup it was restored from: an Objection.
    """
    operation, baseline = claim.operation, claim.baseline
    if baseline is None or not (
        operation.was_unknown or operation.domain_name in names_before(operation, baseline, ended)
    ):
        return
    listed = claim.client.list_domains(acme_account_id=binding_of(operation).acme_account_id)
    if all(domain.name != operation.domain_name for domain in listed):
        return
    if operation.was_unknown:
        raise AlreadyThereError(f"Not sent again: {operation.domain_name} is at the CA already.")
    raise Objection(f"{operation.domain_name} is at the CA already.")


def _outcome_of(added: DomainAdded) -> Outcome:
    if added.cost is None:
        return Outcome(None, "", added.ca_order_number, is_open=True)
    return Outcome(added.cost.amount, added.cost.currency, added.ca_order_number, added.cost.text)


def outcome_from(charge: Charge | None, operation: Operation) -> Outcome:
    """Give what reading proved: the charge the CA lists, or one whose amount is open."""
    if charge is None or charge.amount is None:
        return Outcome(None, "", charge.ca_order_number if charge else None, is_open=True)
    return Outcome(charge.amount, charge.currency or operation.currency, charge.ca_order_number, charge.text)


def _keep_names(operation: Operation, names: Sequence[str], now: Instant) -> None:
    """Write each name once: one that a reading has already brought is this operation's from now on."""
    there = {
        row.name: row for row in Domain.objects.present().filter(subscription=operation.subscription_id, name__in=names)
    }
    asked: Domain | None = None
    for name in names:
        is_asked = name == operation.domain_name
        row = there.get(name) or Domain(subscription_id=operation.subscription_id, name=name, added_at=now)
        row.operation = operation
        row.is_free = _is_free(operation) if is_asked else True
        row.companion_of = asked
        row.ov_anchor_order_number = operation.ov_anchor_order_number
        row.not_listed_since = None
        row.save()
        asked = row if is_asked else asked


def _is_free(operation: Operation) -> bool | None:
    return None if operation.charged is None else operation.charged == 0
