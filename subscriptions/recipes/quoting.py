"""Writing a value into a command or a configuration file so that the program reads back exactly that value."""

import json
import re

from .values import MASK

_ENV_SPECIAL = re.compile(r'([\\"`$])')
_POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")
_JINJA = re.compile(r"\{[{%#]|^#jinja2:")
_WACS = re.compile(r"[!#-\[\]-~]+", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9._~:/@+=,*?&-]+", re.ASCII)


def shell_quoted(value: str) -> str:
    """Give the value as one word of a POSIX shell, always in single quotes."""
    return "'" + value.replace("'", "'\\''") + "'"


def env_file_quoted(value: str) -> str:
    """Give the value for a file of `NAME="value"` lines that a POSIX shell sources or systemd reads."""
    return '"' + _ENV_SPECIAL.sub(r"\\\1", value) + '"'


def certbot_ini_value(value: str) -> str:
    """Give the value for a line of certbot's ini files.

    The format has no escapes: a value that could be misread is put in whichever quotes it allows. Raises
    ValueError for one that cannot be written at all (a list in brackets, or both quotes before a comment).
    """
    if value.startswith("[") and value.endswith("]"):
        raise ValueError("certbot would read a value in brackets as a list")
    if value and value == value.strip() and value[0] not in "'\"" and not re.search(r"\s[;#]", value):
        return value
    for quote in ('"', "'"):
        if not re.search(rf"{quote}\s*(\s[;#]|$)", value):
            return f"{quote}{value}{quote}"
    raise ValueError("certbot's ini format cannot hold this value")


def powershell_quoted(value: str) -> str:
    """Give the value as one argument of PowerShell, in single quotes; it takes typographic ones for quotes as well."""
    return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", value) + "'"


def json_quoted(value: str) -> str:
    """Give the value as a JSON string."""
    return json.dumps(value, ensure_ascii=False)


def yaml_quoted(value: str) -> str:
    """Give the value as a double-quoted YAML scalar (YAML 1.2, 7.3.1), which takes JSON's escapes."""
    return json.dumps(value, ensure_ascii=False)


def hcl_quoted(value: str) -> str:
    """Give the value as a string of HCL 2 (Terraform, OpenTofu), where `${` and `%{` would begin a template."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def compose_quoted(value: str) -> str:
    """Give the value as a double-quoted YAML scalar of a Compose file, where `$` would begin a variable."""
    return yaml_quoted(value).replace("$", "$$")


def dotenv_quoted(value: str) -> str:
    """Give the value for a Compose environment file, in single quotes: nothing in them is replaced.

    Raises ValueError for one with a single quote or a backslash.
    """
    if set(value) & set("'\\"):
        raise ValueError("an environment file could not hold this value")
    return f"'{value}'"


def ansible_quoted(value: str) -> str:
    """Give the value as a double-quoted YAML scalar of an Ansible playbook or a file of variables.

    Raises ValueError for one that Ansible would take for a template.
    """
    if _JINJA.search(value):
        raise ValueError("Ansible would take this value for a template")
    return yaml_quoted(value)


def plain_word(value: str) -> str:
    """Give the value as it is, for formats whose quoting differs or is incomplete (Caddyfile, nginx, httpd, HAProxy).

    Raises ValueError for one with a character that any of them treats apart. The mask of a key passes.
    """
    if value != MASK and not _PLAIN.fullmatch(value):
        raise ValueError("the format could misread this value")
    return value


def wacs_argument(value: str) -> str:
    """Give the value as one argument of wacs.exe (simple-acme, win-acme), for PowerShell.

    Its own parser takes a value that begins with `-` or `/` for an option, unless the value reaches it in double
    quotes, which it then drops. They are escaped once more for Windows, which is right while PowerShell passes
    arguments on as they are (`$PSNativeCommandArgumentPassing = 'Legacy'`; older versions always do).
    Raises ValueError for a value with a blank, a double quote, a backslash or a character outside ASCII: what wacs.exe
    would get then differs between versions.
    """
    if not _WACS.fullmatch(value):
        raise ValueError("wacs.exe could misread this value")
    return powershell_quoted(f'\\"{value}\\"' if value[0] in "-/" else value)


def field_text(value: str) -> str:
    """Give the value as it is, for a field of a form.

    Raises ValueError for one that a form or a clipboard would change: blanks at its ends, characters that do not print.
    """
    if not value or value != value.strip() or not value.isprintable():
        raise ValueError("a form could change this value")
    return value
