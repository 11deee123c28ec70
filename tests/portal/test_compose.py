"""The compose file and the Dockerfile, read: no container engine is needed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from portal.processes import Ports, commands

ROOT: Path = settings.BASE_DIR
WORKERS = ["worker-now", "worker-later"]
STAYING = ["web", *WORKERS, "beat"]
OURS = [*STAYING, "migrate"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_it_works(services: dict[str, Any]) -> None:
    assert sorted(services) == sorted([*OURS, "postgres", "redis"])
    assert {name: service["image"] for name, service in services.items() if name in OURS} == dict.fromkeys(
        OURS, "caas-portal:local"
    )


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    tests = {name: service["healthcheck"].get("test") for name, service in services.items()}

    assert {name for name, test in tests.items() if test is None} == {"migrate"}
    assert services["migrate"]["healthcheck"] == {"disable": True}
    assert {name: tests[name][-2:] for name in STAYING} == {name: ["probe", name.partition("-")[0]] for name in STAYING}


def test_what_ends_is_started_again(services: dict[str, Any]) -> None:
    restarts = {name: service["restart"] for name, service in services.items() if name != "migrate"}
    assert restarts == dict.fromkeys([*STAYING, "postgres", "redis"], "unless-stopped")


def test_workers_are_those_of_a_local_run(services: dict[str, Any]) -> None:
    local = commands(Ports(1, 2, 3), state=Path("state"))
    for name in WORKERS:
        assert sorted(services[name]["command"][3:]) == sorted(local[name][6:])
        assert services[name]["command"][:3] == ["celery", "--app=portal", "worker"]


def test_only_workers_are_told_the_login_of_the_ca(services: dict[str, Any]) -> None:
    for name in OURS:
        environment = services[name]["environment"]
        files = sorted(key for key in environment if key.startswith("CAAS_LOGIN") and key.endswith("_FILE"))
        held = sorted(secret for secret in services[name]["secrets"] if secret.startswith("caas"))
        if name in WORKERS:
            assert files == ["CAAS_LOGIN_NAME_FILE", "CAAS_LOGIN_PASSWORD_FILE"]
            assert held == ["caas_login_name", "caas_login_password"]
        else:
            assert (files, held) == ([], [])
            assert environment["CAAS_LOGIN_NAME"] == environment["CAAS_LOGIN_PASSWORD"] == ""


def test_migrations_run_once_and_before_the_rest(services: dict[str, Any]) -> None:
    assert [name for name in services if "migrate" in str(services[name].get("command", ""))] == ["migrate"]
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in STAYING:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_what_was_seen_of_the_ledger_outlives_the_workers(compose: dict[str, Any], services: dict[str, Any]) -> None:
    for name in WORKERS:
        assert services[name]["volumes"] == ["ledger-seen:/data"]
        assert services[name]["tmpfs"] == ["/tmp"]
    assert "ledger-seen" in compose["volumes"]
    assert "VAR_DIR=/data" in dockerfile()


def test_images_are_pinned(services: dict[str, Any]) -> None:
    images = [services[name]["image"] for name in ("postgres", "redis")]
    images += re.findall(r"^FROM (\S+)", dockerfile(), re.MULTILINE)

    assert len(images) == 4
    assert [image for image in images if not re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+", image)] == []


def test_every_secret_is_a_file_that_is_ignored(compose: dict[str, Any], services: dict[str, Any]) -> None:
    used = {secret for service in services.values() for secret in service.get("secrets", [])}

    assert compose["secrets"] == {name: {"file": f"./secrets/{name}"} for name in used}
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "secrets" in (ROOT / ".dockerignore").read_text().splitlines()


def test_our_containers_have_few_rights(services: dict[str, Any]) -> None:
    for name in OURS:
        service = services[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert [name for name in services if "ports" in services[name]] == ["web"]


def test_the_image_runs_as_a_user_without_rights() -> None:
    text = dockerfile()

    assert text.index("\nUSER portal\n") < text.index("\nCMD ")
    assert text.count("\nFROM ") == 2
    assert "HEALTHCHECK" in text
    assert "--require-hashes" in text
    assert not re.search(r"^ENV.*SECRET_KEY", text, re.MULTILINE)


def test_the_image_has_a_python_that_the_project_allows() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        required = tomllib.load(file)["project"]["requires-python"]
    versions = [
        tuple(map(int, found)) for found in re.findall(r"^FROM python:(\d+)\.(\d+)", dockerfile(), re.MULTILINE)
    ]

    assert required == ">=3.11"
    assert [version >= (3, 11) for version in versions] == [True, True]


def test_what_the_image_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", dockerfile(), re.MULTILINE)

    assert len(copied) == 7
    assert [name for name in copied if not (ROOT / name).exists()] == []
