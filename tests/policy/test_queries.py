"""How many queries a page takes does not depend on how many rows there are, whatever the page."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.policy.crowd import Crowd
from tests.policy.permission_table import ROLES, TABLE

FEW, MANY = 10, 1000


def pages_of(crowd: Crowd) -> dict[str, tuple[Client, str]]:
    """Give each page that the reseller's admin or the customer's owner sees: who gets it, and its address."""
    clients = [cast.sign_in(Client(), crowd.admin), cast.sign_in(Client(), crowd.owner)]
    objects = {
        "customer": crowd.customer.code,
        "subscription": crowd.subscription.code,
        "prevalidation": crowd.prevalidation.code,
        "quote": crowd.quote.code,
        "order": crowd.order.code,
        "operation": crowd.operation.code,
        "account": crowd.account.code,
        "finding": crowd.finding.code,
        "task": "attention",
        "planned": "clear-expired",
        "mail": crowd.mail.code,
        "notice": crowd.telling.code,
        "name": crowd.subscription.domains.earliest("pk").code,
        "replacement": crowd.replacement.code,
        "request": crowd.request.code,
        "staff_invitation": crowd.staff_invitation.code,
        "colleague": crowd.admin.code,
        "invitation": crowd.customer.invitations.latest("pk").code,
        "person": crowd.customer.memberships.latest("pk").user.code,
        "registration": crowd.registration.code,
        "client": "certbot",
        "topic": "eab",
        "block": "certbot-no-such-file",
        "token": "no-such-token",
        "provider": "postmark",
        "mark": crowd.mark.code,
        "number": "1",
    }
    found = {}
    for name, row in TABLE.items():
        url = reverse(name, args=[objects[part] for part in row.of])
        for client in clients:
            if client.get(url).status_code == 200:
                found[name] = (client, url)
                break
    return found


def pages_by_the_table() -> set[str]:
    """Give the routes that show a page to the reseller's admin or to the owner."""
    seen_by = [ROLES.index("reseller_admin"), ROLES.index("owner")]
    return {name for name, row in TABLE.items() if 200 in {row.get[index] for index in seen_by}}


@pytest.mark.long
@pytest.mark.usefixtures("no_broker")
def test_queries_do_not_grow_with_rows(db: None, count_queries: Callable[[Client, str], int]) -> None:
    crowd = Crowd()
    crowd.grow(FEW)
    pages = pages_of(crowd)
    few = {name: count_queries(client, url) for name, (client, url) in pages.items()}
    crowd.grow(MANY)
    many = {name: count_queries(client, url) for name, (client, url) in pages.items()}

    assert {name: (few[name], many[name]) for name in pages if few[name] < many[name]} == {}
    assert pages.keys() == pages_by_the_table()
