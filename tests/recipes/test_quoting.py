"""A value written into a command or file is read back as exactly that value, whatever it holds."""

import json
import re
import shlex
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.recipes.quoting import (
    ansible_quoted,
    certbot_ini_value,
    compose_quoted,
    dotenv_quoted,
    env_file_quoted,
    hcl_quoted,
    json_quoted,
    plain_word,
    powershell_quoted,
    shell_quoted,
    yaml_quoted,
)
from subscriptions.recipes.values import MASK

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


@given(printable)
def test_yaml_scalar_reads_back(value: str) -> None:
    assert yaml.safe_load(f"key: {yaml_quoted(value)} # note") == {"key": value}


@given(printable)
def test_json_string_reads_back(value: str) -> None:
    assert json.loads(json_quoted(value)) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("abc", '"abc"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("${path.module}", '"$${path.module}"'),
        ("%{ if true }", '"%%{ if true }"'),
    ],
)
def test_hcl_string(value: str, written: str) -> None:
    assert hcl_quoted(value) == written


@given(printable)
def test_compose_value_reads_back(value: str) -> None:
    read = yaml.safe_load(compose_quoted(value))
    assert re.sub(r"\$\$", "$", read) == value
    assert "$" not in read.replace("$$", "")


def test_dotenv_value() -> None:
    assert dotenv_quoted('$HOME "x" #y ${z}') == "'$HOME \"x\" #y ${z}'"


@pytest.mark.parametrize("value", ["it's", "a\\b"])
def test_dotenv_value_that_cannot_be_written(value: str) -> None:
    with pytest.raises(ValueError, match="environment file"):
        dotenv_quoted(value)


@given(printable)
def test_ansible_value_reads_back(value: str) -> None:
    assert yaml.safe_load(ansible_quoted(value)) == value


@pytest.mark.parametrize("value", ["{{ x }}", "a{%b", "{#", "#jinja2: trim_blocks:True"])
def test_ansible_value_that_is_a_template(value: str) -> None:
    with pytest.raises(ValueError, match="template"):
        ansible_quoted(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [("abc", "'abc'"), ("it's", "'it''s'"), ("$env:X `n", "'$env:X `n'"), ("it\u2019s", "'it\u2019\u2019s'")],
)
def test_powershell_word(value: str, written: str) -> None:
    assert powershell_quoted(value) == written


@pytest.mark.parametrize(
    "value", ["https://acme.test:14000/v2/OV?a=1&b=2", "-kid_1", "*.northwind.example", "a+b@c.example"]
)
def test_plain_word(value: str) -> None:
    assert plain_word(value) == value


def test_mask_of_a_key_is_a_plain_word() -> None:
    assert plain_word(MASK) == MASK


@pytest.mark.parametrize(
    "value", ["", "a b", "{$HOME}", "${HOME}", "a;b", "a#b", "it's", 'a"b', "a\\b", "é", "a\nb", "%{x}"]
)
def test_plain_word_that_cannot_be_written(value: str) -> None:
    with pytest.raises(ValueError, match="misread"):
        plain_word(value)
