"""Over HTTPS every cookie is bound to the portal's host by its name."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

pytestmark = pytest.mark.long

USUAL = {"csrftoken", "messages", "sessionid"}
SHOW = """
import json, django
from django.conf import settings
from django.contrib.auth import get_user_model
django.setup()
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
call_command("migrate", verbosity=0)
get_user_model().objects.create_user("olga@northwind.example", "a long and good one")
client = Client(enforce_csrf_checks=True)
get, post = (lambda *a: client.get(*a, secure=True)), (lambda *a, **k: client.post(*a, secure=True, **k))
get("/auth/login/")
def fields(**more): return more | {"csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value}
origin = {"Origin": "https://testserver"}
signed_in = post("/auth/login/", fields(login="olga@northwind.example", password="a long and good one"), headers=origin)
get("/")
made = dict(client.cookies)
out = post("/auth/logout/", fields(), headers=origin)
made |= dict(out.cookies)
cookies = {name: {key: str(value) for key, value in one.items() if value} for name, one in made.items()}
print(json.dumps({"statuses": [signed_in.status_code, out.status_code], "cookies": cookies}))
"""


def cookies(secure: str) -> dict[str, Any]:
    """Sign in and out with settings of their own, which are read once: give the cookies that came."""
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SECURE_COOKIES": secure,
        "DATABASE_URL": "sqlite://:memory:",
    }
    done = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["statuses"] == [302, 302]
    kept: dict[str, Any] = found["cookies"]
    return kept


def test_over_https_browsers_take_them_from_this_host_only() -> None:
    found = cookies("true")

    assert {f"__Host-{name}" for name in USUAL} <= found.keys()
    for name, attributes in found.items():
        assert (name.startswith("__Host-"), attributes["path"], attributes["secure"]) == (True, "/", "True"), name
        assert "domain" not in attributes


def test_over_http_they_have_their_usual_names() -> None:
    found = cookies("false")

    assert found.keys() >= USUAL
    assert not [name for name in found if name.startswith("__")]
