"""What is told few secrets does its work with them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from portal.process_secrets import ALL, NEEDED, needs
from tests.waiting import wait_for

pytestmark = pytest.mark.long


def environment(process: str, folder: Path, **more: str) -> dict[str, str]:
    told = {"ENV_FILE": os.devnull, "VAR_DIR": str(folder), "PORTAL_PROCESS": process}
    return {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings"} | told | more


def test_it_works() -> None:
    assert needs("worker", "CAAS_LOGIN_PASSWORD")
    assert [process for process in NEEDED if needs(process, "ENCRYPTION_KEYS")] == ["web", "worker"]
    assert all(needs("", name) for name in ALL)


def test_migrations_need_the_database_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/portal.sqlite3"
    command = [sys.executable, "manage.py", "migrate", "--noinput"]
    env = environment("migrate", tmp_path, DATABASE_URL=url)
    subprocess.run(command, cwd=settings.BASE_DIR, env=env, check=True, capture_output=True)

    assert (tmp_path / "portal.sqlite3").exists()


def test_beat_needs_the_broker_only(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "celery", "-A", "portal", "beat", "--loglevel=INFO"]
    with log.open("w") as out:
        beat = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment("beat", tmp_path), stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: list((tmp_path / "broker" / "queue").glob("*.now.msg")), what="a message of beat")
        probe = [sys.executable, "manage.py", "probe", "beat"]
        subprocess.run(probe, cwd=settings.BASE_DIR, env=environment("beat", tmp_path), check=True)
    finally:
        beat.terminate()
        beat.wait()
    assert not (tmp_path / "portal.sqlite3").exists(), log.read_text()


@pytest.mark.parametrize("process", ["web", "worker"])
def test_what_needs_a_key_does_not_start_without(tmp_path: Path, process: str) -> None:
    env = environment(process, tmp_path, SECRET_KEY="x" * 40)
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "portal.E002" in done.stderr
