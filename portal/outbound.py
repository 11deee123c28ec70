"""Every call that leaves this process and is not the CA's admin API; those have a client of their own."""

from collections.abc import Mapping
from typing import Any

import httpx
from django.conf import settings

TIMEOUT = 10.0  # seconds


class OutboundError(Exception):
    """A call was not answered, or answered with an error."""


def is_on() -> bool:
    """Whether the portal may reach out at all (`OUTBOUND`)."""
    return bool(settings.OUTBOUND)


def post_json(url: str, content: Mapping[str, Any]) -> None:
    """Send a JSON object; raises OutboundError where it was not taken."""
    try:
        httpx.post(url, json=dict(content), timeout=TIMEOUT, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise OutboundError(f"{url}: {error}") from error
