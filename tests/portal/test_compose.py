"""The compose file and the Dockerfile, read: no container engine is needed."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from portal.process_secrets import ALL, NEEDED
from portal.processes import Ports, commands
from tests.services import require_service

ROOT: Path = settings.BASE_DIR
WORKERS = ["worker-now", "worker-later"]
STAYING = ["web", *WORKERS, "beat"]
OURS = [*STAYING, "migrate"]
ENDING = ["migrate", "backup"]
NOT_TOLD = {"worker-later": {"EMAIL_URL"}}  # it takes no message of the queue `mail`


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
    assert sorted(services) == sorted([*OURS, "postgres", "redis", "backup"])
    assert {name: service["image"] for name, service in services.items() if name in OURS} == dict.fromkeys(
        OURS, "caas-portal:local"
    )


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    tests = {name: service["healthcheck"].get("test") for name, service in services.items()}

    assert {name for name, test in tests.items() if test is None} == set(ENDING)
    assert services["migrate"]["healthcheck"] == {"disable": True}
    assert {name: tests[name][-2:] for name in STAYING} == {name: ["probe", name.partition("-")[0]] for name in STAYING}


def test_what_ends_is_started_again(services: dict[str, Any]) -> None:
    restarts = {name: service["restart"] for name, service in services.items() if name not in ENDING}
    assert restarts == dict.fromkeys([*STAYING, "postgres", "redis"], "unless-stopped")


def test_workers_are_those_of_a_local_run(services: dict[str, Any]) -> None:
    local = commands(Ports(1, 2, 3), state=Path("state"))
    for name in WORKERS:
        assert sorted(services[name]["command"][3:]) == sorted(local[name][6:])
        assert services[name]["command"][:3] == ["celery", "--app=portal", "worker"]


def test_each_service_is_told_its_own_secrets_only(services: dict[str, Any]) -> None:
    for name in OURS:
        environment, process = services[name]["environment"], name.partition("-")[0]
        expected = NEEDED[process] - NOT_TOLD.get(name, set())
        told = {key.removesuffix("_FILE") for key in environment if key.endswith("_FILE")}
        assert (name, environment["PORTAL_PROCESS"], told) == (name, process, expected)
        assert sorted(services[name]["secrets"]) == sorted(secret.lower() for secret in expected)
        assert {environment[f"{key}_FILE"] for key in told} == {f"/run/secrets/{key.lower()}" for key in told}
        # Empty, so that what stands in `.env`, which all are given, does not get in.
        assert {environment[key] for key in ALL} == {""}


def test_the_servers_are_told_their_passwords_only(services: dict[str, Any]) -> None:
    assert services["postgres"]["secrets"] == ["postgres_password", "database_password"]
    assert services["redis"]["secrets"] == ["redis_password"]
    assert "environment" not in services["redis"]
    assert services["postgres"]["environment"] == {"POSTGRES_PASSWORD_FILE": "/run/secrets/postgres_password"}


def test_networks_are_apart(compose: dict[str, Any], services: dict[str, Any]) -> None:
    assert {name: service["networks"] for name, service in services.items()} == {
        "migrate": ["database"],
        "web": ["entrance", "database", "broker"],
        "worker-now": ["database", "broker", "outside"],
        "worker-later": ["database", "broker", "outside"],
        "beat": ["broker"],
        "postgres": ["database"],
        "backup": ["database"],
        "redis": ["broker"],
    }
    assert {name for name, network in compose["networks"].items() if network == {"internal": True}} == {
        "database",
        "broker",
    }
    assert compose["networks"]["entrance"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


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


def test_images_name_their_series_so_that_patches_come_with_a_pull(services: dict[str, Any]) -> None:
    images = [services[name]["image"] for name in ("postgres", "redis")]
    images += re.findall(r"^FROM (\S+)", dockerfile(), re.MULTILINE)

    assert images == [
        "postgres:16-bookworm",  # PostgreSQL's patches are 16.1, 16.2, …
        "redis:7.4-bookworm",
        *["python:3.11-slim-bookworm"] * 2,
    ]


def test_every_secret_is_a_file_that_is_ignored(compose: dict[str, Any], services: dict[str, Any]) -> None:
    used = {secret for service in services.values() for secret in service.get("secrets", [])}

    assert compose["secrets"] == {name: {"file": f"./secrets/{name}"} for name in used}
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert "secrets" in (ROOT / ".dockerignore").read_text().splitlines()


def test_containers_have_few_rights(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert (name, service["read_only"], service["cap_drop"]) == (name, True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in service["tmpfs"]
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
        assert 0 < service["pids_limit"] <= 256
        assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert {services[name]["user"] for name in ("postgres", "redis")} == {"999:999"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert [name for name in services if "ports" in services[name]] == ["web"]


def test_redis_keeps_within_its_memory(services: dict[str, Any]) -> None:
    script = services["redis"]["command"][-1]
    assert "--maxmemory 256mb --maxmemory-policy noeviction" in script
    assert services["redis"]["mem_limit"] == "512m"


def test_the_image_runs_as_a_user_without_rights() -> None:
    text = dockerfile()

    assert text.index("\nUSER portal\n") < text.index("\nCMD ")
    assert text.count("\nFROM ") == 2
    assert "HEALTHCHECK" in text
    assert "--require-hashes" in text
    assert not re.search(r"^ENV.*SECRET_KEY", text, re.MULTILINE)


def test_the_image_has_the_python_that_the_tests_run() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["requires-python"] == ">=3.11"
    (version,) = set(re.findall(r"^FROM python:(\d+\.\d+)-", dockerfile(), re.MULTILINE))
    running = ".".join(map(str, sys.version_info[:2]))
    require_service(f"Python {version}, the image's", version == running, f"the tests run {running}")


def test_what_the_image_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", dockerfile(), re.MULTILINE)

    assert len(copied) == 7
    assert [name for name in copied if not (ROOT / name).exists()] == []
