from collections.abc import Iterator

import pytest

from tests.services import require_service

from . import namespace as namespaces
from .customer import Customer, missing_tools
from .namespace import Namespace
from .sandbox_ca import SandboxCa


def pytest_itemcollected(item: pytest.Item) -> None:
    # `make test` leaves out `clients` only, so nothing that runs on demand may lack it.
    if item.get_closest_marker("clients_all"):
        item.add_marker("clients")


@pytest.fixture(scope="session")
def why_no_namespace() -> str | None:
    return namespaces.why_unavailable()


@pytest.fixture
def namespace(why_no_namespace: str | None) -> Iterator[Namespace]:
    require_service("a network namespace", why_no_namespace is None, str(why_no_namespace))
    machine = Namespace.start()
    yield machine
    machine.close()


@pytest.fixture
def customer(namespace: Namespace) -> Customer:
    missing = missing_tools("pebble", "named", "curl", "openssl")
    require_service("the test CA", not missing, f"not installed: {missing}")
    return Customer.sits_down(namespace)


@pytest.fixture
def sandbox(namespace: Namespace) -> SandboxCa:
    missing = missing_tools("named", "curl", "openssl")
    require_service("the sandbox's names", not missing, f"not installed: {missing}")
    return SandboxCa.starts(namespace)
