"""The DNS plug-ins of each ACME client that has them, by the provider's slug (see `providers.py`)."""
