"""The control endpoint under `/_sandbox/`: faults, clock, money, switches and the summary (docs/sandbox.md)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import InvalidOperation
from typing import Any

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


def _switches(sandbox: Sandbox, _content: Content) -> Content:
    switches = sandbox.switches
    anchors = switches.strict_anchors
    return {
        "strictAnchors": None if anchors is None else sorted(anchors),
        "reusable": switches.reusable,
        "certificateSeconds": switches.certificate_seconds,
        "pageSize": switches.page_size,
    }


def _set_switches(sandbox: Sandbox, content: Content) -> Content:
    unknown = set(content) - set(_switches(sandbox, {}))
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    switches = sandbox.switches
    switches.reusable = bool(content.get("reusable", switches.reusable))
    switches.certificate_seconds = int(content.get("certificateSeconds", switches.certificate_seconds))
    switches.page_size = int(content.get("pageSize", switches.page_size))
    if "strictAnchors" in content:
        anchors = content["strictAnchors"]
        switches.strict_anchors = None if anchors is None else frozenset(map(str, anchors))
    return _switches(sandbox, {})


_TOPICS: dict[str, dict[str, Callable[[Sandbox, Content], Content]]] = {
    "summary": {"GET": _summary},
    "faults": {"GET": _faults, "POST": _arm, "DELETE": _disarm},
    "clock": {"GET": _clock, "POST": _set_clock},
    "balance": {"GET": _balances, "POST": _set_balance},
    "prices": {"POST": _set_price},
    "anchors": {"POST": _set_anchor},
    "switches": {"GET": _switches, "POST": _set_switches},
}
