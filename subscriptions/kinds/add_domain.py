"""ADDDOMAIN: add one name, with its companion where wanted (the guide's "Add a domain"). It charges real money."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import Closes, RateLimited, Refused
from subscriptions.caas.types import DomainAdded
from subscriptions.kinds.base import Asked, Facts, PricedKind, Reading, Sent, Settlement
from subscriptions.kinds.charges import outcome_from
from subscriptions.kinds.names import Found, binding_of, list_names, look_for_name, name_words
from subscriptions.ledger import accounts, clock, price_guard
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.objections import AlreadyThereError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, Ended, ended_since, names_before, running
from subscriptions.models import Domain, Operation, QuoteLine, Subscription, Transaction
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.rules.names import companion_stem, registrable_domain
from subscriptions.rules.proof import Timing, judge_addition
from subscriptions.rules.terms import expiry_of
from subscriptions.rules.written_names import written, written_list


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

    def price(self, line: QuoteLine, client: CaasClient) -> Asked:
        """Ask with the companion where that was chosen, or where the companion was typed too.

        In the second case its answer is taken only if it adds nothing that was not typed: two names of which one comes
        free with the other are then one line at the CA's price for both, instead of two lines of which one is too dear.
        A companion that another line brings already is asked for no second time: the CA would not add it again. Nor is
        one that a person has left out.
        """
        line.add_companion = line.quote.add_companions or _has_relative(line)
        line.term_ends_at = line.subscription.expires_at
        answer = self._price_once(line, client)
        if not line.add_companion or _is_wanted(line, answer):
            return answer
        line.add_companion = False
        return self._price_once(line, client)

    def _price_once(self, line: QuoteLine, client: CaasClient) -> Asked:
        return accounts.ask(
            line.subscription.binding,
            client,
            lambda named: self.ask(Wanted(named, line.name, _anchor_of(line) or None, line.add_companion), client),
        )

    def ordered(self, line: QuoteLine) -> dict[str, Any]:
        """Give the name, what it brings and the pre-validation."""
        return {
            "domain_name": line.name,
            "registrable_domain": registrable_domain(line.name),
            "add_companion": line.add_companion,
            "ov_anchor_order_number": _anchor_of(line),
        }

    def selling_words(self, lines: Sequence[QuoteLine]) -> str:
        """Count the names that come, those that come along included."""
        number = len({(line.subscription_id, name) for line in lines for name in line.names})
        return f"Add {number} name" if number == 1 else f"Add {number} names"

    def prepare(self, claim: Claim) -> None:
        """Make sure that the name is not there yet, and of the price; raise Objection where it rose.

        The time is that of the claim, a little before: how old the price is by then, the last look tells exactly.
        """
        operation, now = claim.operation, claim.claimed_at
        price = price_guard.confirmed_price(operation)
        price_guard.guard_term(claim, now)
        price_guard.guard_anchor(operation)
        since = price.quoted_at if claim.baseline is None else min(price.quoted_at, claim.baseline.began_at)
        ended = ended_since(operation, since)
        _guard_presence(claim, ended)
        if price_guard.must_ask_again(claim, price, now, ended) or _anchor_differs(claim):
            asked_at = clock.now()
            asked = self._ask_again(claim)
            price_guard.guard(
                claim, price, asked_at=asked_at, amount=asked.amount, currency=asked.currency, names=asked.names
            )
        claim.conditions.append(price_guard.is_young)

    def _ask_again(self, claim: Claim) -> Asked:
        try:
            wanted = wanted_of(claim.operation)
            return accounts.ask(
                binding_of(claim.operation),
                claim.client,
                lambda named: self.ask(wanted._replace(acme_account_id=named), claim.client),
                answered=claim.save,
            )
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
        return look_for_name(operation, reading, self.transaction, of_running_term=True)

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
        listed = list_names(claim)
        if expires_at := expiry_of(domain.expires_at for domain in listed):
            Subscription.objects.filter(pk=operation.subscription_id).update(expires_at=expires_at)

    def title(self, operation: Operation) -> str:
        """Name the name."""
        return f"Add {written(operation.domain_name)}"

    def facts(self, operation: Operation) -> Facts:
        """Give the names it is for and the pre-validation."""
        facts = [("Names", written_list(operation.names))] if len(operation.names) > 1 else []
        if operation.ov_anchor_order_number:
            facts.append(("Pre-validation", operation.ov_anchor_order_number))
        return facts

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say whether the name and a charge for it were listed."""
        return name_words(reading, what="charge")


def _anchor_of(line: QuoteLine) -> str:
    return line.prevalidation.ov_anchor_order_number if line.prevalidation else ""


def _pending_beside(line: QuoteLine) -> set[str]:
    same = {"quote": line.quote_id, "subscription": line.subscription_id, "kind": line.kind}
    others = QuoteLine.objects.filter(**same, state=QuoteLine.State.PENDING).exclude(pk=line.pk)
    return set(others.values_list("name", flat=True))


def _is_wanted(line: QuoteLine, answer: Asked) -> bool:
    beside = QuoteLine.objects.filter(quote=line.quote_id, subscription=line.subscription_id, kind=line.kind)
    priced = beside.filter(state=QuoteLine.State.PRICED)
    if any(set(names).intersection(answer.names) for names in priced.values_list("names", flat=True)):
        return False
    if beside.filter(state=QuoteLine.State.LEFT_OUT, name__in=answer.names).exists():
        return False
    typed = {line.name} | _pending_beside(line)
    return line.quote.add_companions or (len(answer.names) > 1 and typed.issuperset(answer.names))


def _has_relative(line: QuoteLine) -> bool:
    """Whether a name is typed too that this one may bring; which it does bring, only the CA's answer tells.

    Every name costs a question, so the second one is spared where no pair of the kinds that were ever seen is typed.
    """
    return any(companion_stem(name) == companion_stem(line.name) for name in _pending_beside(line))


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
        operation.was_unknown or operation.domain_name in names_before(operation, baseline, ended, of_running_term=True)
    ):
        return
    if all(domain.name != operation.domain_name for domain in running(list_names(claim), claim.claimed_at)):
        return
    if operation.was_unknown:
        raise AlreadyThereError(f"Not sent again: {written(operation.domain_name)} is at the CA already.")
    raise Objection(f"{written(operation.domain_name)} is at the CA already.")


def _outcome_of(added: DomainAdded) -> Outcome:
    if added.cost is None:
        return Outcome(None, "", added.ca_order_number, is_open=True)
    return Outcome(added.cost.amount, added.cost.currency, added.ca_order_number, added.cost.text)


def _keep_names(operation: Operation, names: Sequence[str], now: Instant) -> None:
    """Write each name once: one that a reading has already brought is this operation's from now on."""
    there = {row.name: row for row in _end_names_of_earlier_term(operation, now).filter(name__in=names)}
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


def _end_names_of_earlier_term(operation: Operation, now: Instant) -> DomainQuerySet:
    """Have the names of a term that is over be removed, as the first name of the next one comes; give the others."""
    present = Domain.objects.present().filter(subscription=operation.subscription_id)
    ended_at = operation.subscription.expires_at
    if ended_at is not None and operation.claimed_at is not None and ended_at <= operation.claimed_at:
        present.filter(added_at__lte=ended_at).update(removed_at=now, not_listed_since=None)
    return present


def _is_free(operation: Operation) -> bool | None:
    return None if operation.charged is None else operation.charged == 0
