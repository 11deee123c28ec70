"""The namespace of the client tests for whole stories, and the browser that the other tests share."""

from collections.abc import Iterator

import pytest

from tests.clients.conftest import namespace, why_no_namespace
from tests.flows.browser import chromium
from tests.flows.screen import Screen
from tests.services import require_service

__all__ = ["namespace", "why_no_namespace"]


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """The system's Chromium, started once; a skip with the reason where there is none."""
    path = chromium()
    require_service("Chromium", path is not None, "no chromium on the path")
    running = Screen(str(path))
    yield running
    running.close()
