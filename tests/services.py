"""What a test needs that may be missing on a machine: skipped with the reason, or a failure in CI."""

import os

import pytest


def require_service(name: str, available: bool, why: str) -> None:
    """Go on only if the service is there. Otherwise skip with the reason; fail where REQUIRE_SERVICES=1."""
    if available:
        return
    reason = f"{name} is not available: {why}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1, but {reason}", pytrace=False)
    pytest.skip(reason)
