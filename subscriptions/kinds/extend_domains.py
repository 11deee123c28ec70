"""EXTENDDOMAINS: extend a subscription, with all its names at once (the guide's "Extend a subscription").

It charges for every name that is there at that moment, so the names are read before and after each question of the
price, and it is asked right before the charge whatever the age of the one that was confirmed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import Closes, RateLimited, Refused
from subscriptions.kinds.base import Asked, Facts, PricedKind, Reading, Sent, Settlement
from subscriptions.kinds.charges import charge_words, fitting_charges, kept_charges, outcome_from
from subscriptions.kinds.names import binding_of, list_names
from subscriptions.ledger import accounts, clock, price_guard
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.gate import HeldBack
from subscriptions.ledger.moves import Outcome
from subscriptions.ledger.objections import AlreadyThereError, Objection
from subscriptions.ledger.reading import BindingReading, CaList, current
from subscriptions.models import EabBinding, Operation, QuoteLine, Subscription, Transaction
from subscriptions.rules.instants import day_text
from subscriptions.rules.proof import TermChange, Timing, judge_extension
from subscriptions.rules.terms import expiry_of, last_day, years_text
from subscriptions.rules.written_names import written_list

READ_AGAIN_AFTER = 60  # seconds, where the names changed while the price was asked for


class Longer(NamedTuple):
    """What is to be extended, as EXTENDDOMAINS takes it; also what its price is asked for."""

    acme_account_id: str
    years: int


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the kind keeps in `Operation.arguments` and `QuoteLine.arguments`."""

    years: int

    @classmethod
    def of(cls, row: Operation | QuoteLine) -> "Arguments":
        """Read them off a row."""
        return cls(years=int(row.arguments["years"]))


class Listed(NamedTuple):
    """The names of the newest term, and its end, as the CA lists them at one moment."""

    names: frozenset[str]
    ends_at: datetime | None


Answered = Callable[[], object]


def _nothing() -> None:
    return


def _listed(binding: EabBinding, client: CaasClient, *, answered: Answered = _nothing) -> Listed:
    found = accounts.ask(binding, client, lambda named: client.list_domains(acme_account_id=named), answered=answered)
    answered()
    domains = current(found, clock.now())
    return Listed(frozenset(domain.name for domain in domains), expiry_of(domain.expires_at for domain in domains))


class ExtendDomains(PricedKind):
    """See the module."""

    name = Operation.Kind.EXTEND_DOMAINS
    lane = Operation.Lane.BINDING
    lists = frozenset({CaList.DOMAINS, CaList.TRANSACTIONS})
    transaction = Transaction.EXTENSION

    def exclusive(self, operation: Operation) -> str:
        """Give the binding's term."""
        return f"term:{operation.binding_id}"

    def ask(self, target: Longer, client: CaasClient) -> Asked:
        """Ask for the price (`quoteOnly=Y`); the CA's answer names no names."""
        quote = client.quote_extension(**target._asdict())
        return Asked((), quote.cost.amount, quote.cost.currency)

    def price(self, line: QuoteLine, client: CaasClient) -> Asked:
        """Ask with the names and the end of the term that the CA lists before and after."""
        binding = line.subscription.binding
        before = _listed(binding, client)
        asked = self._ask_between(binding, client, Arguments.of(line).years, before)
        line.term_ends_at = before.ends_at
        return asked

    def ordered(self, line: QuoteLine) -> dict[str, Any]:
        """Give the years."""
        return {"arguments": {"years": Arguments.of(line).years}}

    def selling_words(self, lines: Sequence[QuoteLine]) -> str:
        """Count the names, and say by how many years they are extended."""
        number = sum(len(line.names) for line in lines)
        names = "1 name" if number == 1 else f"{number} names"
        terms = sorted({Arguments.of(line).years for line in lines})
        return f"Extend {names} by {' and '.join(years_text(years) for years in terms)}"

    def prepare(self, claim: Claim) -> None:
        """Make sure that the same term runs on and the CA asks no more for the same names; raise Objection otherwise.

        AlreadyThereError where a call of this was lost and the term ends later by now.
        """
        operation, binding = claim.operation, binding_of(claim.operation)
        price = price_guard.confirmed_price(operation)
        asked_at = clock.now()
        before = _listed(binding, claim.client, answered=claim.save)
        _guard_term(operation, before.ends_at)
        try:
            asked = self._ask_between(binding, claim.client, Arguments.of(operation).years, before, answered=claim.save)
        except Refused as refusal:
            # What closes something for others is met again by everybody; the rest is about this term.
            if refusal.closes is not Closes.NOTHING or isinstance(refusal, RateLimited):
                raise
            raise price_guard.objection_to_refusal(refusal) from refusal
        price_guard.guard(
            claim, price, asked_at=asked_at, amount=asked.amount, currency=asked.currency, names=asked.names
        )
        claim.conditions.append(price_guard.is_young)

    def _ask_between(
        self, binding: EabBinding, client: CaasClient, years: int, before: Listed, *, answered: Answered = _nothing
    ) -> Asked:
        """Ask for the price; raise HeldBack where the CA lists other names, or another end, afterwards."""
        asked = accounts.ask(binding, client, lambda named: self.ask(Longer(named, years), client), answered=answered)
        answered()
        if _listed(binding, client, answered=answered) != before:
            raise HeldBack("Names or term changed while the price was asked for.", retry_after=READ_AGAIN_AFTER)
        return replace(asked, names=tuple(sorted(before.names)))

    def call(self, claim: Claim) -> Sent:
        """Call EXTENDDOMAINS once."""
        operation = claim.operation
        extended = claim.client.extend_domains(
            acme_account_id=binding_of(operation).acme_account_id,
            years=Arguments.of(operation).years,
            last_look=claim.last_look,
        )
        number = extended.ca_order_number
        if extended.cost is None:
            return Sent(Outcome(None, "", number, is_open=True), extended.evidence)
        cost = extended.cost
        return Sent(Outcome(cost.amount, cost.currency, number, cost.text), extended.evidence)

    def keep(self, operation: Operation, effect: datetime | None, *, now: Instant) -> None:
        """Write the end of the term that a reading has proved; after an answer it is read at the CA."""
        if effect is not None:
            Subscription.objects.filter(pk=operation.subscription_id).update(expires_at=effect)

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """When does the term end now, and is there a new extension among the charges?"""
        baseline = operation.baseline
        charges, unread = fitting_charges(operation, reading, self.transaction, of_names=False)
        change = TermChange(
            # It was looked at right before the call; the list of the baseline may have been empty once.
            before=operation.quoted_term_ends_at or (baseline.expires_at if baseline else None),
            after=reading.expires_at,
            years=Arguments.of(operation).years,
            charges=charges,
            is_free=operation.price == 0,
        )
        kept = {"ends_at": change.after.isoformat() if change.after else None, "charges": kept_charges(charges)}
        numbers = [charge.ca_order_number for charge in charges or ()]
        return Reading([kept["ends_at"], numbers], kept, change, unread)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """See `rules.proof.judge_extension`."""
        change: TermChange = reading.found
        judgement = judge_extension(change, timing)
        return Settlement(judgement.verdict, judgement.reason, outcome_from(judgement.charge, operation), change.after)

    def declared(self, operation: Operation, listed: Sequence[str]) -> None:
        """Nothing: the new end of the term is the CA's to tell."""

    def explains(self, operation: Operation, transaction: Transaction) -> bool:
        """Whatever names it lists: an extension is of all."""
        return True

    def after_success(self, claim: Claim) -> None:
        """Take the new end of the term from the CA."""
        listed = list_names(claim)
        if expires_at := expiry_of(domain.expires_at for domain in listed):
            Subscription.objects.filter(pk=claim.operation.subscription_id).update(expires_at=expires_at)

    def title(self, operation: Operation) -> str:
        """Say by how much."""
        return f"Extend by {years_text(Arguments.of(operation).years)}"

    def facts(self, operation: Operation) -> Facts:
        """Give the names it is for and the end of the term that it extends."""
        return [
            ("Names", written_list(operation.names)),
            ("Term ended on, when priced", _told(operation.quoted_term_ends_at)),
        ]

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Say when the term was said to end and whether an extension was listed."""
        ends_at = reading.get("ends_at")
        said = "The CA lists no name with an end of its term."
        if isinstance(ends_at, str):
            said = f"The CA says that the term ends on {ends_at[:10]}."
        return [said, *charge_words(reading, what="extension")]


def _guard_term(operation: Operation, ends_at: datetime | None) -> None:
    if ends_at == operation.quoted_term_ends_at:
        return
    if operation.was_unknown:
        raise AlreadyThereError(f"Not sent again: the term ends on {_told(ends_at)} by now.")
    was = _told(operation.quoted_term_ends_at)
    raise Objection(f"The term ends on {_told(ends_at)}; this was priced when it ended on {was}. Ask for a new price.")


def _told(ends_at: datetime | None) -> str:
    return "an unknown day" if ends_at is None else day_text(last_day(ends_at))
