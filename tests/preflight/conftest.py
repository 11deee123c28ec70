"""A resolver on loopback, and a question to ask of it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from subscriptions.preflight.question import Ports, Question
from tests.preflight.name_server import NameServer

NAME = "shop.example.com"
IDENTIFIERS = ("sectigo.com", "usertrust.com")


@pytest.fixture
def resolver(settings: Settings) -> Iterator[NameServer]:
    """The only name server that is asked; nothing but public addresses may be connected to."""
    with NameServer() as server:
        settings.OUTBOUND, settings.OUTBOUND_RESOLVERS = True, [server.setting]
        yield server


@pytest.fixture
def loopback(settings: Settings, resolver: NameServer) -> NameServer:
    """The same, where servers on loopback may be connected to."""
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    return resolver


def ask_about(name: str = NAME, *, wants_http: bool = True, seconds: float = 5.0, **ports: int) -> Question:
    """Make a question as `examine` does."""
    return Question(name, IDENTIFIERS, wants_http, time.monotonic() + seconds, Ports(**ports))


def told(looks: list[Any]) -> list[tuple[str, str]]:
    """Give outcome and code of each look."""
    return [(str(look.outcome), look.code) for look in looks]
