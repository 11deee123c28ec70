"""How the database reads the ledger for the staff's pages: by an index, whatever the tables hold.

The conditions of the partial indexes that pages use hold no value but NULL, and queries say `isnull=False`, not
`exclude(… =None)`: SQLite proves no more.
"""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent
from subscriptions.rules.certificates import CertificateState
from tests import cast
from tests.policy.crowd import Crowd

pytestmark = pytest.mark.servers

ROWS = 30
PAGES = ["dashboard", "order-list", "prevalidation-list", "server-list"]  # the last one for its banner
LEDGER, NAMES, ORDERS = "subscriptions_operation", "subscriptions_domain", "subscriptions_order"
TRAIL, LINES = "accounts_auditevent", "subscriptions_quoteline"
CERTIFICATES = "subscriptions_certificate"
# A whole index may be walked where the first entry ends the search.
WALKED = {
    LEDGER: "operation_newest_claim",
    ORDERS: "order_newest",
    NAMES: "",
    TRAIL: "audit_newest",
    "subscriptions_quoteline": "",
    CERTIFICATES: "",
}


@pytest.fixture
def admin_of_a_crowd(db: None) -> Client:
    crowd = Crowd()
    crowd.grow(ROWS)
    return cast.sign_in(Client(), crowd.admin)


def statements_of(client: Client, url: str) -> list[str]:
    """Give the SELECT statements that a page takes, with their values."""
    client.get(url)  # the first request of a session writes that it is in use
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]


def plan_of(statement: str) -> list[str]:
    """Give the steps in which a statement is carried out; PostgreSQL scans and sorts only where no index will do."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if not is_sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {statement}")
        return [str(row[-1]) for row in cursor.fetchall()]


def scans_of(table: str, statement: str) -> Iterator[str]:
    """Give the steps that read the whole of a table."""
    aliases = re.findall(rf'"{table}" (?:AS )?"?([A-Z]+[0-9]+)"?', statement)
    names = "|".join([table, *aliases])
    on_sqlite, on_postgresql = rf"SCAN ({names})\b", rf"Seq Scan on {table}\b"
    for step in plan_of(statement):
        if re.search(f"{on_sqlite}|{on_postgresql}", step) and not (WALKED[table] and WALKED[table] in step):
            yield step


@pytest.mark.parametrize("route", PAGES)
def test_no_page_scans_the_ledger(admin_of_a_crowd: Client, route: str) -> None:
    statements = [one for one in statements_of(admin_of_a_crowd, reverse(f"subscriptions:{route}")) if LEDGER in one]

    assert statements != []
    assert {one: scans for one in statements if (scans := list(scans_of(LEDGER, one)))} == {}


def test_names_are_counted_by_an_index(admin_of_a_crowd: Client) -> None:
    url = reverse("subscriptions:prevalidation-list")
    [listing] = [one for one in statements_of(admin_of_a_crowd, url) if NAMES in one]

    assert list(scans_of(NAMES, listing)) == []
    assert connection.vendor != "sqlite" or "domain_by_anchor" in " ".join(plan_of(listing))


def test_the_newest_orders_are_not_sorted_out_of_all(admin_of_a_crowd: Client) -> None:
    statements = statements_of(admin_of_a_crowd, reverse("subscriptions:order-list"))
    [listing] = [one for one in statements if f'FROM "{ORDERS}"' in one and "ORDER BY" in one]

    steps = " ".join(plan_of(listing))
    assert "order_newest" in steps
    assert "TEMP B-TREE" not in steps


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ({}, ["audit_newest|accounts_auditevent_at"]),
        ({"since": "2026-01-01", "until": "2026-12-31"}, ["audit_newest|accounts_auditevent_at"]),
        (
            {"person": "owner@northwind.example"},
            ["audit_of_actor", "audit_of_target", "audit_of_actor_email", "audit_of_target_name"],
        ),
        ({"customer": "Northwind Traders"}, ["audit_of_customer"]),
        ({"what": "key.revealed"}, ["audit_of_action"]),
        ({"ip_address": "192.0.2.7"}, ["audit_of_ip_address"]),
    ],
)
def test_the_trail_is_read_by_an_index_of_each_filter(
    admin_of_a_crowd: Client, query: dict[str, str], indexes: list[str]
) -> None:
    newest = AuditEvent.objects.latest("pk")
    for asked in (query, query | {"before": str(newest.code)}):
        url = reverse("subscriptions:activity-list", query=asked)
        statements = [one for one in statements_of(admin_of_a_crowd, url) if "LIMIT 51" in one and TRAIL in one]
        assert len(statements) == len(indexes)
        for statement, index in zip(statements, indexes, strict=True):
            plan = " ".join(plan_of(statement))
            assert list(scans_of(TRAIL, statement)) == []
            assert re.search(rf"\b({index})", plan)
            assert not re.search(r"TEMP B-TREE FOR ORDER BY|(?<!Incremental )\bSort  ", plan)


@pytest.mark.parametrize(
    ("route", "query"),
    [
        ("operation-list", {}),
        ("operation-list", {"sort": "operation"}),
        ("operation-list", {"sort": "operation", "jump": "work"}),
        ("operation-list", {"jump": "2026-01-01"}),
        ("operation-list", {"end": "1"}),
        ("operation-list", {"since": "2026-01-01", "until": "2026-12-31"}),
        ("order-list", {"sort": "confirmed_at"}),
        ("order-list", {"end": "1"}),
        ("quote-list", {}),
        ("mail-list", {"sort": "address"}),
        ("certificate-list", {}),
        ("certificate-list", {"sort": "-ends"}),
        ("certificate-list", {"sort": "name"}),
        ("certificate-list", {"sort": "name", "jump": "host1"}),
        ("certificate-list", {"jump": "2026-01-01"}),
        ("certificate-list", {"end": "1"}),
        ("certificate-list", {"since": "2020-01-01", "until": "2099-12-31"}),
    ],
)
def test_a_page_of_a_list_is_read_in_its_order(admin_of_a_crowd: Client, route: str, query: dict[str, str]) -> None:
    """Nothing is sorted: the rows of a page, and of the next, come out of an index one after the other."""
    url = reverse(f"subscriptions:{route}", query=query)
    page = admin_of_a_crowd.get(url).context["filter"].page
    for way in ({}, {"after": str(page.first)}, {"before": str(page.last)}):
        url = reverse(f"subscriptions:{route}", query=query | way)
        listings = [one for one in statements_of(admin_of_a_crowd, url) if "LIMIT 26" in one]
        assert len(listings) in (1, 2)
        for listing in listings:
            assert not re.search(r"TEMP B-TREE FOR ORDER BY|(?<!Incremental )\bSort  ", " ".join(plan_of(listing)))


@pytest.mark.parametrize(
    "route", ["operation-list", "order-list", "quote-list", "subscription-list", "certificate-list"]
)
def test_what_is_searched_in_a_list_is_found_by_indexes(admin_of_a_crowd: Client, route: str) -> None:
    url = reverse(f"subscriptions:{route}", query={"q": "work1"})
    statements = [one for one in statements_of(admin_of_a_crowd, url) if "LIMIT 26" in one]

    assert statements != []
    found = {
        one: scans for one in statements for table in (LEDGER, NAMES, LINES) if (scans := list(scans_of(table, one)))
    }
    assert found == {}


@pytest.mark.parametrize("state", CertificateState)
def test_certificates_of_a_state_are_found_by_an_index(admin_of_a_crowd: Client, state: str) -> None:
    url = reverse("subscriptions:certificate-list", query={"state": state})
    statements = [one for one in statements_of(admin_of_a_crowd, url) if f'FROM "{CERTIFICATES}"' in one]

    assert len(statements) >= 2  # the rows, and how many there are
    assert {one: scans for one in statements if (scans := list(scans_of(CERTIFICATES, one)))} == {}


@pytest.mark.parametrize("route", ["dashboard", "certificate-calendar"])
def test_certificates_are_counted_by_indexes(admin_of_a_crowd: Client, route: str) -> None:
    url = reverse(f"subscriptions:{route}")
    statements = [one for one in statements_of(admin_of_a_crowd, url) if f'FROM "{CERTIFICATES}"' in one]

    assert len(statements) > 5
    # The figure of all is as many as there are.
    of_some = [one for one in statements if not one.endswith(f'WHERE "{CERTIFICATES}"."gone_at" IS NULL')]
    assert {one: scans for one in of_some if (scans := list(scans_of(CERTIFICATES, one)))} == {}
