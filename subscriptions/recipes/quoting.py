"""Writing a value into a command or a configuration file so that the program reads back exactly that value."""

import re

_ENV_SPECIAL = re.compile(r'([\\"`$])')


def shell_quoted(value: str) -> str:
    """The value as one word of a POSIX shell, always in single quotes."""
    return "'" + value.replace("'", "'\\''") + "'"


def env_file_quoted(value: str) -> str:
    """The value for a file of `NAME="value"` lines that a POSIX shell sources or systemd reads."""
    return '"' + _ENV_SPECIAL.sub(r"\\\1", value) + '"'


def certbot_ini_value(value: str) -> str:
    """The value for a line of certbot's ini files.

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
