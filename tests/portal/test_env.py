"""Settings from the environment: values as they are, secrets also from files."""

from pathlib import Path

import pytest

from portal.env import Env


class EnvOfTheTest(Env):
    """Reads the files anew: the real one keeps what it has read."""

    ENVIRON = type(Env.ENVIRON)(cache=False)


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAAS_LOGIN_PASSWORD", "right")

    assert EnvOfTheTest().secret("CAAS_LOGIN_PASSWORD") == "right"
    assert EnvOfTheTest().secret("CAAS_LOGIN_PASSWORD_OF_ANOTHER") == ""


@pytest.mark.parametrize("secret", ["$ecret", "a\\$b", " spaced ", "#hash", "päss=wörd"])
def test_a_secret_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("CAAS_LOGIN_PASSWORD", secret)

    assert EnvOfTheTest().secret("CAAS_LOGIN_PASSWORD") == secret


@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_a_file_is_read_without_its_last_line_break(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line_end: str
) -> None:
    path = tmp_path / "keys"
    path.write_bytes(f"one,two{line_end}".encode())
    monkeypatch.setenv("ENCRYPTION_KEYS_FILE", str(path))
    monkeypatch.setenv("ENCRYPTION_KEYS", "not these")

    assert EnvOfTheTest().list("ENCRYPTION_KEYS") == ["one", "two"]
