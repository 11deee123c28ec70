"""`manage.py dumpdata`: as Django's, but for what would let whoever reads the file go on as somebody signed in."""

from typing import Any

from django.core.management.commands import dumpdata

LEFT_OUT = ("sessions", "usersessions")


class Command(dumpdata.Command):
    """Writes a fixture without sessions. Stored secrets are in it as ciphertext."""

    def handle(self, *app_labels: str, **options: Any) -> None:
        """Write it."""
        options["exclude"] = [*options["exclude"], *LEFT_OUT]
        super().handle(*app_labels, **options)
