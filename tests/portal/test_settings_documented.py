"""Every setting is documented: in the README's table and in `.env.example`, and nothing else is."""

import re
from pathlib import Path

from django.conf import settings

ROOT: Path = settings.BASE_DIR


def names_read() -> set[str]:
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', (ROOT / "portal" / "settings.py").read_text()))


def test_the_readme_has_a_row_for_each() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    documented = [name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)]

    assert sorted(documented) == sorted(names_read())


def test_the_example_has_a_line_for_each() -> None:
    lines = re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(lines) == sorted(names_read())


def test_the_example_holds_no_secret() -> None:
    text = (ROOT / ".env.example").read_text()

    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "CAAS_LOGIN_NAME", "CAAS_LOGIN_PASSWORD"):
        assert f"\n{name}=\n" in text
