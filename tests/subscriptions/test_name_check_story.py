"""From the button to the sentence: a person asks, a worker asks a real name server, and the page says what it saw."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions import tasks
from subscriptions.models import NameCheck, Subscription
from tests import cast
from tests.preflight.conftest import resolver
from tests.preflight.name_server import NameServer

__all__ = ["resolver"]


@pytest.fixture
def forbidding(resolver: NameServer) -> NameServer:
    """A domain that lets another CA issue only; it has no address."""
    resolver.records |= {
        ("example.com", "SOA"): ["ns1.example.com. hostmaster.example.com. 1 3600 600 86400 300"],
        ("www.example.com", "TXT"): ["here"],
        ("example.com", "CAA"): ['0 issue "ca.example.net"'],
    }
    return resolver


def test_a_record_that_forbids_it_is_said_to_the_customer(
    client: Client,
    owner: User,
    running_subscription: Subscription,
    forbidding: NameServer,
    no_broker: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    cast.make_client(running_subscription)
    domain = running_subscription.domains.get(name="www.example.com")
    url = reverse("subscriptions:my-name-check", args=[running_subscription.code, domain.code])
    cast.sign_in(client, owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url).status_code == 302
    ((_, arguments),) = [message for message in no_broker if message[0] == "check_name"]

    tasks.check_name(*arguments)

    page = client.get(url).content.decode()
    assert "The CAA records at example.com allow ca.example.net only." in page
    assert "0 issue &quot;sectigo.com&quot;" in page
    assert ("example.com", "CAA") in forbidding.asked
    assert NameCheck.objects.get().state == NameCheck.State.DONE
    assert "{" not in page.split('id="name-check"')[1].split("</table>")[0].replace("{&quot;", "")
