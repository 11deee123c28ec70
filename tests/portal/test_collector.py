"""What a worker loads at its start stays out of later collections."""

import gc

from portal.celery import spare_the_collector


def test_what_is_loaded_is_not_looked_at_again() -> None:
    spare_the_collector()
    try:
        assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
