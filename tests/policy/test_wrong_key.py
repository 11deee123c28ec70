"""With other ENCRYPTION_KEYS than those its secrets were encrypted with, the portal still shows every page."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from tests.policy.crowd import Crowd
from tests.policy.test_queries import pages_by_the_table, pages_of


@pytest.mark.django_db
@pytest.mark.usefixtures("no_broker")
def test_a_wrong_key_spoils_no_page(settings: Settings) -> None:
    crowd = Crowd()
    crowd.grow(3)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    pages = pages_of(crowd)

    assert pages.keys() == pages_by_the_table()
