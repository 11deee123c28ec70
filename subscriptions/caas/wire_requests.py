"""The CA's spelling of requests: actions, their parameters, and the forms made of them."""

from collections.abc import Mapping
from enum import StrEnum

from .names import domain_name


class Action(StrEnum):
    """The actions of the CA."""

    LIST_SERVERS = "LISTSERVERS"
    PREREGISTER = "PREREGISTER"
    LIST_ACCOUNTS = "LISTACCOUNTS"
    LIST_BINDINGS = "LISTBINDINGS"
    LIST_CONTACTS = "LISTCONTACTS"
    SUSPEND_ACCOUNT = "SUSPENDACCOUNT"
    REINSTATE_ACCOUNT = "UNSUSPENDACCOUNT"
    DEACTIVATE_ACCOUNT = "DEACTIVATEACCOUNT"
    ADD_DOMAIN = "ADDDOMAIN"
    REMOVE_DOMAIN = "REMOVEDOMAIN"
    LIST_DOMAINS = "LISTDOMAINS"
    EXTEND_DOMAINS = "EXTENDDOMAINS"
    MOVE_DOMAINS = "UPDATEDOMAINS"
    LIST_TRANSACTIONS = "LISTTRANSACTIONS"
    LAST_ORDERS = "GETLASTORDER"


# The tables of the guide write the first, its sample requests send the second; the CA knows exactly one.
SERVER_PARAMETERS = ("serverURL", "serverUrl")

_SCOPED = frozenset({"acmeAccountID", "includeAdditionalAccounts"})

# Every parameter sent must stand here: the CA answers an unknown one with 400 ("Unsuccessful responses").
# LISTTRANSACTIONS and GETLASTORDER have more, whose names the captured pages do not show.
PARAMETERS: Mapping[Action, frozenset[str]] = {
    Action.LIST_SERVERS: frozenset(),
    Action.PREREGISTER: frozenset({*SERVER_PARAMETERS, "years"}),
    Action.LIST_ACCOUNTS: frozenset({"acmeAccountID", "includeAdditionalAccounts", "eabKeyID", "page", "size"}),
    Action.LIST_BINDINGS: frozenset(),
    Action.LIST_CONTACTS: frozenset({"acmeAccountID"}),
    Action.SUSPEND_ACCOUNT: _SCOPED,
    Action.REINSTATE_ACCOUNT: _SCOPED,
    Action.DEACTIVATE_ACCOUNT: _SCOPED,
    Action.ADD_DOMAIN: frozenset(
        {"acmeAccountID", "domainName", "quoteOnly", "ovAnchorOrderNumber", "addAssociatedFQDN"}
    ),
    Action.REMOVE_DOMAIN: frozenset({"acmeAccountID", "domainName"}),
    Action.LIST_DOMAINS: frozenset({"acmeAccountID", "page", "size"}),
    Action.EXTEND_DOMAINS: frozenset({"acmeAccountID", "quoteOnly", "years"}),
    Action.MOVE_DOMAINS: frozenset({"acmeAccountID", "ovAnchorOrderNumber", "oldOVAnchorOrderNumber"}),
    Action.LIST_TRANSACTIONS: frozenset({"acmeAccountID", "domainName"}),
    Action.LAST_ORDERS: _SCOPED,
}


def login_fields(login_name: str, login_password: str) -> dict[str, str]:
    """What proves the reseller in each request."""
    return {"loginName": login_name, "loginPassword": login_password}


def fields(action: Action, values: Mapping[str, str | int | None]) -> dict[str, str]:
    """The form of one call without the login; None leaves a parameter out."""
    given = {name: str(value) for name, value in values.items() if value is not None}
    if unknown := given.keys() - PARAMETERS[action]:
        raise ValueError(f"{action} has no parameter {sorted(unknown)}")
    return {"action": action.value, **given}


def preregister_fields(*, directory_url: str, years: int, server_parameter: str) -> dict[str, str]:
    """PREREGISTER in one of the two spellings of SERVER_PARAMETERS."""
    return fields(Action.PREREGISTER, {server_parameter: directory_url, "years": years})


def accounts_fields(*, acme_account_id: str | None, eab_key_id: str | None) -> dict[str, str]:
    """LISTACCOUNTS: all accounts under the EAB pair of the given one, or under the given pair, or all.

    The key ID is ignored next to an account ID, and the scope is defined next to one only, so each is sent
    where it counts.
    """
    named = acme_account_id is not None
    values = {
        "acmeAccountID": acme_account_id,
        "includeAdditionalAccounts": "Y" if named else None,
        "eabKeyID": None if named else eab_key_id,
    }
    return fields(Action.LIST_ACCOUNTS, values)


def contacts_fields(*, acme_account_id: str) -> dict[str, str]:
    """LISTCONTACTS."""
    return fields(Action.LIST_CONTACTS, {"acmeAccountID": acme_account_id})


def account_state_fields(action: Action, *, acme_account_id: str, whole_key: bool) -> dict[str, str]:
    """SUSPENDACCOUNT, UNSUSPENDACCOUNT or DEACTIVATEACCOUNT, of one account or of its EAB pair and all under it.

    The scope is always sent: what the CA takes for left out is the wide one here, and the narrow one in lists. Its
    third value, every account of the reseller, cannot be said.
    """
    values = {"acmeAccountID": acme_account_id, "includeAdditionalAccounts": _yes_no(whole_key)}
    return fields(action, values)


def add_domain_fields(
    *, acme_account_id: str, name: str, ov_anchor_order_number: str | None, add_companion: bool, quote_only: bool
) -> dict[str, str]:
    """ADDDOMAIN, with both yes/no parameters always spelled out."""
    values = {
        "acmeAccountID": acme_account_id,
        "domainName": domain_name(name),
        "quoteOnly": _yes_no(quote_only),
        "ovAnchorOrderNumber": ov_anchor_order_number,
        "addAssociatedFQDN": _yes_no(add_companion),
    }
    return fields(Action.ADD_DOMAIN, values)


def remove_domain_fields(*, acme_account_id: str, name: str) -> dict[str, str]:
    """REMOVEDOMAIN."""
    return fields(Action.REMOVE_DOMAIN, {"acmeAccountID": acme_account_id, "domainName": domain_name(name)})


def domains_fields(*, acme_account_id: str) -> dict[str, str]:
    """LISTDOMAINS."""
    return fields(Action.LIST_DOMAINS, {"acmeAccountID": acme_account_id})


def extend_domains_fields(*, acme_account_id: str, years: int, quote_only: bool) -> dict[str, str]:
    """EXTENDDOMAINS."""
    return fields(
        Action.EXTEND_DOMAINS, {"acmeAccountID": acme_account_id, "quoteOnly": _yes_no(quote_only), "years": years}
    )


def move_domains_fields(
    *, acme_account_id: str, old_ov_anchor_order_number: str, ov_anchor_order_number: str
) -> dict[str, str]:
    """UPDATEDOMAINS, always with both: without the old one it is not described which names it is about."""
    values = {
        "acmeAccountID": acme_account_id,
        "oldOVAnchorOrderNumber": old_ov_anchor_order_number,
        "ovAnchorOrderNumber": ov_anchor_order_number,
    }
    return fields(Action.MOVE_DOMAINS, values)


def transactions_fields(*, acme_account_id: str, name: str | None) -> dict[str, str]:
    """LISTTRANSACTIONS, for one name or all."""
    domain = None if name is None else domain_name(name)
    return fields(Action.LIST_TRANSACTIONS, {"acmeAccountID": acme_account_id, "domainName": domain})


def last_orders_fields(*, acme_account_id: str) -> dict[str, str]:
    """GETLASTORDER over all accounts of the subscription: each client a customer registers gets its own."""
    return fields(Action.LAST_ORDERS, {"acmeAccountID": acme_account_id, "includeAdditionalAccounts": "Y"})


def page_fields(action: Action, *, page: int, size: int) -> dict[str, str]:
    """What asks for one page, counted from 0."""
    form = fields(action, {"page": page, "size": size})
    del form["action"]
    return form


def _yes_no(value: bool) -> str:  # noqa: FBT001 - one value, spelled
    return "Y" if value else "N"
