"""The ACME server without a network: a request in, a reply out."""

import json
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from ..core import Sandbox
from .accounts import account_orders, account_resource, new_account
from .authorizations import authorization_resource, begin_challenge, challenge_message, record_attempt
from .exchange import Exchange
from .jose import Jws
from .messages import JOSE_TYPE, AcmeReply, AcmeRequest, json_message, problem_message
from .nonces import Nonces
from .orders import certificate, finalize, new_order, order_resource
from .problems import Problem
from .revocation import revoke
from .validation import Failed, Validator

SERVERS = ("DV", "OV")
TERMS_PATH = "/v2/terms"
TERMS = "The sandbox issues certificates that nobody trusts. There is nothing to agree to.\n"

Handler = Callable[..., AcmeReply]
Result = TypeVar("Result")


class AcmeService:
    """Answers for a sandbox's bindings; `validator` decides whether a challenge is met."""

    def __init__(self, sandbox: Sandbox, validator: Validator) -> None:
        self._sandbox = sandbox
        self._validator = validator
        self._nonces = Nonces()
        self._handlers: dict[tuple[str, int], Handler] = {
            ("newAccount", 0): new_account,
            ("newOrder", 0): new_order,
            ("revokeCert", 0): revoke,
            ("account", 1): account_resource,
            ("account/orders", 1): account_orders,
            ("order", 1): order_resource,
            ("order/finalize", 1): partial(finalize, authority=sandbox.authority),
            ("authz", 1): authorization_resource,
            ("cert", 1): certificate,
        }

    def handle(self, request: AcmeRequest) -> AcmeReply:
        """Answer one request; every answer carries a fresh nonce (RFC 8555, section 6.5)."""
        try:
            reply = self._route(request)
        except Problem as problem:
            reply = problem_message(problem.document)
        reply.headers["Replay-Nonce"] = self._nonces.new()
        reply.headers["Cache-Control"] = "no-store"
        return reply

    def _route(self, request: AcmeRequest) -> AcmeReply:
        if request.path == TERMS_PATH:
            return AcmeReply(200, {"Content-Type": "text/plain"}, TERMS.encode())
        parts = request.path.strip("/").split("/")
        if len(parts) < 2 or parts[0] != "v2" or parts[1] not in SERVERS:
            raise Problem("malformed", "There is no such directory", status=404)
        server, rest = parts[1], parts[2:]
        if not rest and request.method in ("GET", "HEAD"):
            return self._directory(server)
        reply = self._resource(request, server, rest)
        reply.links.append(f'<{self._sandbox.switches.server_url(server)}>;rel="index"')
        return reply

    def _directory(self, server: str) -> AcmeReply:
        base = self._sandbox.switches.server_url(server)
        resources = {name: f"{base}/{name}" for name in ("newNonce", "newAccount", "newOrder", "revokeCert")}
        meta = {
            "termsOfService": f"{self._sandbox.switches.acme_base}{TERMS_PATH}",
            "website": "https://sectigo.com",
            "caaIdentities": ["sectigo.com"],
            "externalAccountRequired": True,
        }
        return json_message({**resources, "meta": meta})

    def _resource(self, request: AcmeRequest, server: str, rest: list[str]) -> AcmeReply:
        if rest == ["newNonce"] and request.method in ("GET", "HEAD"):
            return AcmeReply(200 if request.method == "HEAD" else 204)
        if request.method != "POST":
            raise Problem("malformed", "Resources are read by POST-as-GET", status=405)
        jws = self._signed_request(request)
        if rest[:1] == ["challenge"] and len(rest) == 3:
            return self._challenge(request, server, jws, rest[1], rest[2])
        name, arguments = "/".join(rest[:1] + rest[2:]), rest[1:2]
        handler = self._handlers.get((name, len(arguments)))
        if handler is None:
            raise Problem("malformed", "There is no such resource", status=404)
        return self._inside(request, server, jws, lambda exchange: handler(exchange, *arguments))

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

    def _challenge(self, request: AcmeRequest, server: str, jws: Jws, authorization_id: str, kind: str) -> AcmeReply:
        """Check with no transaction open: looking up names takes time."""

        def inside(step: Callable[[Exchange], Result]) -> Result:
            return self._inside(request, server, jws, step)

        attempt = inside(lambda exchange: begin_challenge(exchange, authorization_id, kind))
        if attempt is not None:
            problem = None
            try:
                self._validator(attempt)
            except Failed as failed:
                problem = failed.document
            inside(lambda exchange: record_attempt(exchange, authorization_id, kind, problem))
        return inside(lambda exchange: challenge_message(exchange, authorization_id, kind))

    def _inside(self, request: AcmeRequest, server: str, jws: Jws, step: Callable[[Exchange], Result]) -> Result:
        now = self._sandbox.clock.now()
        with self._sandbox.state.transaction() as db:
            return step(Exchange(db, now, self._sandbox.switches, server, request, jws))
