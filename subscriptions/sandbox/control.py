"""The control endpoint under `/_sandbox/`: faults, clock, money, switches and the summary (docs/sandbox.md)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import InvalidOperation
from typing import Any

from .calls import ANCHOR_HIDDEN, ANCHOR_NUMBER, ANCHOR_TEXT, ISSUER_PATH
from .core import Sandbox
from .faults import armed_fault_of
from .replies import Reply, json_reply
from .state import instant_text

PREFIX = "/_sandbox/"

Content = dict[str, Any]


def handle_control(sandbox: Sandbox, method: str, path: str, body: bytes) -> Reply:
    """Answer one request for the control endpoint; 404, 405 or 400 with a reason for what it does not understand."""
    topic = path.removeprefix(PREFIX)
    if method == "GET" and topic == "ca.pem":
        return Reply(200, {"Content-Type": "application/x-pem-file"}, sandbox.authority.root_pem)
    if method == "GET" and path == ISSUER_PATH:
        return Reply(200, {"Content-Type": "application/pkix-cert"}, sandbox.authority.issuer_der)
    if topic not in _TOPICS:
        return json_reply({"error": f"No such control: {topic}"}, 404)
    handler = _TOPICS[topic].get(method)
    if handler is None:
        return json_reply({"error": f"{topic} does not take {method}"}, 405)
    try:
        return json_reply(handler(sandbox, json.loads(body) if body else {}))
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation) as error:
        return json_reply({"error": f"{type(error).__name__}: {error}"}, 400)


def _summary(sandbox: Sandbox, _content: Content) -> Content:
    return dict(sandbox.summary())


def _faults(sandbox: Sandbox, _content: Content) -> Content:
    return {"faults": sandbox.faults.listing()}


def _arm(sandbox: Sandbox, content: Content) -> Content:
    sandbox.faults.arm(armed_fault_of(content))
    return _faults(sandbox, {})


def _disarm(sandbox: Sandbox, _content: Content) -> Content:
    sandbox.disarm()
    return _faults(sandbox, {})


def _clock(sandbox: Sandbox, _content: Content) -> Content:
    return {"now": instant_text(sandbox.clock.now())}


def _set_clock(sandbox: Sandbox, content: Content) -> Content:
    if "now" in content:
        instant = datetime.fromisoformat(content["now"])
        if instant.tzinfo is None:
            raise ValueError("now needs a time zone")
        sandbox.clock.set(instant)
    elif content.get("reset"):
        sandbox.clock.reset()
    else:
        sandbox.clock.advance(timedelta(**content))
    return _clock(sandbox, {})


def _balances(sandbox: Sandbox, _content: Content) -> Content:
    return {"resellers": sandbox.summary()["resellers"]}


def _set_balance(sandbox: Sandbox, content: Content) -> Content:
    sandbox.set_balance(content["loginName"], str(content["balance"]))
    return _balances(sandbox, {})


def _set_price(sandbox: Sandbox, content: Content) -> Content:
    price = content["price"]
    sandbox.set_price(
        content["loginName"],
        content["certValidationType"],
        content["domainType"],
        None if price is None else str(price),
    )
    return content


def _set_anchor(sandbox: Sandbox, content: Content) -> Content:
    sandbox.set_anchor(content["number"], content["organization"], content["country"])
    return content


def _set_servers(sandbox: Sandbox, content: Content) -> Content:
    sandbox.set_servers(content["loginName"], content["certValidationTypes"])
    return content


def _end_order(sandbox: Sandbox, content: Content) -> Content:
    sandbox.end_order(content["domainName"], int(content["statusCode"]))
    return content


def _age(sandbox: Sandbox, content: Content) -> Content:
    sandbox.age(content["keyID"], int(content["days"]))
    return content


def _switches(sandbox: Sandbox, _content: Content) -> Content:
    return {name: _shown(getattr(sandbox.switches, attribute)) for name, (attribute, _) in SWITCHES.items()}


def _set_switches(sandbox: Sandbox, content: Content) -> Content:
    unknown = set(content) - set(SWITCHES)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    changes = {SWITCHES[name][0]: SWITCHES[name][1](value) for name, value in content.items()}
    for attribute, value in changes.items():
        setattr(sandbox.switches, attribute, value)
    return _switches(sandbox, {})


def _shown(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _numbers(value: Any) -> frozenset[str] | None:
    return None if value is None else frozenset(map(str, value))


def _way_to_list(value: Any) -> str:
    if value not in (ANCHOR_TEXT, ANCHOR_NUMBER, ANCHOR_HIDDEN):
        raise ValueError(f"anchors are listed as {ANCHOR_TEXT}, {ANCHOR_NUMBER} or {ANCHOR_HIDDEN}")
    return str(value)


# As JSON names them: the attribute of Switches, and how a value is read.
SWITCHES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "strictAnchors": ("strict_anchors", _numbers),
    "anchorsOptional": ("anchors_optional", bool),
    "oldAnchorRequired": ("old_anchor_required", bool),
    "anchorsListedAs": ("anchors_listed_as", _way_to_list),
    "idsDiffer": ("ids_differ", bool),
    "firstDayCounts": ("first_day_counts", bool),
    "termDaysGone": ("term_days_gone", int),
    "quotesCheckFunds": ("quotes_check_funds", bool),
    "reusable": ("reusable", bool),
    "certificateSeconds": ("certificate_seconds", int),
    "pageSize": ("page_size", int),
    "processingSeconds": ("processing_seconds", int),
    "retryFailedAfter": ("retry_failed_after", lambda value: None if value is None else int(value)),
    "checkCaa": ("check_caa", bool),
    "extensionDaysBefore": ("extension_days_before", int),
    "extensionDaysAfter": ("extension_days_after", int),
}

_TOPICS: dict[str, dict[str, Callable[[Sandbox, Content], Content]]] = {
    "summary": {"GET": _summary},
    "faults": {"GET": _faults, "POST": _arm, "DELETE": _disarm},
    "clock": {"GET": _clock, "POST": _set_clock},
    "balance": {"GET": _balances, "POST": _set_balance},
    "prices": {"POST": _set_price},
    "anchors": {"POST": _set_anchor},
    "servers": {"POST": _set_servers},
    "orders": {"POST": _end_order},
    "age": {"POST": _age},
    "switches": {"GET": _switches, "POST": _set_switches},
}
