"""One call of the CA's admin API and its reading, and a list page by page; `client` says which calls there are."""

import ipaddress
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Self, TypeVar

import httpx

from . import refusals, sentences, wire_requests
from .errors import (
    REFUSAL_CLASSES,
    CaasError,
    InsecureUrlError,
    LookRefused,
    NotSent,
    OutcomeUnknown,
    Refused,
    UnreadableReply,
)
from .evidence import Redactor
from .last_look import Clock, LastLook, moment
from .limits import Limiter
from .parsing import Unreadable, decode
from .transport import Carrier, Reply, Silence, Timeouts
from .types import Secret
from .wire_requests import Action

T = TypeVar("T")

# The guide names neither the default nor the largest page size; this is a wish the CA may cut, as pages are
# read until one brings nothing new.
PAGE_SIZE = 100
# A list that has not ended by then is not a list; without a bound it would hold the caller for ever.
MAX_PAGES = 2000


class Caller:
    """A login at the CA, and what carries its calls there; one may be used by many threads at once.

    Every call enters a slot of `limiter` once per HTTP request (each page of a list is one), and takes at most
    `timeout.total` seconds from there. Nothing is ever sent twice.

    A method that changes something takes a `last_look`, which the calling thread asks when the connection stands and
    nothing is written yet. Unless it says yes within LOOK_HOLDS seconds nothing is sent: raises LookRefused where it
    said no, else NotSent. A look that hangs holds up its own caller only.

    Nothing may be sent over plain HTTP except to this machine: raises InsecureUrlError.
    """

    def __init__(
        self,
        *,
        url: str,
        login_name: str,
        login_password: str,
        timeout: Timeouts,
        limiter: Limiter,
        read_transport: httpx.AsyncBaseTransport | None = None,
        change_transport: httpx.AsyncBaseTransport | None = None,
        clock: Clock = moment,
    ) -> None:
        parsed = _checked_url(url)
        self._host = parsed.host
        self._login_name = Secret(login_name)
        self._login_password = Secret(login_password)
        self._redactor = Redactor(login_password)
        self._limiter = limiter
        self._carrier = Carrier(
            url=parsed,
            timeout=timeout,
            trust_environment=not _is_loopback(parsed.host),
            read_transport=read_transport,
            change_transport=change_transport,
            clock=clock,
        )
        self._clock_offset: timedelta | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self._host}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections and the thread; a call in flight ends with NotSent or, once begun, OutcomeUnknown."""
        self._carrier.close()

    def ca_clock_offset(self) -> timedelta | None:
        """How far the CA's clock was ahead of this host's when it last answered (its `Date`, RFC 9110 6.6.1).

        Exact to about a second and half the time of that exchange; None before any answer told the time.
        """
        return self._clock_offset

    def _read(self, form: Mapping[str, str], reader: Callable[[object], T]) -> T:
        return self._call(form, reader)[0]

    def _read_pages(
        self,
        form: Mapping[str, str],
        reader: Callable[[object], tuple[T, ...]],
        *,
        key: Callable[[T], str],
    ) -> tuple[T, ...]:
        action = Action(form["action"])
        found: dict[str, T] = {}
        for page in range(MAX_PAGES):
            known = len(found)
            paged = {**form, **wire_requests.page_fields(action, page=page, size=PAGE_SIZE)}
            for item in self._read(paged, reader):
                found.setdefault(key(item), item)
            if len(found) == known:
                return tuple(found.values())
        raise UnreadableReply(sentences.endless(MAX_PAGES), evidence={"action": action.value})

    def _call(
        self,
        form: Mapping[str, str],
        reader: Callable[[object], T],
        *,
        last_look: LastLook | None = None,
        charges: bool = False,
    ) -> tuple[T, dict[str, Any]]:
        """One HTTP call and its reading, one that changes something if it has a look; and the whole reply, redacted."""
        action = form["action"]
        with self._limiter.slot(changes=last_look is not None, charges=charges, action=action):
            login = wire_requests.login_fields(self._login_name.reveal(), self._login_password.reveal())
            reply = self._carrier.post({**login, **form}, look=last_look)
            del login
            if isinstance(reply, Silence):
                raise self._no_answer(action, reply) from reply.look_failure
            if reply.clock_offset is not None:
                self._clock_offset = reply.clock_offset
            payload = self._accepted(action, reply)
            return self._result(action, reply, payload, reader), self._redactor.value(payload)

    def _accepted(self, action: str, reply: Reply) -> dict[str, Any]:
        """The reply's JSON object, if the CA says that it did what was asked."""
        try:
            payload = decode(reply.body)
        except Unreadable:
            payload = None
        if refusal := self._refusal(action, reply, payload):
            raise refusal
        if not 200 <= reply.status <= 299:
            raise self._failed(OutcomeUnknown, sentences.of_status(reply.status), action, reply)
        if not isinstance(payload, dict):
            raise self._failed(UnreadableReply, sentences.UNREADABLE, action, reply, "not a JSON object")
        if refusals.denies_success(payload):
            raise self._failed(OutcomeUnknown, sentences.NO_SUCCESS, action, reply)
        return payload

    def _refusal(self, action: str, reply: Reply, payload: object) -> Refused | None:
        known = refusals.refusal(reply.status, payload)
        if known is None:
            return None
        detail = self._redactor.text(known.detail)
        error = REFUSAL_CLASSES.get(known.reason, Refused)(
            sentences.of_refusal(known.reason, reply.status, detail),
            http_status=reply.status,
            error_type=self._redactor.text(known.error_type),
            detail=detail,
            reason=known.reason,
            evidence=self._evidence(action, reply),
        )
        error.retry_after = reply.retry_after
        return error

    def _result(self, action: str, reply: Reply, payload: dict[str, Any], reader: Callable[[object], T]) -> T:
        try:
            return reader(payload)
        except Unreadable as failure:
            problem = str(failure)
        raise self._failed(UnreadableReply, sentences.UNREADABLE, action, reply, problem)

    def _failed(
        self, error: type[OutcomeUnknown], sentence: str, action: str, reply: Reply, failure: str = ""
    ) -> OutcomeUnknown:
        evidence = self._evidence(action, reply)
        if failure:
            evidence["failure"] = self._redactor.text(failure)
        failed = error(sentence, evidence=evidence)
        failed.retry_after = reply.retry_after
        return failed

    def _no_answer(self, action: str, silence: Silence) -> CaasError:
        evidence = {
            "action": action,
            "http_status": None,
            "body": "",
            "failure": self._redactor.text(silence.failure),
            "elapsed_seconds": round(silence.elapsed_seconds, 3),
        }
        unsent = LookRefused if silence.look_refused else NotSent
        error = OutcomeUnknown if silence.sent else unsent
        return error(self._redactor.text(silence.sentence), evidence=evidence)

    def _evidence(self, action: str, reply: Reply) -> dict[str, Any]:
        return {
            "action": action,
            "http_status": reply.status,
            "body": self._redactor.excerpt(reply.body),
            "elapsed_seconds": round(reply.elapsed_seconds, 3),
        }


def _checked_url(url: str) -> httpx.URL:
    parsed = httpx.URL(url)
    if not parsed.host:
        raise InsecureUrlError("the CA's address has no host")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _is_loopback(parsed.host)):
        raise InsecureUrlError(f"the CA's address must be https: {parsed.scheme}://{parsed.host}")
    return parsed


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
