"""Reading settings from the environment, secrets also from files."""

from typing import Any

import environ
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):  # type: ignore[misc]  # django-environ has no types
    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        # Editors and `echo` end a file with a line break, which is no part of the secret in it.
        return value.rstrip("\r\n") if isinstance(value, str) else value


class Env(environ.Env):  # type: ignore[misc]  # django-environ has no types
    """The environment; a variable NAME can also be given as the path of a file, NAME_FILE."""

    ENVIRON = _Variables()

    def secret(self, name: str) -> str:
        """Give the variable as it is, or an empty text. (django-environ takes a leading `$` for a reference.)"""
        value: str = self.ENVIRON.get(name, "")
        return value
