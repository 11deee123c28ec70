"""ADDDOMAIN ("Add a domain"): the call that costs money."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..arguments import ACME_ACCOUNT, DOMAIN_NAME, Parameter, flag
from ..calls import Action, Call, last_subscription
from ..ledger import Entry, Posting, post
from ..names import companion, domain_type, normal_name
from ..pricing import EXTENSION_PERIOD, cost_cents, expiry, full_days_left
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
    if 0 < plan.cost > call.reseller["balance_cents"]:
        raise Refusal("insufficient-funds")
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
    if name is None:
        raise Refusal("invalid-argument", "domainName")
    anchor = _anchor(call, binding["validation_type"])
    subscription = _running_subscription(call, binding)
    present = _present_domains(call.db, subscription)
    if name in present:
        raise Refusal("domain-present")
    parent_id = _paid_owner(name, present)
    days = _days(call.now, binding, subscription)
    price = _annual_price(call, binding["validation_type"], name)
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


def _anchor(call: Call, validation_type: str) -> str | None:
    anchor = call.arguments.text("ovAnchorOrderNumber")
    if validation_type != "OV":
        if anchor:
            raise Refusal("not-for-dv")
        return None
    known = call.switches.strict_anchors
    if not anchor:
        # The guide requires it, and leaves it out of its own sample request: only a strict sandbox insists.
        if known is None:
            return None
        raise Refusal("missing-argument", "ovAnchorOrderNumber")
    if not anchor.isdecimal() or (known is not None and anchor not in known):
        raise Refusal("invalid-argument", "ovAnchorOrderNumber")
    return anchor


def _running_subscription(call: Call, binding: sqlite3.Row) -> sqlite3.Row | None:
    """The subscription to add to, None when the name starts one. Between expiry and the end of the extension
    period it can only be extended."""
    subscription = last_subscription(call.db, binding["id"])
    if subscription is None:
        return None
    expires_at = instant_of(subscription["expires_at"])
    if call.now <= expires_at:
        return subscription
    if call.now <= expires_at + EXTENSION_PERIOD:
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


def _annual_price(call: Call, validation_type: str, name: str) -> int:
    row = call.db.execute(
        "SELECT annual_cents FROM prices WHERE reseller_id = ? AND validation_type = ? AND domain_type = ?",
        (call.reseller["id"], validation_type, domain_type(name)),
    ).fetchone()
    if row is None:
        raise Refusal("no-pricing")
    return int(row["annual_cents"])


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
    cursor = call.db.execute(
        "INSERT INTO subscriptions (binding_id, starts_at, expires_at) VALUES (?, ?, ?)",
        (plan.binding["id"], instant_text(call.now), instant_text(expiry(call.now, plan.days))),
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
        Parameter("ovAnchorOrderNumber", 128),
        flag("addAssociatedFQDN"),
    ),
)
