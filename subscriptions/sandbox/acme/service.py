"""The ACME server without a network: a request in, a reply out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from ..core import Sandbox
from ..products import PRODUCTS
from .accounts import account_orders, account_resource, new_account
from .authorizations import (
    authorization_message,
    begin_authorization,
    begin_challenge,
    challenge_message,
    due_checks,
    record_check,
)
from .caa import IDENTITIES, CaaCheck, permit_everything
from .exchange import Exchange
from .issuance import begin_finalize, certificate, issue, names_due
from .jose import Jws
from .key_change import change_key
from .messages import JOSE_TYPE, AcmeReply, AcmeRequest, json_message, problem_message
from .nonces import Nonces
from .orders import begin_order, new_order, order_message
from .problems import Problem
from .renewals import renewal_info
from .revocation import revoke
from .validation import Validator

SERVERS = tuple(PRODUCTS)
TERMS_PATH = "/v2/terms"
TERMS = "The sandbox issues certificates that nobody trusts. There is nothing to agree to.\n"
RESOURCES = ("newNonce", "newAccount", "newOrder", "revokeCert", "keyChange", "renewalInfo")

Handler = Callable[..., AcmeReply]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Waiting:
    """A resource that may have something due: `begin` gives the row id of the order, `read` the reply afterwards."""

    begin: Callable[..., int]
    read: Callable[..., AcmeReply]


def _read_order(exchange: Exchange, order_id: int, *_: str) -> AcmeReply:
    return order_message(exchange, order_id)


def _read_authorization(exchange: Exchange, _order_id: int, authorization_id: str) -> AcmeReply:
    return authorization_message(exchange, authorization_id)


def _read_challenge(exchange: Exchange, _order_id: int, authorization_id: str, kind: str) -> AcmeReply:
    return challenge_message(exchange, authorization_id, kind)


# By the first part of the path, the parts after the second, and how many arguments the path holds.
WAITING = {
    ("order", 1): Waiting(begin_order, _read_order),
    ("order/finalize", 1): Waiting(begin_finalize, _read_order),
    ("authz", 1): Waiting(begin_authorization, _read_authorization),
    ("challenge", 2): Waiting(begin_challenge, _read_challenge),
}


class AcmeService:
    """Answers for a sandbox's bindings.

    `validator` decides whether a challenge is met, `check_caa` whether CAA records let this CA issue.
    """

    def __init__(self, sandbox: Sandbox, validator: Validator, check_caa: CaaCheck = permit_everything) -> None:
        self._sandbox = sandbox
        self._validator = validator
        self._check_caa = check_caa
        self._nonces = Nonces()
        self._handlers: dict[tuple[str, int], Handler] = {
            ("newAccount", 0): new_account,
            ("newOrder", 0): partial(new_order, authority=sandbox.authority),
            ("revokeCert", 0): revoke,
            ("keyChange", 0): change_key,
            ("account", 1): account_resource,
            ("account/orders", 1): account_orders,
            ("cert", 1): certificate,
        }

    def handle(self, request: AcmeRequest) -> AcmeReply:
        """Answer one request; every answer carries a fresh nonce (RFC 8555, section 6.5)."""
        try:
            reply = self._route(request)
        except Problem as problem:
            reply = problem_message(problem)
        reply.headers["Replay-Nonce"] = self._nonces.new()
        reply.headers["Cache-Control"] = "no-store"
        return reply

    def _route(self, request: AcmeRequest) -> AcmeReply:
        if request.path == TERMS_PATH:
            return AcmeReply(200, {"Content-Type": "text/plain"}, TERMS.encode())
        parts = request.path.strip("/").split("/")
        if len(parts) < 2 or parts[0] != "v2" or parts[1] not in SERVERS:
            raise Problem("unauthorized", "Invalid ACME server URL")
        server, rest = parts[1], parts[2:]
        if not rest and request.method in ("GET", "HEAD"):
            return self._directory(server)
        reply = self._resource(request, server, rest)
        reply.links.append(f'<{self._sandbox.switches.server_url(server)}>;rel="index"')
        return reply

    def _directory(self, server: str) -> AcmeReply:
        base = self._sandbox.switches.server_url(server)
        meta = {
            "termsOfService": f"{self._sandbox.switches.acme_base}{TERMS_PATH}",
            "website": "https://sectigo.com",
            "caaIdentities": list(IDENTITIES),
            "externalAccountRequired": True,
        }
        return json_message({**{name: f"{base}/{name}" for name in RESOURCES}, "meta": meta})

    def _resource(self, request: AcmeRequest, server: str, rest: list[str]) -> AcmeReply:
        if request.method in ("GET", "HEAD") and rest == ["newNonce"]:
            return AcmeReply(200 if request.method == "HEAD" else 204)
        if request.method == "GET" and rest[:1] == ["renewalInfo"] and len(rest) == 2:
            with self._sandbox.state.transaction() as db:
                return renewal_info(db, self._sandbox.clock.now(), rest[1], self._sandbox.authority)
        if request.method != "POST":
            raise Problem("malformed", "Resources are read by POST-as-GET", status=405)
        return self._signed(request, server, self._signed_request(request), rest)

    def _signed_request(self, request: AcmeRequest) -> Jws:
        if request.content_type.split(";")[0].strip() != JOSE_TYPE:
            raise Problem("malformed", f"The content type is not {JOSE_TYPE}", status=415)
        try:
            content = json.loads(request.body)
        except ValueError as error:
            raise Problem("malformed", "The body is not JSON") from error
        jws = Jws.parse(content)
        if ("jwk" in jws.protected) == ("kid" in jws.protected):
            raise Problem("malformed", "The header needs either jwk or kid")
        if jws.protected.get("url") != self._sandbox.switches.acme_base + request.path:
            raise Problem("unauthorized", "The url in the header is not the requested one")
        if not self._nonces.use(jws.protected.get("nonce")):
            raise Problem("badNonce", "The nonce is unknown or used")
        return jws

    def _signed(self, request: AcmeRequest, server: str, jws: Jws, rest: list[str]) -> AcmeReply:
        def inside(step: Callable[..., Result], *arguments: Any) -> Result:
            with self._sandbox.state.transaction() as db:
                now = self._sandbox.clock.now()
                return step(Exchange(db, now, self._sandbox.switches, server, request, jws), *arguments)

        count = 3 if rest[:1] == ["challenge"] else 2
        name, arguments = "/".join(rest[:1] + rest[count:]), rest[1:count]
        waiting = WAITING.get((name, len(arguments)))
        if waiting is not None:
            order_id = inside(waiting.begin, *arguments)
            self._do_what_is_due(inside, order_id)
            return inside(waiting.read, order_id, *arguments)
        handler = self._handlers.get((name, len(arguments)))
        if handler is None:
            raise Problem("malformed", "There is no such resource", status=404)
        return inside(handler, *arguments)

    def _do_what_is_due(self, inside: Callable[..., Any], order_id: int) -> None:
        """Look names up with no transaction open, for that takes time; then write down what came of it."""
        for check in inside(due_checks, order_id):
            problem = _problem_of(self._validator, check.attempt)
            inside(record_check, check.authorization_id, problem)
        names = inside(names_due, order_id)
        if names:
            refusal = self._refusal(names)
            inside(issue, order_id, self._sandbox.authority, refusal, self._sandbox.faults.take_ending)

    def _refusal(self, names: list[str]) -> Problem | None:
        """What CAA records say against one of the names, where they are to be looked at."""
        checked = names if self._sandbox.switches.check_caa else []
        return next((problem for name in checked if (problem := _problem_of(self._check_caa, name))), None)


def _problem_of(check: Callable[[Any], None], subject: object) -> Problem | None:
    try:
        check(subject)
    except Problem as problem:
        return problem
    return None
