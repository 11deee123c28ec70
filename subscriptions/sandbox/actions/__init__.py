"""The actions of the admin API, one module each; a new one is one more entry here."""

from ..calls import Action
from .account_states import DEACTIVATEACCOUNT, SUSPENDACCOUNT, UNSUSPENDACCOUNT
from .add_domain import ADDDOMAIN
from .extend_domains import EXTENDDOMAINS
from .last_order import GETLASTORDER
from .list_accounts import LISTACCOUNTS
from .list_bindings import LISTBINDINGS
from .list_contacts import LISTCONTACTS
from .list_domains import LISTDOMAINS
from .list_servers import LISTSERVERS
from .list_transactions import LISTTRANSACTIONS
from .preregister import PREREGISTER
from .remove_domain import REMOVEDOMAIN
from .update_domains import UPDATEDOMAINS

ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        LISTSERVERS,
        PREREGISTER,
        LISTACCOUNTS,
        LISTBINDINGS,
        LISTCONTACTS,
        SUSPENDACCOUNT,
        UNSUSPENDACCOUNT,
        DEACTIVATEACCOUNT,
        ADDDOMAIN,
        REMOVEDOMAIN,
        LISTDOMAINS,
        EXTENDDOMAINS,
        LISTTRANSACTIONS,
        GETLASTORDER,
        UPDATEDOMAINS,
    )
}
