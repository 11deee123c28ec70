"""ADDDOMAIN ("Add a domain"): the call that costs money."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..arguments import ACME_ACCOUNT, DOMAIN_NAME, Parameter, flag
from ..calls import Action, Call, last_subscription
from ..ledger import Entry, Posting, post
from ..names import companion, domain_type, normal_name
from ..pricing import cost_cents, expiry, full_days_left
from ..products import ANCHORS
from ..public_names import why_not_public
from ..replies import Refusal, money
from ..state import instant_of, instant_text


@dataclass(frozen=True)
class Plan:
    """What the call would do, worked out before anything changes; it is also the quote."""

    binding: sqlite3.Row
    subscription: sqlite3.Row | None
    name: str
    parent_id: int | None
    associated: str | None
    anchor: str | None
    days: int
    cost: int

    @property
    def names(self) -> list[str]:
        """The requested name and, after it, the one that comes with it."""
        return [self.name] if self.associated is None else [self.name, self.associated]


def add_domain(call: Call) -> dict[str, Any]:
    """Add a name, or with `quoteOnly=Y` run every check and tell the price."""
    plan = _plan(call)
    call.check_funds(plan.cost)
    order = {} if call.arguments.yes("quoteOnly") else {"orderNumber": _execute(call, plan)}
    return {
        "success": True,
        **order,
        "cost": money(plan.cost),
        "currency": call.reseller["currency"],
        "domains": [{"domainName": name} for name in plan.names],
    }


def _plan(call: Call) -> Plan:
    binding = call.binding()
    name = normal_name(call.arguments.text("domainName"))
    if name is None or why_not_public(name):
        raise Refusal("invalid-argument", "domainName")
    if domain_type(name) not in call.product().annual_cents:
        raise Refusal("invalid-argument", "domainName")
    anchor = _anchor(call)
    subscription = _running_subscription(call, binding)
    present = _present_domains(call.db, subscription)
    if name in present:
        raise Refusal("domain-present")
    parent_id = _paid_owner(name, present)
    days = _days(call.now, binding, subscription)
    price = call.annual_cents(binding["validation_type"], domain_type(name))
    return Plan(
        binding=binding,
        subscription=subscription,
        name=name,
        parent_id=parent_id,
        associated=_associated(call, name, parent_id, present),
        anchor=anchor,
        days=days,
        cost=cost_cents(price, days) if parent_id is None else 0,
    )


def _anchor(call: Call) -> str | None:
    """The pre-validation that the type of certificate asks for.

    The guide requires it and leaves it out of its own sample request, so a switch allows that.
    """
    product, arguments = call.product(), call.arguments
    for argument in ANCHORS:
        if argument != product.anchor and arguments.text(argument):
            raise Refusal("invalid-argument", argument) if product.anchor else Refusal("not-for-dv")
    anchor = call.anchor(product.anchor)
    if product.anchor and not anchor and not call.switches.anchors_optional:
        raise Refusal("missing-argument", product.anchor)
    return anchor or None


def _running_subscription(call: Call, binding: sqlite3.Row) -> sqlite3.Row | None:
    """The subscription to add to, None when the name starts one. Between expiry and the end of the extension
    period it can only be extended."""
    subscription = last_subscription(call.db, binding["id"])
    if subscription is None:
        return None
    if call.now <= instant_of(subscription["expires_at"]):
        return subscription
    if call.now <= call.extension_window(subscription)[1]:
        raise Refusal("no-subscription")
    return None


def _present_domains(db: sqlite3.Connection, subscription: sqlite3.Row | None) -> dict[str, sqlite3.Row]:
    if subscription is None:
        return {}
    rows = db.execute(
        "SELECT * FROM domains WHERE subscription_id = ? AND removed_at IS NULL ORDER BY id",
        (subscription["id"],),
    )
    return {row["name"]: row for row in rows}


def _paid_owner(name: str, present: dict[str, sqlite3.Row]) -> int | None:
    """The paid name whose free companion this is; its place is open, or the name would be present."""
    for row in present.values():
        if row["parent_id"] is None and companion(row["name"]) == name:
            return int(row["id"])
    return None


def _associated(call: Call, name: str, parent_id: int | None, present: dict[str, sqlite3.Row]) -> str | None:
    if parent_id is not None or not call.arguments.yes("addAssociatedFQDN"):
        return None
    associated = companion(name)
    return None if associated in present else associated


def _days(now: datetime, binding: sqlite3.Row, subscription: sqlite3.Row | None) -> int:
    if subscription is None:
        return int(binding["term_days"])
    return full_days_left(now, instant_of(subscription["expires_at"]))


def _execute(call: Call, plan: Plan) -> int:
    subscription_id = plan.subscription["id"] if plan.subscription else _start(call, plan)
    entry = Entry("addDomain", subscription_id, plan.cost, plan.days)
    order_number = post(call, entry)
    paid_id = _insert(call, plan, subscription_id, order_number, plan.name, plan.parent_id)
    Posting(order_number, paid_id, plan.cost).write(call.db)
    if plan.associated is not None:
        free_id = _insert(call, plan, subscription_id, order_number, plan.associated, paid_id)
        Posting(order_number, free_id, 0).write(call.db)
    return order_number


def _start(call: Call, plan: Plan) -> int:
    starts_at = call.now - timedelta(days=call.switches.term_days_gone)
    ends_at = expiry(starts_at, plan.days, first_day_counts=call.switches.first_day_counts)
    cursor = call.db.execute(
        "INSERT INTO subscriptions (binding_id, starts_at, expires_at) VALUES (?, ?, ?)",
        (plan.binding["id"], instant_text(starts_at), instant_text(ends_at)),
    )
    return int(cursor.lastrowid or 0)


def _insert(call: Call, plan: Plan, subscription_id: int, order_number: int, name: str, parent_id: int | None) -> int:
    cursor = call.db.execute(
        "INSERT INTO domains (subscription_id, name, domain_type, parent_id, anchor, added_at, order_number)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            subscription_id,
            name,
            domain_type(name),
            parent_id,
            plan.anchor,
            instant_text(call.now),
            order_number,
        ),
    )
    return int(cursor.lastrowid or 0)


ADDDOMAIN = Action(
    "ADDDOMAIN",
    add_domain,
    (
        ACME_ACCOUNT,
        DOMAIN_NAME,
        flag("quoteOnly"),
        *(Parameter(argument, 128) for argument in ANCHORS),
        flag("addAssociatedFQDN"),
    ),
)
