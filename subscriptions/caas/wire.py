"""The CA's spelling of replies, and the way from JSON to `types`; `wire_requests` has that of requests.

No other module of the client knows a vendor word. Unknown fields are ignored, names of fields and lists match
in any case (the guide itself mixes `Domains` and `domains`), null and empty text count as absent.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from .names import MAX_NAME, domain_name
from .parsing import (
    Amount,
    Currency,
    Instant,
    Lenient,
    Number,
    SecretText,
    SmallNumber,
    Span,
    Unreadable,
    WireModel,
    lowered,
    named,
    read,
)
from .types import (
    AccountInfo,
    BindingInfo,
    DomainAdded,
    DomainQuote,
    DomainRemoved,
    LastOrder,
    ListedDomain,
    Money,
    PreregisteredAccount,
    RecordsUpdated,
    ServerInfo,
    TermExtended,
    TermQuote,
    TransactionInfo,
)


def _texts(value: object) -> tuple[str, ...]:
    """Names, written as texts or as objects that hold one; anything else in between is passed over."""
    entries = value if isinstance(value, list) else []
    return tuple(text for entry in entries if (text := _one_text(entry)))


def _one_text(entry: object) -> str:
    if isinstance(entry, Mapping):
        known = lowered(entry)
        entry = known.get("domainname") or known.get("name")
    return entry if isinstance(entry, str) else ""


MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: of a path, less its brackets

Name = Annotated[str, AfterValidator(domain_name), Field(min_length=1, max_length=MAX_NAME)]
AccountId = Annotated[str, Field(max_length=64)]
KeyId = Annotated[str, Field(max_length=128)]
AnchorNumber = Annotated[str, Field(max_length=128)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_texts)]


class _Server(WireModel):
    directory_url: Annotated[str, Field(max_length=255)] = named("serverUrl")
    product_id: Number | None = named("productID", default=None)
    description: str = named("productDescription", default="")
    validation_type: str = named("certValidationType", default="")


class _Servers(WireModel):
    rows: list[_Server] = named("Servers")


class _Preregistered(WireModel):
    acme_account_id: AccountId = named("acmeAccountID")
    status: str = named("accountStatus", default="")
    eab_key_id: KeyId = named("eabMACIDb64url")
    eab_hmac_key: SecretText = named("eabMACKeyb64url")


class _PreregisteredList(WireModel):
    rows: Annotated[list[_Preregistered], Field(min_length=1, max_length=1)] = named("Accounts")


class _Account(WireModel):
    acme_account_id: AccountId = named("acmeAccountID")
    status: str = named("accountStatus", default="")
    eab_key_id: KeyId | None = named("eabMACIDb64url", default=None)
    user_agent: str = named("userAgent", default="")
    ip_address: str = named("ipAddress", default="")
    last_activity_at: Instant | None = named("lastActivity", default=None)


class _Accounts(WireModel):
    rows: list[_Account] = named("Accounts")


class _Binding(WireModel):
    eab_key_id: KeyId = named("eabMACIDb64url")
    eab_hmac_key: SecretText = named("eabMACKeyb64url")
    reusable: bool | None = named("reusable", default=None)
    last_activity_at: Instant | None = named("lastActivity", default=None)


class _Bindings(WireModel):
    rows: list[_Binding] = named("Bindings")


class _Contact(WireModel):
    email: str = named("emailAddress", default="")


class _Contacts(WireModel):
    rows: list[_Contact] = named("Contacts")


class _RecordsUpdated(WireModel):
    count: Annotated[Number | None, Lenient] = named("nRecordsUpdated", default=None)


class _DomainName(WireModel):
    name: Name = named("domainName")


class _Priced(WireModel):
    amount: Annotated[Amount | None, Lenient] = named("cost", "amount", default=None)
    currency: Annotated[Currency | None, Lenient] = named("currency", default=None)


class _ChangedNames(_Priced):
    domains: Annotated[list[_DomainName], Field(min_length=1)] = named("domains")


class _DomainChange(_ChangedNames):
    ca_order_number: Number | None = named("orderNumber", default=None)


class _DomainRemoval(_ChangedNames):
    amount: Annotated[Amount | None, Lenient] = named("refund", "cost", "amount", default=None)
    ca_order_number: Annotated[Number | None, Lenient] = named("orderNumber", default=None)


class _TermChange(_Priced):
    days: Annotated[SmallNumber | None, Lenient] = named("extensionDurationDays", default=None)


class _TermExtended(_TermChange):
    ca_order_number: Number = named("orderNumber")


class _Domain(WireModel):
    name: Name = named("domainName")
    expires_at: Instant | None = named("expiresAt", default=None)
    ov_anchor_order_number: AnchorNumber | None = named("ovAnchorOrderNumber", default=None)
    ev_anchor_order_number: AnchorNumber | None = named("evAnchorOrderNumber", default=None)


class _Domains(WireModel):
    rows: list[_Domain] = named("Domains")


class _LastOrder(WireModel):
    domain_name: Name = named("domainName")
    acme_order_id: str = named("acmeOrderID", default="")
    acme_order_status: str = named("acmeOrderStatus", default="")
    ca_order_number: Number | None = named("orderNumber", default=None)
    status_code: SmallNumber | None = named("statusCode", default=None)
    status_description: str = named("statusDesc", default="")
    serial_number: str = named("serialNumber", default="")
    valid_from: Instant | None = named("validNotBefore", default=None)
    valid_until: Instant | None = named("validNotAfter", default=None)
    acme_account_id: str | None = named("acmeAccountID", default=None)


class _LastOrders(WireModel):
    rows: list[_LastOrder] = named("Orders")


class _Transaction(_Priced):
    """Only orderNumber and domains are known by name; the rest is looked for and missed without harm."""

    kind: Annotated[str | None, Lenient] = named("transactionType", "type", default=None)
    executed: Annotated[Span | None, Lenient] = named(
        "transactionDate", "date", "executedAt", "executionDate", default=None
    )
    ca_order_number: Annotated[Number | None, Lenient] = named("orderNumber", default=None)
    names: Annotated[Names | None, Lenient] = named("domains", "domainNames", default=())


class _PastSubscription(WireModel):
    starts_at: Annotated[Instant | None, Lenient] = named("subscriptionStartDate", default=None)
    expires_at: Annotated[Instant | None, Lenient] = named("subscriptionEndDate", default=None)
    transactions: list[dict[str, Any]] = named("transactions", default=[])


class _Transactions(WireModel):
    rows: list[_PastSubscription] = named("subscriptions")


def read_servers(payload: object) -> tuple[ServerInfo, ...]:
    """LISTSERVERS."""
    return tuple(ServerInfo(**dict(row)) for row in read(_Servers, payload).rows)


def read_preregistered(payload: object) -> PreregisteredAccount:
    """PREREGISTER; two accounts in one reply are as unreadable as none."""
    return PreregisteredAccount(**dict(read(_PreregisteredList, payload).rows[0]))


def read_accounts(payload: object) -> tuple[AccountInfo, ...]:
    """LISTACCOUNTS."""
    return tuple(AccountInfo(**dict(row)) for row in read(_Accounts, payload).rows)


def read_bindings(payload: object) -> tuple[BindingInfo, ...]:
    """LISTBINDINGS."""
    return tuple(BindingInfo(**dict(row)) for row in read(_Bindings, payload).rows)


def read_contacts(payload: object) -> tuple[str, ...]:
    """LISTCONTACTS, each address once. A client may have given anything: what is too long for one is passed over."""
    emails = [row.email for row in read(_Contacts, payload).rows if 0 < len(row.email) <= MAX_EMAIL]
    return tuple(dict.fromkeys(emails))


def read_records_updated(payload: object) -> RecordsUpdated:
    """The account actions and UPDATEDOMAINS; any object that does not deny success is one."""
    return RecordsUpdated(read(_RecordsUpdated, payload).count)


def read_quote(payload: object) -> DomainQuote:
    """ADDDOMAIN with quoteOnly=Y; a quote without amount or currency is none."""
    reply = read(_DomainChange, payload)
    return DomainQuote(names=_unique(reply), cost=_quoted(reply))


def read_domain_added(payload: object) -> DomainAdded:
    """ADDDOMAIN; what it cost may be open, that it happened is not."""
    reply = read(_DomainChange, payload)
    return DomainAdded(names=_unique(reply), cost=_price(reply), ca_order_number=reply.ca_order_number)


def read_domain_removed(payload: object) -> DomainRemoved:
    """REMOVEDOMAIN; `Domains` are all names that were taken out."""
    reply = read(_DomainRemoval, payload)
    return DomainRemoved(names=_unique(reply), refund=_money(reply), ca_order_number=reply.ca_order_number)


def read_term_quote(payload: object) -> TermQuote:
    """EXTENDDOMAINS with quoteOnly=Y; a quote without amount or currency is none."""
    reply = read(_TermChange, payload)
    return TermQuote(cost=_quoted(reply), days=reply.days)


def read_term_extended(payload: object) -> TermExtended:
    """EXTENDDOMAINS; it lists nothing that was extended, and without an order number it is what a quote looks like."""
    reply = read(_TermExtended, payload)
    return TermExtended(ca_order_number=reply.ca_order_number, cost=_price(reply), days=reply.days)


def read_domains(payload: object) -> tuple[ListedDomain, ...]:
    """LISTDOMAINS."""
    return tuple(ListedDomain(**dict(row)) for row in read(_Domains, payload).rows)


def read_last_orders(payload: object) -> tuple[LastOrder, ...]:
    """GETLASTORDER."""
    return tuple(LastOrder(**dict(row)) for row in read(_LastOrders, payload).rows)


def read_transactions(payload: object) -> tuple[TransactionInfo, ...]:
    """LISTTRANSACTIONS, all subscriptions in one row; `raw` is not redacted yet."""
    return tuple(
        _transaction(entry, subscription)
        for subscription in read(_Transactions, payload).rows
        for entry in subscription.transactions
    )


def _transaction(entry: dict[str, Any], subscription: _PastSubscription) -> TransactionInfo:
    row = read(_Transaction, entry)
    return TransactionInfo(
        kind=row.kind or "",
        executed_at=row.executed.start if row.executed else None,
        executed_until=row.executed.end if row.executed else None,
        ca_order_number=row.ca_order_number,
        cost=_money(row),
        names=row.names or (),
        subscription_starts_at=subscription.starts_at,
        subscription_expires_at=subscription.expires_at,
        raw=entry,
    )


def _unique(reply: _ChangedNames) -> tuple[str, ...]:
    return tuple(dict.fromkeys(domain.name for domain in reply.domains))


def _quoted(reply: _Priced) -> Money:
    cost = _price(reply)
    if cost is None:
        raise Unreadable("cost, currency: missing or unreadable")
    return cost


def _price(reply: _Priced) -> Money | None:
    """What an addition or extension costs; the guide knows none that pays the reseller."""
    cost = _money(reply)
    return cost if cost is not None and cost.amount >= 0 else None


def _money(row: _Priced) -> Money | None:
    if row.amount is None or row.currency is None:
        return None
    return Money(row.amount.value, row.currency.upper(), row.amount.text)
