"""The switches of the sandbox on this machine, as the demo turns them."""

from typing import Any

import httpx

TIMEOUT = 10.0  # seconds


class SandboxUnreachableError(Exception):
    """The sandbox did not take what it was told."""


def tell_sandbox(url: str, content: dict[str, Any]) -> None:
    """Send a switch its position; raises SandboxUnreachableError."""
    try:
        httpx.post(url, json=content, timeout=TIMEOUT, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise SandboxUnreachableError(f"{url}: {error}") from error
