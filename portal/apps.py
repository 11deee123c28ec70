"""The composition root as an app: it registers the system checks."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Settings, routes, health and the local run."""

    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        """Register the system checks."""
        from portal import checks  # noqa: F401  # registers itself
