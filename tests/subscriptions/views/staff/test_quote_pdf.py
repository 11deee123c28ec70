"""A quote as a PDF file: the words and amounts of its page, and nothing that is not for whoever it is handed to."""

import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Customer, User
from subscriptions.models import Quote, QuoteLine, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(quote: Quote, route: str = "quote-pdf") -> str:
    return reverse(f"subscriptions:{route}", args=[quote.code])


def read(client: Client, quote: Quote) -> PdfReader:
    response = client.get(url_of(quote))
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'attachment; filename="{quote.number}.pdf"'
    return PdfReader(io.BytesIO(response.content))


def text_of(client: Client, quote: Quote) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(client, quote).pages).split())


def words_of(client: Client, url: str) -> str:
    page = re.sub(r"<[^>]+>", " ", client.get(url).content.decode())
    return re.sub(r"\s+([.,;:])", r"\1", " ".join(page.split()))


@pytest.fixture
def quote(subscription: Subscription) -> Quote:
    prices = {"*.example.com": "1300.00", "xn--caf-dma.example.org": "95.50", "free.example.net": "0", "bad": None}
    quote = cast.make_quote(subscription, prices, organization_reason="Their sister company.")
    quote.lines.filter(name="*.example.com").update(names=["*.example.com", "example.com"])
    out = quote.lines.create(position=9, subscription=subscription, kind="add_domain", name="left.example.com")
    QuoteLine.objects.filter(pk=out.pk).update(state=QuoteLine.State.LEFT_OUT)
    return quote


def test_it_says_what_the_page_says(staff_client: Client, quote: Quote) -> None:
    text, page = text_of(staff_client, quote), words_of(staff_client, url_of(quote, "quote-detail"))

    same = [
        f"Quote {quote.number}",
        "Northwind Traders",
        "Valid",
        "Add 4 names",
        "*.example.com",
        "free with it: example.com",
        "USD 1,300.00",
        "USD 95.50",
        "café.example.org",
        "xn--caf-dma.example.org",
        "Free",
        "Total",
        "USD 1,395.50",
        "left.example.com",
        "bad",
        "The first name starts the term of 1 year.",
    ]
    assert [words for words in same if words not in text] == []
    assert [words for words in same if words not in page] == []


def test_what_is_for_staff_alone_is_not_in_it(staff_client: Client, quote: Quote) -> None:
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "*.example.com")
    assert "Contoso" in words_of(staff_client, url_of(quote, "quote-detail"))

    text = text_of(staff_client, quote)

    assert "Contoso" not in text
    assert "sister company" not in text
    binding = quote.lines.earliest("position").subscription.binding
    assert binding.eab_key_id not in text


def test_letters_that_the_font_lacks_do_not_stop_it(staff_client: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(name="北风 Ωμέγα Север")
    quote = cast.make_quote(cast.make_subscription(customer), {"xn--fiqs8s.example.com": "1.00"})

    text = text_of(staff_client, quote)

    assert "?? Ωμέγα Север" in text
    assert "xn--fiqs8s.example.com" in text


def test_many_lines_take_many_pages(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, {f"host{number}.example.com": "1.00" for number in range(200)})

    pages = read(staff_client, quote).pages

    assert len(pages) > 3
    assert all(
        f"{quote.number}, page {number} of {len(pages)}" in page.extract_text() for number, page in enumerate(pages, 1)
    )


def test_an_extension_of_many_names_takes_many_pages(staff_client: Client, subscription: Subscription) -> None:
    names = [f"host{number}.example.com" for number in range(500)]
    quote = cast.make_quote(subscription, {"": "95.00"})
    quote.lines.update(kind="extend_domains", arguments={"years": 1}, names=names)

    text = text_of(staff_client, quote)

    assert "Extend 500 names by 1 year" in text
    assert [name for name in names if f" {name}" not in text] == []


def test_an_order_is_named_and_an_expired_one_says_so(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00"}))
    expired = cast.make_quote(subscription, valid_until=timezone.now() - timedelta(minutes=1))

    assert f"Order {order.number}" in text_of(staff_client, order.quote)
    assert "Expired" in text_of(staff_client, expired)


@pytest.mark.parametrize("state", [Quote.State.QUEUED, Quote.State.PRICING, Quote.State.REFUSED])
def test_without_a_price_there_is_none(staff_client: Client, subscription: Subscription, state: str) -> None:
    quote = cast.make_quote(subscription, state=state)

    assert staff_client.get(url_of(quote)).status_code == 404
    assert url_of(quote) not in staff_client.get(url_of(quote, "quote-detail")).content.decode()


def test_access_and_wrong_method(quote: Quote, owner: User, stranger: User, auditor: User) -> None:
    url = url_of(quote)
    assert status_for(None, url) == 302
    assert status_for(stranger, url) == 404
    assert status_for(owner, url) == 404
    assert status_for(auditor, url) == 200
    assert status_for(auditor, unknown("quote-pdf")) == 404
    assert status_for(auditor, url, "post") == 405
