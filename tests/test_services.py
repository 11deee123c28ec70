import pytest

from tests.services import require_service


def test_available_service_goes_on() -> None:
    require_service("Pebble", True, "never said")


def test_missing_service_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Pebble is not available: install the package pebble"):
        require_service("Pebble", False, "install the package pebble")


def test_missing_service_fails_where_services_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="REQUIRE_SERVICES=1, but Pebble is not available"):
        require_service("Pebble", False, "install the package pebble")
