"""UPDATEDOMAINS ("Update assigned organization pre-validation"): from an old pre-validation to a new one."""

from typing import Any

from ..arguments import ACME_ACCOUNT, Parameter
from ..calls import Action, Call
from ..products import ANCHORS, old_anchor
from ..replies import Refusal


def update_domains(call: Call) -> dict[str, Any]:
    """Move the names that are under the old pre-validation, or all of them where none is named.

    That a call without the old one is about all names is our reading, as the page does not describe it; a switch has
    it refused.
    """
    old, new = _anchors(call)
    subscription = call.last_subscription()
    if subscription is None or call.now > call.extension_window(subscription)[1]:
        raise Refusal("no-subscription")
    changed = call.db.execute(
        "UPDATE domains SET anchor = :new WHERE subscription_id = :subscription AND removed_at IS NULL"
        " AND anchor IS NOT :new AND (:old = '' OR anchor = :old)",
        {"new": new, "old": old, "subscription": subscription["id"]},
    )
    return {"nRecordsUpdated": changed.rowcount, "success": True}


def _anchors(call: Call) -> tuple[str, str]:
    """The old and the new one, by the arguments of the type of certificate."""
    argument = call.product().anchor
    if not argument:
        raise Refusal("not-for-dv")
    for other in ANCHORS:
        for sent in (other, old_anchor(other)):
            if other != argument and call.arguments.text(sent):
                raise Refusal("invalid-argument", sent)
    if not (new := call.anchor(argument)):
        raise Refusal("missing-argument", argument)
    old = call.arguments.text(old_anchor(argument))
    if not old and call.switches.old_anchor_required:
        raise Refusal("missing-argument", old_anchor(argument))
    return old, new


UPDATEDOMAINS = Action(
    "UPDATEDOMAINS",
    update_domains,
    (ACME_ACCOUNT, *(Parameter(sent, 128) for anchor in ANCHORS for sent in (anchor, old_anchor(anchor)))),
)
