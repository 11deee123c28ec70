"""Requests and replies of the ACME side, without the network."""

import json
from dataclasses import dataclass, field
from typing import Any

from .problems import Problem

JOSE_TYPE = "application/jose+json"
PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class AcmeRequest:
    """What a client sent, and from where. `path` starts at `/v2/`."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = ""
    user_agent: str = ""
    ip_address: str = ""


@dataclass
class AcmeReply:
    """What it is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    links: list[str] = field(default_factory=list)


def json_message(content: dict[str, Any], status: int = 200, **headers: str) -> AcmeReply:
    """A resource; header names are given with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return AcmeReply(status, {"Content-Type": "application/json", **named}, json.dumps(content).encode())


def problem_message(problem: Problem) -> AcmeReply:
    """The problem document of a request that ends with it."""
    headers = {"Content-Type": PROBLEM_TYPE, **problem.headers}
    return AcmeReply(problem.status, headers, json.dumps(problem.document).encode())
