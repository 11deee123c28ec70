"""The world of the ledger's stories, for what is shown of them."""

from tests.ledger.conftest import ca, caas, clock, world

__all__ = ["ca", "caas", "clock", "world"]
