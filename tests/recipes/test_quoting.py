"""A value written into a command or file is read back as exactly that value, whatever it holds."""

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes.quoting import certbot_ini_value, env_file_quoted, shell_quoted

printable = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]))


@given(printable)
def test_shell_word_reads_back(value: str) -> None:
    assert shlex.split(shell_quoted(value)) == [value]


def test_shell_word_reads_back_in_a_shell() -> None:
    value = "$(id) `id` \\ 'single' \"double\" !! * ~ # ; & | é"
    done = subprocess.run(["sh", "-c", f"printf %s {shell_quoted(value)}"], capture_output=True, check=True)
    assert done.stdout.decode() == value


@given(printable)
def test_env_file_value_reads_back(value: str) -> None:
    assert shlex.split(env_file_quoted(value).replace("\\$", "$").replace("\\`", "`")) == [value]


def test_env_file_value_reads_back_in_a_shell() -> None:
    value = "$(id) `id` \\ 'single' \"double\" $HOME # ; & | é \\$ \\\\"
    script = f'X={env_file_quoted(value)}\nprintf %s "$X"\n'
    assert subprocess.run(["sh"], input=script.encode(), capture_output=True, check=True).stdout.decode() == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("abc", "abc"),
        ("-abc_", "-abc_"),
        ("o'brien@northwind.example", "o'brien@northwind.example"),
        ("a=b", "a=b"),
        ("'quoted'", "\"'quoted'\""),
        ("key #1", '"key #1"'),
        (" padded ", '" padded "'),
        ("", '""'),
    ],
)
def test_certbot_ini_value(value: str, written: str) -> None:
    assert certbot_ini_value(value) == written


@pytest.mark.parametrize("value", ["[list]", "\" ; '  #"])
def test_certbot_ini_value_that_cannot_be_written(value: str) -> None:
    with pytest.raises(ValueError, match="certbot"):
        certbot_ini_value(value)
