"""`manage.py upgrade`: the database of the version before is brought to this one."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal.backups import BackupProblem, refuse_while_workers_live, save


class Command(BaseCommand):
    """Saves the database and migrates it, where this version wants another shape of it."""

    help = "Save the database, and bring it to this version. Stop web, workers and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder of the backup."""
        folder = settings.VAR_DIR / "backups"
        parser.add_argument("--folder", type=Path, default=folder, help=f"where the backup is written ({folder})")
        parser.add_argument("--no-backup", action="store_true", help="there is one already")

    def handle(self, *args: Any, folder: Path, no_backup: bool, **options: Any) -> None:
        """Upgrade it; raise CommandError where it cannot be saved first, or somebody works with it."""
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            self.stdout.write("The database is of this version.")
            return
        if executor.loader.applied_migrations:
            try:
                refuse_while_workers_live()
                if not no_backup:
                    self.stdout.write(f"Saved: {save(folder, name='before-upgrade')}")
            except (BackupProblem, OSError) as problem:
                raise CommandError(f"Nothing was changed. {problem}") from problem
        call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
        self.stdout.write(f"{len(plan)} migrations were applied.")
