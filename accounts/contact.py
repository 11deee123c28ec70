"""Where people get help: the support address, on every page and in every mail, whatever has failed."""

from django.db import DatabaseError

from accounts.changeable import SUPPORT_EMAIL


class _Shown:
    """The address that this process showed last: what is left where the database cannot be asked."""

    email: str | None = None


def support_email() -> str:
    """Give the support address that counts now; an empty text where there is none.

    Where the database does not answer, the one that was shown last.
    """
    try:
        _Shown.email = SUPPORT_EMAIL.value()
    except DatabaseError:
        return support_email_without_database()
    return _Shown.email


def support_email_without_database() -> str:
    """Give the address that this process showed last, or else that of the environment."""
    return SUPPORT_EMAIL.of_environment() if _Shown.email is None else _Shown.email
