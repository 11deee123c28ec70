"""Faults that can be armed at run time: what goes wrong with the next call that matches."""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .arguments import Form
from .codes import BY_SWITCH
from .replies import ERROR_ROWS, JSON_TYPE, ErrorRow, Refusal, Reply, error_reply, html_reply

ANY_ACTION = "*"


@dataclass(frozen=True)
class Fault:
    """One way a call goes wrong; made by the class methods, which say what each does."""

    kind: str
    seconds: float = 0
    status: int = 503
    after: bool = False
    hold: bool = False
    row: ErrorRow | None = None
    order_code: int | None = None
    needs_argument: str = ""

    @classmethod
    def latency(cls, seconds: float) -> "Fault":
        """The change is made at once, the answer comes after so many seconds."""
        return cls("latency", seconds=seconds)

    @classmethod
    def unreachable(cls) -> "Fault":
        """No connection is made (over the HTTP server, where that is too late: as `cut_before`)."""
        return cls("unreachable")

    @classmethod
    def cut_before(cls) -> "Fault":
        """The connection ends without an answer; nothing changed."""
        return cls("cut-before")

    @classmethod
    def cut_after(cls) -> "Fault":
        """The change is made, then the connection ends without an answer."""
        return cls("cut-after")

    @classmethod
    def after_caller_gave_up(cls, seconds: float = 0, *, hold: bool = False) -> "Fault":
        """No answer; the change is made after so many seconds, whether or not the caller still listens.

        With `hold` it waits for `Sandbox.release` instead, so that a test can read before and after.
        """
        return cls("after-caller-gave-up", seconds=seconds, hold=hold)

    @classmethod
    def server_error(cls, status: int = 503, *, after: bool = False) -> "Fault":
        """An HTML page with a 5xx status (or any other), before the change or after it."""
        return cls("server-error", status=status, after=after)

    @classmethod
    def wrong_json(cls, *, after: bool = False) -> "Fault":
        """Status 200 with a body that is cut off in the middle of its JSON, before the change or after it."""
        return cls("wrong-json", after=after)

    @classmethod
    def error(cls, row: str, argument: str = "") -> "Fault":
        """A row of the error table, by its key in `replies.ERROR_ROWS`; raises KeyError for an unknown key."""
        return cls("error", row=Refusal(row, argument).row)

    @classmethod
    def error_body(cls, status: int, type_: str, detail: str) -> "Fault":
        """An error body of one's own."""
        return cls("error", row=ErrorRow(status, type_, detail))

    @classmethod
    def unauthorized(cls) -> "Fault":
        """The 401 of any login refusal."""
        return cls.error("login")

    @classmethod
    def too_many_requests(cls) -> "Fault":
        """A 429 with `Retry-After`."""
        return cls.error("rate-limited")

    @classmethod
    def order_ends(cls, code: int) -> "Fault":
        """An order of an ACME client ends with that code of GETLASTORDER; raises ValueError for one it cannot."""
        if code not in BY_SWITCH:
            raise ValueError(f"an order cannot be made to end with {code}")
        return cls("order-ends", order_code=code)

    @classmethod
    def list_name_case(cls) -> "Fault":
        """The names at the top of the answer get the other case of their first letter."""
        return cls("list-name-case")

    @classmethod
    def server_url_refused(cls, spelling: str = "serverURL") -> "Fault":
        """That spelling is an unrecognized argument; calls that do not use it pass and leave the fault armed."""
        return replace(cls.error("unrecognized-argument", spelling), needs_argument=spelling)


@dataclass
class ArmedFault:
    """A fault waiting for calls. `count` None means until cleared; `arguments` must all be sent as given."""

    action: str
    fault: Fault
    count: int | None = 1
    arguments: Mapping[str, str] = field(default_factory=dict)

    def meets(self, action: str, form: Form) -> bool:
        """Whether a call runs into this fault."""
        if self.fault.order_code is not None or self.action not in (ANY_ACTION, action):
            return False
        if self.fault.needs_argument and not form.has(self.fault.needs_argument):
            return False
        return all(_sent(form, name) == value for name, value in self.arguments.items())

    def ends(self, names: Collection[str]) -> bool:
        """Whether an ACME client's order for these names runs into this fault."""
        wanted = self.arguments.get("domainName")
        return self.fault.order_code is not None and (wanted is None or wanted in names)


def _sent(form: Form, name: str) -> str:
    return form.first(name) or ("N" if name == "quoteOnly" else "")


class FaultQueue:
    """The armed faults, first in, first met. Kept in memory: a restarted sandbox is a healthy one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[ArmedFault] = []

    def arm(self, armed: ArmedFault) -> None:
        """Put a fault at the end of the queue."""
        with self._lock:
            self._armed.append(armed)

    def take(self, action: str, form: Form) -> Fault | None:
        """The first fault the call meets, used up by one."""
        return self._take(lambda armed: armed.meets(action, form))

    def take_ending(self, names: Collection[str]) -> int | None:
        """By which code an ACME client's order for these names is to end, used up by one; None for a healthy end."""
        fault = self._take(lambda armed: armed.ends(names))
        return None if fault is None else fault.order_code

    def _take(self, chosen: Callable[[ArmedFault], bool]) -> Fault | None:
        with self._lock:
            armed = next((armed for armed in self._armed if chosen(armed)), None)
            if armed is None:
                return None
            self._use_up(armed)
            return armed.fault

    def _use_up(self, armed: ArmedFault) -> None:
        if armed.count is None:
            return
        armed.count -= 1
        if armed.count <= 0:
            self._armed.remove(armed)

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        """What is armed, for the control endpoint."""
        with self._lock:
            return [{"action": armed.action, "kind": armed.fault.kind, "count": armed.count} for armed in self._armed]


def apply_fault(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    """The reply of a call that met the fault; `answer` makes the change and gives the healthy reply."""
    if fault.row is not None:
        return error_reply(fault.row)
    return _BEHAVIOURS[fault.kind](fault, answer)


def _latency(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    return replace(answer(), delay=fault.seconds)


def _unreachable(_fault: Fault, _answer: Callable[[], Reply]) -> Reply:
    return Reply(cut=True, unreachable=True)


def _cut_before(_fault: Fault, _answer: Callable[[], Reply]) -> Reply:
    return Reply(cut=True)


def _cut_after(_fault: Fault, answer: Callable[[], Reply]) -> Reply:
    answer()
    return Reply(cut=True)


def _after_caller_gave_up(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    return Reply(cut=True, delay=fault.seconds, late=lambda: _discard(answer()))


def _discard(_reply: Reply) -> None:
    """Nobody listens any more."""


def _server_error(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    if fault.after:
        answer()
    return html_reply(fault.status)


def _wrong_json(fault: Fault, answer: Callable[[], Reply]) -> Reply:
    body = answer().body if fault.after else b'{ "success": true }'
    return Reply(200, {"Content-Type": JSON_TYPE}, body[: len(body) // 2])


def _list_name_case(_fault: Fault, answer: Callable[[], Reply]) -> Reply:
    reply = answer()
    text = reply.body.decode()
    for name in ("Accounts", "Servers", "Bindings", "Contacts", "Domains", "Orders", "subscriptions", "domains"):
        if f'"{name}": [' in text:
            text = text.replace(f'"{name}": [', f'"{_other_case(name)}": [', 1)
            break
    return replace(reply, body=text.encode())


def _other_case(name: str) -> str:
    return (name[0].lower() if name[0].isupper() else name[0].upper()) + name[1:]


_BEHAVIOURS: dict[str, Callable[[Fault, Callable[[], Reply]], Reply]] = {
    "latency": _latency,
    "unreachable": _unreachable,
    "cut-before": _cut_before,
    "cut-after": _cut_after,
    "after-caller-gave-up": _after_caller_gave_up,
    "server-error": _server_error,
    "wrong-json": _wrong_json,
    "list-name-case": _list_name_case,
}

FAULT_KINDS: dict[str, Callable[[Mapping[str, Any]], Fault]] = {
    "latency": lambda data: Fault.latency(float(data["seconds"])),
    "unreachable": lambda _data: Fault.unreachable(),
    "cut-before": lambda _data: Fault.cut_before(),
    "cut-after": lambda _data: Fault.cut_after(),
    "after-caller-gave-up": lambda data: Fault.after_caller_gave_up(float(data.get("seconds", 0))),
    "server-error": lambda data: Fault.server_error(int(data.get("status", 503)), after=bool(data.get("after"))),
    "wrong-json": lambda data: Fault.wrong_json(after=bool(data.get("after"))),
    "error": lambda data: _error_of(data),
    "unauthorized": lambda _data: Fault.unauthorized(),
    "too-many-requests": lambda _data: Fault.too_many_requests(),
    "order-ends": lambda data: Fault.order_ends(int(data["statusCode"])),
    "list-name-case": lambda _data: Fault.list_name_case(),
    "server-url-refused": lambda data: Fault.server_url_refused(str(data.get("spelling", "serverURL"))),
}


def _error_of(data: Mapping[str, Any]) -> Fault:
    if data.get("row") in ERROR_ROWS:
        return Fault.error(str(data["row"]), str(data.get("argument", "")))
    return Fault.error_body(int(data["status"]), str(data["type"]), str(data["detail"]))


def armed_fault_of(data: Mapping[str, Any]) -> ArmedFault:
    """The armed fault a JSON object describes (docs/sandbox.md). Raises KeyError or ValueError for a wrong one."""
    count = data.get("count", 1)
    return ArmedFault(
        action=str(data.get("action", ANY_ACTION)),
        fault=FAULT_KINDS[str(data["kind"])](data),
        count=None if count is None else int(count),
        arguments={str(name): str(value) for name, value in data.get("arguments", {}).items()},
    )
