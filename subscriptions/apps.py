"""The app of what is sold, and the paid API behind it."""

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Subscriptions, orders, the ledger of operations, and what the CA reports."""

    name = "subscriptions"
    verbose_name = "Subscriptions"

    def ready(self) -> None:
        """Make the notices about subscriptions known, and what waits for people to join."""
        from subscriptions import notices  # noqa: F401 - models are loaded only now
        from subscriptions.services import hand_over  # noqa: F401
