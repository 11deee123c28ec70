"""Pages by key: whatever a list is ordered by, they hold each row once, in the order of its file, forwards and back."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from subscriptions.lists import filters, name_filters, paging
from subscriptions.lists.base import FilterSet
from subscriptions.lists.organization_filters import OwnOrganizationFilter
from subscriptions.lists.quote_filters import QuoteFilter
from subscriptions.lists.request_filters import OwnRequestFilter, RequestFilter
from subscriptions.models import Domain, Operation, Subscription
from tests import cast
from tests.policy.crowd import Crowd

pytestmark = [pytest.mark.servers, pytest.mark.django_db]

ROWS, ON_A_PAGE = 17, 5
LISTS: dict[str, type[FilterSet]] = {
    "customer-list": filters.CustomerFilter,
    "subscription-list": filters.SubscriptionFilter,
    "quote-list": QuoteFilter,
    "request-list": RequestFilter,
    "order-list": filters.OrderFilter,
    "operation-list": filters.OperationFilter,
    "prevalidation-list": filters.PrevalidationFilter,
    "account-list": filters.AccountFilter,
    "finding-list": filters.FindingFilter,
    "mail-list": filters.MailFilter,
    "name-list": name_filters.NameFilter,
    "name-history": name_filters.RemovedNameFilter,
    "my-names": name_filters.OwnNameFilter,
    "my-requests": OwnRequestFilter,
    "my-organizations": OwnOrganizationFilter,
}


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    monkeypatch.setattr(paging, "PER_PAGE", ON_A_PAGE)
    crowd = Crowd()
    crowd.grow(ROWS)
    Subscription.objects.filter(pk__in=Subscription.objects.order_by("pk")[3:7].values("pk")).update(expires_at=None)
    Domain.objects.filter(name__endswith="3.example.com").update(is_free=None, added_at=cast.utc(2026, 1, 5))
    return crowd


def url_of(crowd: Crowd, route: str, suffix: str = "") -> str:
    args = [crowd.subscription.code] if "name" in route else []
    return reverse(f"subscriptions:{route}{suffix}", args=args)


def reader(crowd: Crowd, route: str) -> Client:
    """Give who reads a list: staff, or the owner of the customer."""
    return cast.sign_in(Client(), crowd.owner if route.startswith("my-") else crowd.admin)


def pages(client: Client, url: str, way: str, query: dict[str, str]) -> Iterator[list[Any]]:
    """Give the rows of one page after the other, as the links lead."""
    while True:
        response = client.get(url, query)
        yield [row.record.code for row in response.context["table"].rows]
        link = re.search(rf'href="\?([^"]*)"\s+rel="{way}"', response.content.decode())
        if not link:
            return
        query = dict(parse_qsl(link[1].replace("&amp;", "&")))


@pytest.mark.parametrize("route", LISTS)
def test_pages_hold_each_row_once_in_every_order(crowd: Crowd, route: str) -> None:
    client, url = reader(crowd, route), url_of(crowd, route)
    for sort, _ in client.get(url).context["filter"].sorts:
        selection = client.get(url, {"sort": sort}).context["filter"]
        whole = list(selection.in_order().values_list("code", flat=True))
        forwards = [code for page in pages(client, url, "next", {"sort": sort}) for code in page]
        backwards = list(pages(client, url, "prev", {"sort": sort, "end": "1"}))

        assert len(whole) > ON_A_PAGE
        assert forwards == whole, sort
        assert [code for page in reversed(backwards) for code in page] == whole, sort


@pytest.mark.parametrize("route", LISTS)
def test_every_column_that_can_be_ordered_by_is_offered_to_small_screens(crowd: Crowd, route: str) -> None:
    response = reader(crowd, route).get(url_of(crowd, route))
    offered = {sort for sort, _ in response.context["filter"].sorts}
    by_heads = {column.name for column in response.context["table"].columns if column.orderable}

    assert {name for column in by_heads for name in (column, f"-{column}")} <= offered


@pytest.mark.parametrize("route", LISTS)
def test_a_file_has_the_rows_of_the_list_and_those_that_are_chosen(crowd: Crowd, route: str) -> None:
    client = reader(crowd, route)
    shown = client.get(url_of(crowd, route))
    export = url_of(crowd, route.removesuffix("-list").removesuffix("s"), "-export")

    def lines(answer: Any) -> list[list[str]]:
        assert isinstance(answer, StreamingHttpResponse)
        return list(csv.reader(StringIO(answer.getvalue().decode().removeprefix("\ufeff"), newline="")))

    heading, *rows = lines(client.get(export))
    assert len(rows) == shown.context["filter"].qs.count()
    assert {len(row) for row in rows} == {len(heading)}
    assert f'href="{export}?"' in shown.content.decode()

    two = [row.record.code for row in shown.context["table"].rows][1:3]
    box, how = ("name", client.get) if route == "name-list" else ("row", client.post)
    assert lines(how(export, {box: two})) == [heading, *rows[1:3]]


def test_who_chose_nothing_is_told(crowd: Crowd) -> None:
    url = url_of(crowd, "order", "-export")
    answer = cast.sign_in(Client(), crowd.admin).post(f"{url}?q=north", {"row": "x"}, follow=True)

    assert answer.redirect_chain == [(f"{url_of(crowd, 'order-list')}?q=north", 302)]
    assert "Select rows first." in answer.content.decode()


def listed(client: Client, route: str, **query: str) -> list[Any]:
    return [row.record for row in client.get(reverse(f"subscriptions:{route}"), query).context["table"].rows]


def test_a_jump_leads_to_a_day_or_to_first_letters(crowd: Crowd) -> None:
    client = cast.sign_in(Client(), crowd.admin)
    Operation.objects.filter(domain_name="work7.example.com").update(created_at=cast.utc(2026, 3, 5, 23, 59))
    Operation.objects.filter(domain_name="work8.example.com").update(created_at=cast.utc(2026, 3, 4))

    assert [one.domain_name for one in listed(client, "operation-list", jump="2026-03-05")] == [
        "work7.example.com",
        "work8.example.com",
    ]
    assert listed(client, "operation-list", jump="2026-03-04", sort="created_at")[0].domain_name == "work8.example.com"
    assert listed(client, "operation-list", jump="work5", sort="operation")[0].domain_name == "work5.example.com"
    assert listed(client, "operation-list", jump="work5", sort="-operation")[0].domain_name == "work5.example.com"
    assert listed(client, "customer-list", jump="CUSTOMER 7")[0].name == "Customer 7"
    # Behind the last one stands nothing: the last page is shown.
    assert listed(client, "customer-list", jump="zz")[-1].name == "Northwind Traders"


def test_a_jump_that_cannot_be_read_is_told_at_its_place(crowd: Crowd) -> None:
    client = cast.sign_in(Client(), crowd.admin)
    page = client.get(reverse("subscriptions:operation-list"), {"jump": "soon"}).content.decode()

    assert "This is no date. Write it like 2026-11-30." in page


def test_days_in_the_wrong_order_are_told_at_their_place(crowd: Crowd) -> None:
    client, asked = cast.sign_in(Client(), crowd.admin), {"since": "2026-03-05", "until": "2026-03-04"}
    page = " ".join(client.get(reverse("subscriptions:order-list"), asked).content.decode().split())

    assert '<p class="invalid-feedback" id="id_until_error">To: This day is before the first one.</p>' in page
    answer = client.get(reverse("subscriptions:order-export"), asked)
    assert answer["Location"] == reverse("subscriptions:order-list") + "?since=2026-03-05&until=2026-03-04"


def test_a_range_takes_the_days_of_the_reader(crowd: Crowd, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    client = cast.sign_in(Client(), crowd.admin)
    Operation.objects.filter(domain_name="work7.example.com").update(created_at=cast.utc(2026, 3, 5, 12))

    assert len(listed(client, "operation-list", since="2026-03-06", until="2026-03-06")) == 1
    assert listed(client, "operation-list", until="2026-03-05") == []


def test_many_rows_are_not_counted(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 10)
    client = cast.sign_in(Client(), crowd.admin)
    url = reverse("subscriptions:operation-list")

    first, last = Operation.objects.earliest("pk").pk, Operation.objects.latest("pk").pk
    assert client.get(url).context["filter"].total == paging.Total(last - first + 1, is_exact=False, is_estimate=True)
    assert "Operations: more than 10" in client.get(url, {"kind": "add_domain"}).content.decode()


def test_filters_that_act_at_once_give_an_address_to_share(crowd: Crowd) -> None:
    client = cast.sign_in(Client(), crowd.admin)
    url = reverse("subscriptions:order-list")
    asked = {"q": "a b", "since": "", "until": "", "sort": "confirmed_at"}

    assert client.get(url, asked, headers={"HX-Request": "true"})["HX-Push-Url"] == f"{url}?q=a+b&sort=confirmed_at"
    assert client.get(url, {"q": ""}, headers={"HX-Request": "true"})["HX-Push-Url"] == url
    assert "HX-Push-Url" not in client.get(url, asked)
