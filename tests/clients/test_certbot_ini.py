"""certbot's own reader takes from the credentials file exactly what the page wrote."""

import json
import subprocess
from pathlib import Path

import pytest

from subscriptions.recipes.quoting import certbot_ini_value
from tests.services import require_service

pytestmark = pytest.mark.clients

READER = """
import json, sys
import configargparse
print(json.dumps(configargparse.DefaultConfigFileParser().parse(sys.stdin.read().split("\\n"))))
"""

VALUES = [
    "r5xYmBnYZ2fI4LN7RpCEAg",
    "-zWNDZM6eQGH_-",
    "---",
    "a=b==",
    "o'brien@northwind.example",
    "#start",
    "mid #dle",
    "mid#dle",
    "semi ;colon",
    "'in quotes'",
    '"in quotes"',
    'end"',
    "[half",
    "a: b",
    "$HOME `id` \\ %s !",
    'it\'s "both"',
]


def test_values_read_back() -> None:
    python = Path("/usr/bin/python3")
    installed = python.exists() and subprocess.run([python, "-c", "import configargparse"], capture_output=True)
    require_service("certbot's reader", bool(installed and installed.returncode == 0), "not installed: certbot")
    text = "".join(f"value-{index} = {certbot_ini_value(value)}\n" for index, value in enumerate(VALUES))
    said = subprocess.run([python, "-c", READER], input=text, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == {f"value-{index}": value for index, value in enumerate(VALUES)}
