"""Every route has a row in the permission table, and gives each role what its row says."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Customer, Invitation, User
from subscriptions.models import Prevalidation, Subscription
from tests import cast
from tests.policy.permission_table import PREFIXES, ROLES, TABLE


def routes(resolver: URLResolver | None = None, prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    """Give (address, name with its namespace) of every route of the portal."""
    for one in (resolver or get_resolver()).url_patterns:
        address = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from routes(one, address, inner)
        elif isinstance(one, URLPattern):
            yield address, f"{namespace}{one.name}"


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    own = {name for address, name in routes() if not address.startswith(tuple(PREFIXES))}

    assert own == TABLE.keys() - set(PREFIXES.values())


@pytest.mark.parametrize(("prefix", "name"), PREFIXES.items())
def test_the_row_of_a_prefix_stands_below_it(prefix: str, name: str) -> None:
    assert {name: address for address, name in routes()}[name].startswith(prefix)


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, User | None]:
    return {role: None if role == "anonymous" else request.getfixturevalue(role) for role in ROLES}


@pytest.fixture
def objects(customer: Customer, subscription: Subscription, prevalidation: Prevalidation) -> dict[str, Any]:
    """What the addresses of the table name, all of one customer."""
    order = cast.make_order(cast.make_quote(subscription, {"ordered.example.com": "95.00"}))
    invitation = Invitation.objects.create(
        customer=customer, email="new@northwind.example", expires_at=timezone.now() + timedelta(days=7)
    )
    return {
        "customer": customer.code,
        "subscription": subscription.code,
        "prevalidation": prevalidation.code,
        "quote": cast.make_quote(subscription).code,
        "order": order.code,
        "operation": order.operations.get().code,
        "invitation": invitation.code,
        "account": cast.make_unassigned().code,
        "finding": cast.make_finding(subscription).code,
        "person": cast.add_person(customer, cast.make_user()).user.code,
        "client": "certbot",
        "topic": "eab",
        "block": "certbot-no-such-file",
        "token": "no-such-token",
    }


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", TABLE)
def test_each_role_gets_what_the_table_says(
    name: str, method: str, people: dict[str, User | None], objects: dict[str, Any], no_broker: list[Any]
) -> None:
    row = TABLE[name]
    url = reverse(name, args=[objects[one] for one in row.of])

    # From those who may least to those who may most: what the last ones change does not help the first ones.
    got = {role: getattr(cast.sign_in(Client(), user), method)(url).status_code for role, user in people.items()}

    assert got == dict(zip(ROLES, getattr(row, method), strict=True))
