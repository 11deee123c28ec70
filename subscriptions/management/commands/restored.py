"""`manage.py restored`: after a restore from a backup, before the workers start."""

from typing import Any

from django.core.management.base import BaseCommand

from subscriptions.services.operations import note_restore


class Command(BaseCommand):
    """Holds every call that changes something until the CA was compared with the database and a person looked."""

    help = "Run once after restoring a backup, before the workers start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold the calls and say what comes next."""
        note_restore()
        self.stdout.write(
            "Nothing is changed at the CA until further notice. Start the workers: they compare the CA with this "
            "database. A reseller admin then looks at the differences and reopens the connection under ACME servers."
        )
