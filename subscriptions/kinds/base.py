"""What a kind of operation is: its facts, and its steps. The machinery asks this and knows no kind by name.

A kind never writes `Operation.state`: it says what is so, and `worker.execution` and `worker.settling` make the moves.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from subscriptions.caas.client import CaasClient
from subscriptions.caas.types import AccountInfo
from subscriptions.ledger.claims import Claim
from subscriptions.ledger.clock import Instant
from subscriptions.ledger.moves import Author, Outcome
from subscriptions.ledger.reading import BindingReading, CaList
from subscriptions.models import Operation, QuoteLine, Transaction
from subscriptions.rules.proof import Timing, Verdict

Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What the CA's answer to the call says: what it charged, and what it brought (`effect`, for `keep`)."""

    outcome: Outcome
    evidence: Mapping[str, Any]
    effect: Any = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the CA shows of one operation now. Two readings agree where they have `seen` the same and nothing `unread`.

    `kept` is shown to people, `found` is for `judge` alone.
    """

    seen: Any
    kept: Mapping[str, Any] = field(default_factory=dict)
    found: Any = None
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What readings prove of a call whose answer was lost; with HAPPENED, what it charged and brought."""

    verdict: Verdict
    reason: str
    outcome: Outcome | None = None
    effect: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the CA asks for something at this moment, and which names it would be for."""

    names: tuple[str, ...]
    amount: Decimal
    currency: str


class Kind(ABC):
    """One kind of call that changes something at the CA."""

    name: ClassVar[Operation.Kind]
    lane: ClassVar[Operation.Lane] = Operation.Lane.NAME
    charges: ClassVar[bool] = False  # debits money: a gate closed for charges holds it
    repeatable: ClassVar[bool] = False  # costs nothing and harms nothing when done twice: a lost answer is sent again
    repeats_may_be_refused: ClassVar[bool] = False  # because of the first call: what became of it is read then
    leaves_traces: ClassVar[bool] = False  # a lost answer may leave something at the CA: many in a row hold the kind
    can_be_declared_done: ClassVar[bool] = True  # a person may say that it happened; never of a call that was not sent
    takes_away: ClassVar[bool] = False  # its names leave the subscription
    lists: ClassVar[frozenset[CaList]] = frozenset()  # the lists of the CA that settle it
    needs_baseline: ClassVar[bool] = True  # they are read, and compared with the ledger, before it is sent
    transaction: ClassVar[str] = ""  # the transaction that its success leaves at the CA, where it leaves one

    def exclusive(self, operation: Operation) -> str:
        """Give what only one unsettled operation, of whichever kind, may be about at a time."""
        return f"name:{operation.binding_id}:{operation.domain_name}"

    def names_any_account(self, operation: Operation) -> bool:
        """Whether its call may name whichever of the key's ACME accounts the CA takes."""
        return True

    @abstractmethod
    def prepare(self, claim: Claim) -> None:
        """Guard what was confirmed; nothing is sent. Raises Objection, AlreadyThereError and what the client raises."""

    @abstractmethod
    def call(self, claim: Claim) -> Sent:
        """Call the CA once, handing it the claim's last look; raises what the client raises."""

    @abstractmethod
    def keep(self, operation: Operation, effect: Any, *, now: Instant) -> None:
        """Write what it brought, in the transaction of its success."""

    def look(self, operation: Operation, reading: BindingReading) -> Reading:
        """Give what a reading of the binding shows of the operation; nothing for a kind that no list settles."""
        return Reading(seen=None)

    def judge(self, operation: Operation, reading: Reading, timing: Timing) -> Settlement:
        """Say what this reading, with those before it, proves. Pure but for the operation's own rows."""
        return Settlement(Verdict.UNCLEAR, "Nothing that the CA lists tells whether this was done.")

    def explains(self, operation: Operation, transaction: Transaction) -> bool:
        """Whether a success of this kind can be what a transaction of its sort is about."""
        return bool(self.transaction) and not set(operation.names).isdisjoint(transaction.names)

    def declared(self, operation: Operation, listed: Sequence[str]) -> Any:
        """Give what it brought (`effect`) where a person says that it was done; `listed` are its names at the CA."""
        return listed

    def left_as(self, operation: Operation, listed: Iterable[AccountInfo]) -> Mapping[str, bool]:
        """Give, of the listed ACME accounts that a success of this kind is about, whether each is as it left them."""
        return {}

    def keep_late(self, operation: Operation, sent: Sent, *, by: Author) -> None:
        """Keep what else a success brought that came after the operation was settled otherwise."""
        return

    def after_success(self, claim: Claim) -> None:
        """Read what became visible by it; a failure costs nothing, the next reading of the subscription brings it."""
        return

    def dropped(self, operation: Operation) -> None:
        """Write what follows where it was refused or canceled, in the transaction of that move."""
        return

    # --- words, for pages, mails and exports

    @abstractmethod
    def title(self, operation: Operation) -> str:
        """Give what it does, as a heading."""

    def facts(self, operation: Operation) -> Facts:
        """Give what else it is about, label and text."""
        return ()

    def reading_words(self, reading: Mapping[str, Any]) -> Sequence[str]:
        """Give what a kept reading (`Operation.readings`) shows, in words."""
        return ()


class PricedKind(Kind):
    """A kind that charges: it can be asked for its price, which quotes and the price guard both do."""

    charges = True

    @abstractmethod
    def ask(self, target: Any, client: CaasClient) -> Asked:
        """Ask the CA for the price of `target` at this moment; raises what the client raises."""

    @abstractmethod
    def price(self, line: QuoteLine, client: CaasClient) -> Asked:
        """Ask for the price of a line of a quote, and note on the line what was asked; raises what the client raises.

        It is not saved here: whoever calls this does that.
        """

    @abstractmethod
    def ordered(self, line: QuoteLine) -> dict[str, Any]:
        """Give what an operation is about that a confirmed line becomes, as its fields."""

    @abstractmethod
    def selling_words(self, lines: Sequence[QuoteLine]) -> str:
        """Say what confirming these lines does, for a button: "Add 12 names"."""


def new_operation(kind: Kind, **fields: object) -> Operation:
    """Give a new operation of a kind, with what the ledger has to know of it; it is not written yet."""
    operation = Operation(kind=kind.name, lane=kind.lane, takes_away=kind.takes_away, **fields)
    operation.exclusive = kind.exclusive(operation)
    return operation
