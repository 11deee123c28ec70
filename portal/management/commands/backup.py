"""`manage.py backup`: the whole database as one file."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.backups import BackupProblem, save


class Command(BaseCommand):
    """Writes a backup while the portal runs, and says where it is."""

    help = (
        "Save the whole database in a new file. Keep ENCRYPTION_KEYS in another place: without it no key can be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        folder = settings.VAR_DIR / "backups"
        parser.add_argument("folder", nargs="?", type=Path, default=folder, help=f"where it is written ({folder})")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Save it; raise CommandError where that fails."""
        try:
            file = save(folder)
        except (BackupProblem, OSError) as problem:
            raise CommandError(f"No backup was made. {problem}") from problem
        self.stdout.write(f"{file}")
