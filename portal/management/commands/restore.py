"""`manage.py restore`: a backup takes the place of the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from portal.backups import BackupProblem, refuse_while_workers_live, restore, save


class Command(BaseCommand):
    """Puts a backup in the place of what is there, brings it up to this version, and holds the calls to the CA."""

    help = "Put a backup in the place of the database, which is saved before. Stop web, workers and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="the database is not empty: replace what is in it")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        """Restore it; raise CommandError where that fails, and nothing has changed then."""
        try:
            if connection.introspection.table_names():
                if not replace:
                    raise BackupProblem("The database is not empty. With --replace it is saved, and then replaced.")
                refuse_while_workers_live()
                self.stdout.write(f"What was there: {save(settings.VAR_DIR / 'backups', name='before-restore')}")
            restore(file)
        except (BackupProblem, OSError) as problem:
            raise CommandError(f"Nothing was restored. {problem}") from problem
        call_command("migrate", interactive=False, verbosity=0)
        call_command("restored", stdout=self.stdout)
        call_command("check", databases=["default"], stdout=self.stdout, stderr=self.stderr)
