"""EXTENDDOMAINS ("Extend a subscription"): all names at once, for one, two or three years more."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from ..arguments import ACME_ACCOUNT, DAYS, YEARS, flag, term_days
from ..calls import Action, Call
from ..ledger import EXTENSION, Entry, Posting, post
from ..pricing import cost_cents, extended
from ..replies import Refusal, money
from ..state import instant_of, instant_text


@dataclass(frozen=True)
class Plan:
    """What the call would do; it is also the quote. `shares` are what each name costs, free ones nothing."""

    subscription: sqlite3.Row
    days: int
    shares: dict[int, int]

    @property
    def cost(self) -> int:
        """The whole price, in cents."""
        return sum(self.shares.values())


def extend_domains(call: Call) -> dict[str, Any]:
    """Extend the subscription, or with `quoteOnly=Y` run every check and tell the price."""
    plan = _plan(call)
    call.check_funds(plan.cost)
    order = {} if call.arguments.yes("quoteOnly") else {"orderNumber": _execute(call, plan)}
    return {"success": True, **order, "cost": money(plan.cost), "currency": call.reseller["currency"]}


def _plan(call: Call) -> Plan:
    binding, subscription = call.binding(), call.last_subscription()
    if subscription is None:
        raise Refusal("no-subscription")
    opens_at, closes_at = call.extension_window(subscription)
    if not opens_at <= call.now <= closes_at:
        raise Refusal("no-subscription")
    days = term_days(call.arguments)
    present = call.db.execute(
        "SELECT * FROM domains WHERE subscription_id = ? AND removed_at IS NULL ORDER BY id", (subscription["id"],)
    )
    return Plan(subscription, days, {row["id"]: _share(call, binding, row, days) for row in present})


def _share(call: Call, binding: sqlite3.Row, domain: sqlite3.Row, days: int) -> int:
    if domain["parent_id"] is not None:
        return 0
    return cost_cents(call.annual_cents(binding["validation_type"], domain["domain_type"]), days)


def _execute(call: Call, plan: Plan) -> int:
    expires_at = extended(instant_of(plan.subscription["expires_at"]), plan.days)
    call.db.execute(
        "UPDATE subscriptions SET expires_at = ? WHERE id = ?", (instant_text(expires_at), plan.subscription["id"])
    )
    order_number = post(call, Entry(EXTENSION, plan.subscription["id"], plan.cost, plan.days))
    for domain_id, share in plan.shares.items():
        Posting(order_number, domain_id, share).write(call.db)
    return order_number


EXTENDDOMAINS = Action("EXTENDDOMAINS", extend_domains, (ACME_ACCOUNT, flag("quoteOnly"), YEARS, DAYS))
