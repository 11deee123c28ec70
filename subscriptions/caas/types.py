"""What the CA tells, in the portal's own words: frozen, money as Decimal, instants aware and in UTC.

States and types are kept as the CA spells them: the guide does not list them all, and an unknown one means
"not usable", never an error. Text that the CA left out is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hmac import compare_digest
from typing import Any


class Secret:
    """A text that shows itself only to those who ask with `reveal()`; not in a repr, a log or a copy by asdict."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency of the reseller's account at the CA, exact to six decimals.

    `text` is how the CA wrote it: further digits are rounded half up.
    """

    amount: Decimal
    currency: str
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """An ACME server of the reseller ("List ACME servers")."""

    directory_url: str
    product_id: int | None
    description: str
    validation_type: str


@dataclass(frozen=True, slots=True)
class PreregisteredAccount:
    """A new ACME account with its own new EAB pair ("Create an ACME account")."""

    acme_account_id: str
    status: str
    eab_key_id: str
    eab_hmac_key: Secret
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """One registration under an EAB pair ("List ACME accounts").

    `last_activity_at` is the account's own last activity, None for one that no client has registered yet.
    """

    acme_account_id: str
    status: str
    eab_key_id: str | None
    user_agent: str
    ip_address: str
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class BindingInfo:
    """An EAB pair ("List ACME account bindings"); `last_activity_at` is None for one never used."""

    eab_key_id: str
    eab_hmac_key: Secret
    reusable: bool | None
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class DomainQuote:
    """What adding would cost at this moment, and the names it would add ("Add a domain", quoteOnly)."""

    names: tuple[str, ...]
    cost: Money


@dataclass(frozen=True, slots=True)
class DomainAdded:
    """What an addition added and cost; `cost` is None, an open charge, unless amount and currency can be read."""

    names: tuple[str, ...]
    cost: Money | None
    ca_order_number: int | None
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DomainRemoved:
    """The names a removal took out ("Remove a domain"); the guide shows neither a refund nor an order number in it."""

    names: tuple[str, ...]
    refund: Money | None
    ca_order_number: int | None
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TermQuote:
    """What an extension would cost at this moment, all names together ("Extend a subscription", quoteOnly).

    `days` is how long it would last, where the CA says so; the guide does not show it.
    """

    cost: Money
    days: int | None = None


@dataclass(frozen=True, slots=True)
class TermExtended:
    """What an extension cost; `cost` is None, an open charge, unless amount and currency can be read."""

    ca_order_number: int
    cost: Money | None
    days: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RecordsUpdated:
    """How many accounts or names a change reached; None where the CA does not say.

    The guide shows this reply for "Update assigned organization pre-validation" only; of the account actions it
    shows none.
    """

    count: int | None
    evidence: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListedDomain:
    """A name in a subscription ("List domains"); one of EV or QWAC has a pre-validation of its own kind."""

    name: str
    expires_at: datetime | None
    ov_anchor_order_number: str | None
    ev_anchor_order_number: str | None = None


@dataclass(frozen=True, slots=True)
class TransactionInfo:
    """A debit or refund ("List transactions").

    The guide does not show this reply's JSON, so every value may be missing; `raw` is the CA's own entry. It was
    executed between `executed_at` and `executed_until`, which differ where the CA names a day without a time; an
    instant without a zone counts as UTC.
    """

    kind: str
    executed_at: datetime | None
    executed_until: datetime | None
    ca_order_number: int | None
    cost: Money | None
    names: tuple[str, ...]
    subscription_starts_at: datetime | None
    subscription_expires_at: datetime | None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The latest certificate order of a name ("Get the last order details for each domain").

    Compare `status_code`, not `status_description`, which can carry a reason after a colon.
    """

    domain_name: str
    acme_order_id: str
    acme_order_status: str
    ca_order_number: int | None
    status_code: int | None
    status_description: str
    serial_number: str
    valid_from: datetime | None
    valid_until: datetime | None
    acme_account_id: str | None
