"""A CA that answers from a script and remembers what it was asked: the fake transport under the real client."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from subscriptions.caas.client import CaasClient
from subscriptions.caas.transport import Timeouts

URL = "https://secure.trust-provider.com/products/!ACMEAdmin"
LOGIN_NAME = "northwind"
LOGIN_PASSWORD = "Tr0ub4dor & 3%"
UNAUTHORIZED = "urn:sectigo:params:acme:error:unauthorized"
MALFORMED = "urn:sectigo:params:acme:error:malformed"

Answer = httpx.Response | Exception


def reply(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON reply; a text or bytes is sent as it stands."""
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return httpx.Response(status, content=content, headers=headers)


def refusal(status: int, detail: str, error_type: str = UNAUTHORIZED) -> httpx.Response:
    """The CA's own error body."""
    return reply({"type": error_type, "detail": detail}, status)


@dataclass
class ScriptedCa:
    """Gives the answers in order and then no more."""

    answers: list[Answer]
    requests: list[httpx.Request] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)

    def transport(self, connection: str) -> httpx.MockTransport:
        """A transport that notes which of the two pools a request came through."""
        return httpx.MockTransport(self._handler(connection))

    def forms(self) -> list[list[tuple[str, str]]]:
        """The forms received, field by field in order, without the login."""
        return [self._without_login(request) for request in self.requests]

    def _handler(self, connection: str) -> Callable[[httpx.Request], httpx.Response]:
        def handle(request: httpx.Request) -> httpx.Response:
            self.connections.append(connection)
            self.requests.append(request)
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return handle

    @staticmethod
    def _without_login(request: httpx.Request) -> list[tuple[str, str]]:
        form = parse_qsl(request.content.decode(), keep_blank_values=True, strict_parsing=True)
        assert form[:2] == [("loginName", LOGIN_NAME), ("loginPassword", LOGIN_PASSWORD)]
        return form[2:]


class Unlimited:
    """Lets every call through."""

    def slot(self, *, changes: bool, charges: bool, action: str) -> AbstractContextManager[None]:
        return nullcontext()


def yes() -> bool:
    """A last look that always lets the call go."""
    return True


@contextmanager
def scripted(*answers: Answer, **options: Any) -> Iterator[tuple[CaasClient, ScriptedCa]]:
    """A client of a CA that gives these answers; at the end all of them must have been asked for."""
    ca = ScriptedCa(list(answers))
    given: dict[str, Any] = {
        "url": URL,
        "login_name": LOGIN_NAME,
        "login_password": LOGIN_PASSWORD,
        "timeout": Timeouts(connect=1, read=1, total=2),
        "limiter": Unlimited(),
        "read_transport": ca.transport("reads"),
        "change_transport": ca.transport("changes"),
    }
    with CaasClient(**(given | options)) as client:
        yield client, ca
    assert ca.answers == []
