"""Django admin of what is sold. The ledger and what the CA reports can only be read; no key is shown anywhere."""

from subscriptions.admin import ledger, reported, sold

__all__ = ["ledger", "reported", "sold"]
