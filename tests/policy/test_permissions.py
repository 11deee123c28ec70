"""Every route has a row in the permission table, and gives each role what its row says."""

import re
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
from tests.policy.permission_table import PREFIXES, ROLES, SIGN_IN, STAFF, TABLE


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
def objects(
    customer: Customer, subscription: Subscription, prevalidation: Prevalidation, owner: User
) -> dict[str, Any]:
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
        "staff_invitation": cast.make_staff_invitation().code,
        "colleague": cast.make_user(reseller_role="operator").code,
        "account": cast.make_unassigned().code,
        "finding": cast.make_finding(subscription).code,
        "task": "attention",
        "planned": "clear-expired",
        "mail": cast.make_mail().code,
        "name": cast.make_domain(subscription, "named.example.com").code,
        "replacement": cast.make_replacement(cast.make_domain(subscription, "exmaple.com"), "example.com").code,
        "request": cast.make_request(subscription, "asked.example.com").code,
        "notice": cast.make_telling(owner, subscription).code,
        "person": cast.add_person(customer, cast.make_user()).user.code,
        "registration": cast.make_client(subscription).code,
        "client": "certbot",
        "topic": "eab",
        "block": "certbot-no-such-file",
        "token": "no-such-token",
        "provider": "postmark",
        "mark": cast.make_mark().code,
        "number": "1",
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


@pytest.mark.security
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", TABLE)
def test_a_part_of_a_page_is_given_to_nobody_else(
    name: str, method: str, people: dict[str, User | None], objects: dict[str, Any], no_broker: list[Any]
) -> None:
    """What a page asks for by htmx. Nobody is led to the sign-in inside a page: there is nothing in the answer."""
    row = TABLE[name]
    url = reverse(name, args=[objects[one] for one in row.of])
    for role, expected in zip(ROLES, getattr(row, method), strict=True):
        client = cast.sign_in(Client(headers={"HX-Request": "true"}), people[role])
        answer = getattr(client, method)(url)
        if answer.status_code == 401:
            assert (expected, answer.content) == (302, b"")
        else:
            assert answer.status_code == expected, role


@pytest.mark.security
@pytest.mark.parametrize("name", TABLE.keys() - SIGN_IN.keys())
def test_no_other_method_does_anything(
    name: str, people: dict[str, User | None], objects: dict[str, Any], no_broker: list[Any]
) -> None:
    """Nor tells it more of an address than GET and POST do: where both are 404, so is every other."""
    row = TABLE[name]
    url = reverse(name, args=[objects[one] for one in row.of])
    for method in ("options", "put", "patch", "delete"):
        for number, (role, user) in enumerate(people.items()):
            status = getattr(cast.sign_in(Client(), user), method)(url).status_code
            assert status in (302, 403, 404, 405), (method, role, status)
            if row.get[number] == row.post[number] == 404 and name in STAFF:
                assert status == 404, (method, role)


@pytest.mark.security
@pytest.mark.parametrize("method", ["get", "post", "head", "put", "patch", "delete"])
def test_django_admin_is_shut(
    method: str, people: dict[str, User | None], objects: dict[str, Any], no_broker: list[Any]
) -> None:
    """To each role of the portal: it is granted apart from them. All that its addresses lead to is its sign-in."""
    addresses = {re.sub(r"<[^>]*>", "1", address) for address, _ in routes() if address.startswith("admin/")}
    assert len(addresses) > 100
    clients = {role: cast.sign_in(Client(), user) for role, user in people.items()}

    # Whoever signs out there is signed out, and no test of the addresses after it.
    for address in sorted(addresses - {"admin/(?P<url>.*)$", "admin/logout/"}):
        got = {role: getattr(client, method)("/" + address) for role, client in clients.items()}
        assert all(_is_shut(answer) for answer in got.values()), (address, got)


def _is_shut(answer: Any) -> bool:
    """Whether nothing came of it but the way to a sign-in."""
    if answer.status_code == 302:
        return str(answer.url).startswith(("/admin/login/?next=", "/auth/"))
    return answer.status_code in (403, 404, 405)
