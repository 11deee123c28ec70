"""PostgreSQL keeps the plans of statements that a connection repeats, but where a pooler stands before it."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from subscriptions.models import WorkerHeartbeat

SETTINGS = Path(__file__).resolve().parents[2] / "portal" / "settings.py"
KEPT = {"server_side_binding": True, "prepare_threshold": 2}


@pytest.mark.django_db
def test_a_statement_that_is_repeated_is_kept() -> None:
    for name in ("one", "two", "three", "four"):
        assert not WorkerHeartbeat.objects.filter(name=name).exists()
    kept = None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%workerheartbeat%"])
            [kept] = cursor.fetchone()
    assert (connection.vendor, kept) in {("postgresql", 1), ("sqlite", None)}


@pytest.mark.parametrize(("said", "options"), [("true", KEPT), ("false", {})])
def test_none_is_kept_behind_a_pooler(monkeypatch: pytest.MonkeyPatch, said: str, options: dict[str, Any]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://portal@127.0.0.1/portal")
    monkeypatch.setenv("DATABASE_PREPARED_STATEMENTS", said)
    told = runpy.run_path(str(SETTINGS))["DATABASES"]["default"]["OPTIONS"]
    assert {name: told.get(name) for name in KEPT if name in told} == options
