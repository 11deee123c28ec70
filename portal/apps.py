"""The composition root as an app: it registers the system checks and has the cache's table made."""

from types import ModuleType
from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate

from portal import sentences


class PortalConfig(AppConfig):
    """Settings, routes, health and the local run."""

    name = "portal"
    verbose_name = "Portal"

    def __init__(self, app_name: str, app_module: ModuleType) -> None:
        """Put what forms say in its place, before the first form is made."""
        super().__init__(app_name, app_module)
        sentences.put_in_place()

    def ready(self) -> None:
        """Register the system checks, and what is to happen after a migration."""
        from portal import checks, stored_secrets  # noqa: F401  # register themselves

        post_migrate.connect(make_cache_table, sender=apps.get_app_config("sessions"))


def make_cache_table(using: str, verbosity: int, **_: Any) -> None:
    """Make the table of the cache where it is missing: `migrate` is then all that an installation needs."""
    call_command("createcachetable", database=using, verbosity=max(verbosity - 1, 0))
