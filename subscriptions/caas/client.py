"""The CA's admin API, one method per action; see `errors` for what each of them can raise."""

from collections.abc import Mapping
from dataclasses import replace

from . import wire, wire_requests
from .calls import Caller
from .errors import RefusalReason, Refused
from .last_look import LastLook
from .types import (
    AccountInfo,
    BindingInfo,
    DomainAdded,
    DomainQuote,
    DomainRemoved,
    LastOrder,
    ListedDomain,
    PreregisteredAccount,
    RecordsUpdated,
    ServerInfo,
    TermExtended,
    TermQuote,
    TransactionInfo,
)
from .wire_requests import Action


class CaasClient(Caller):
    """The reseller's view of the CA; see `Caller` for what holds for every call.

    One action is sent twice where the CA asks for it: see `preregister`.
    """

    def list_servers(self) -> tuple[ServerInfo, ...]:
        """The ACME servers set up for the reseller; the types among them are an open list."""
        return self._read(wire_requests.fields(Action.LIST_SERVERS, {}), wire.read_servers)

    def preregister(self, *, directory_url: str, years: int, last_look: LastLook) -> PreregisteredAccount:
        """Make an ACME account with a new EAB pair; free, and a new one each time it is called.

        The guide spells the server's parameter in two ways and the CA refuses unknown ones, so a refusal of the
        first spelling is followed by one call with the second: nothing has been created by then. Each of the two
        looks for itself.
        """
        first, second = wire_requests.SERVER_PARAMETERS
        try:
            return self._preregister(directory_url, years, first, last_look)
        except Refused as refusal:
            if refusal.reason is not RefusalReason.UNRECOGNIZED_ARGUMENT or f"'{first}'" not in refusal.detail:
                raise
        return self._preregister(directory_url, years, second, last_look)

    def list_accounts(
        self, *, acme_account_id: str | None = None, eab_key_id: str | None = None
    ) -> tuple[AccountInfo, ...]:
        """The accounts that share the EAB pair of `acme_account_id`, or have `eab_key_id`, or all of the reseller.

        With both given, the account counts.
        """
        form = wire_requests.accounts_fields(acme_account_id=acme_account_id, eab_key_id=eab_key_id)
        return self._read_pages(form, wire.read_accounts, key=lambda account: account.acme_account_id)

    def list_bindings(self) -> tuple[BindingInfo, ...]:
        """All EAB pairs of the reseller, with their HMAC keys; the CA pages them not."""
        return self._read(wire_requests.fields(Action.LIST_BINDINGS, {}), wire.read_bindings)

    def list_contacts(self, *, acme_account_id: str) -> tuple[str, ...]:
        """The e-mail addresses that the ACME client of one account gave."""
        return self._read(wire_requests.contacts_fields(acme_account_id=acme_account_id), wire.read_contacts)

    def suspend_account(self, *, acme_account_id: str, whole_key: bool, last_look: LastLook) -> RecordsUpdated:
        """Stop an account, or with `whole_key` its EAB pair and all accounts under it, from getting certificates."""
        form = wire_requests.account_state_fields(
            Action.SUSPEND_ACCOUNT, acme_account_id=acme_account_id, whole_key=whole_key
        )
        return self._update(form, last_look)

    def reinstate_account(self, *, acme_account_id: str, whole_key: bool, last_look: LastLook) -> RecordsUpdated:
        """Give what was suspended the state back that it had before."""
        form = wire_requests.account_state_fields(
            Action.REINSTATE_ACCOUNT, acme_account_id=acme_account_id, whole_key=whole_key
        )
        return self._update(form, last_look)

    def deactivate_account(self, *, acme_account_id: str, whole_key: bool, last_look: LastLook) -> RecordsUpdated:
        """End an account, or with `whole_key` its EAB pair and all accounts under it, for good."""
        form = wire_requests.account_state_fields(
            Action.DEACTIVATE_ACCOUNT, acme_account_id=acme_account_id, whole_key=whole_key
        )
        return self._update(form, last_look)

    def quote_domain(
        self,
        *,
        acme_account_id: str,
        name: str,
        ov_anchor_order_number: str | None = None,
        add_companion: bool = False,
    ) -> DomainQuote:
        """What `add_domain` with the same arguments would cost now; changes nothing, so it is a read."""
        form = wire_requests.add_domain_fields(
            acme_account_id=acme_account_id,
            name=name,
            ov_anchor_order_number=ov_anchor_order_number,
            add_companion=add_companion,
            quote_only=True,
        )
        return self._read(form, wire.read_quote)

    def add_domain(
        self,
        *,
        acme_account_id: str,
        name: str,
        last_look: LastLook,
        ov_anchor_order_number: str | None = None,
        add_companion: bool = False,
    ) -> DomainAdded:
        """Add one name to the subscription; debits the reseller at once."""
        form = wire_requests.add_domain_fields(
            acme_account_id=acme_account_id,
            name=name,
            ov_anchor_order_number=ov_anchor_order_number,
            add_companion=add_companion,
            quote_only=False,
        )
        added, evidence = self._call(form, wire.read_domain_added, last_look=last_look, charges=True)
        return replace(added, evidence=evidence)

    def remove_domain(self, *, acme_account_id: str, name: str, last_look: LastLook) -> DomainRemoved:
        """Take one name out of the subscription, with its free companion; the CA refunds it in its first 30 days."""
        form = wire_requests.remove_domain_fields(acme_account_id=acme_account_id, name=name)
        removed, evidence = self._call(form, wire.read_domain_removed, last_look=last_look)
        return replace(removed, evidence=evidence)

    def list_domains(self, *, acme_account_id: str) -> tuple[ListedDomain, ...]:
        """The names of the subscription behind the account, each once."""
        form = wire_requests.domains_fields(acme_account_id=acme_account_id)
        return self._read_pages(form, wire.read_domains, key=lambda domain: domain.name)

    def quote_extension(self, *, acme_account_id: str, years: int) -> TermQuote:
        """What `extend_domains` with the same arguments would cost now; changes nothing, so it is a read."""
        form = wire_requests.extend_domains_fields(acme_account_id=acme_account_id, years=years, quote_only=True)
        return self._read(form, wire.read_term_quote)

    def extend_domains(self, *, acme_account_id: str, years: int, last_look: LastLook) -> TermExtended:
        """Extend the subscription with all its names by 1, 2 or 3 years; debits the reseller at once."""
        form = wire_requests.extend_domains_fields(acme_account_id=acme_account_id, years=years, quote_only=False)
        extended, evidence = self._call(form, wire.read_term_extended, last_look=last_look, charges=True)
        return replace(extended, evidence=evidence)

    def move_domains(
        self,
        *,
        acme_account_id: str,
        old_ov_anchor_order_number: str,
        ov_anchor_order_number: str,
        last_look: LastLook,
    ) -> RecordsUpdated:
        """Move all names of the subscription that are under one organization pre-validation to another."""
        form = wire_requests.move_domains_fields(
            acme_account_id=acme_account_id,
            old_ov_anchor_order_number=old_ov_anchor_order_number,
            ov_anchor_order_number=ov_anchor_order_number,
        )
        return self._update(form, last_look)

    def list_transactions(self, *, acme_account_id: str, name: str | None = None) -> tuple[TransactionInfo, ...]:
        """Debits and refunds of the subscription; with `name`, the cost of an extension is that name's share."""
        form = wire_requests.transactions_fields(acme_account_id=acme_account_id, name=name)
        found = self._read(form, wire.read_transactions)
        return tuple(replace(item, raw=self._redactor.value(item.raw)) for item in found)

    def last_orders(self, *, acme_account_id: str) -> tuple[LastOrder, ...]:
        """The latest certificate order of each name, over all accounts of the subscription."""
        return self._read(wire_requests.last_orders_fields(acme_account_id=acme_account_id), wire.read_last_orders)

    def _preregister(
        self, directory_url: str, years: int, server_parameter: str, last_look: LastLook
    ) -> PreregisteredAccount:
        form = wire_requests.preregister_fields(
            directory_url=directory_url, years=years, server_parameter=server_parameter
        )
        made, evidence = self._call(form, wire.read_preregistered, last_look=last_look)
        return replace(made, evidence=evidence)

    def _update(self, form: Mapping[str, str], last_look: LastLook) -> RecordsUpdated:
        updated, evidence = self._call(form, wire.read_records_updated, last_look=last_look)
        return replace(updated, evidence=evidence)
