"""Lines left out of a quote before it is confirmed: total, order and audit follow, and what is free is asked anew."""

from decimal import Decimal

import pytest

from accounts.errors import ServiceError
from accounts.models import AuditEvent
from subscriptions.models import Operation, Order, Quote, QuoteLine
from subscriptions.selectors.quotes import with_lines
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quote_lines import leave_out, put_back
from subscriptions.worker import pricing
from tests.ledger.world import World


def states(quote: Quote) -> dict[str, str]:
    return dict(quote.lines.values_list("name", "state"))


def cost(quote: Quote, name: str) -> Decimal | None:
    return quote.lines.get(name=name).cost


def left_out(world: World, quote: Quote, *names: str) -> int:
    quote.refresh_from_db()
    positions = quote.lines.filter(name__in=names).values_list("position", flat=True)
    return leave_out(actor=world.staff, quote=quote, positions=set(positions), revision=quote.revision)


def put_in_again(world: World, quote: Quote, *names: str) -> int:
    quote.refresh_from_db()
    positions = quote.lines.filter(name__in=names).values_list("position", flat=True)
    return put_back(actor=world.staff, quote=quote, positions=set(positions), revision=quote.revision)


def priced(world: World, quote: Quote) -> Quote:
    pricing.price(quote.pk, client=world.caas)
    quote.refresh_from_db()
    return quote


def quotes_asked(world: World) -> int:
    return int(world.ca.summary()["calls"]["ADDDOMAIN"]["quotes"])


def test_total_order_and_audit_follow(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["a.example.com", "b.example.org"])
    whole, gone = quote.amounts["USD"], cost(quote, "b.example.org") or Decimal(0)
    asked = quotes_asked(world)

    assert left_out(world, quote, "b.example.org") == 0

    quote.refresh_from_db()
    assert (quote.state, quote.amounts["USD"]) == (Quote.State.READY, whole - gone)
    assert [vars(row)["line_count"] for row in with_lines([quote])] == [1]  # as lists and files say it
    assert quotes_asked(world) == asked
    with pytest.raises(ServiceError, match="changed meanwhile"):
        confirm_quote(actor=world.staff, quote=quote)  # a page from before shows another total
    order = confirm_quote(actor=world.staff, quote=quote, revision=1)
    assert [operation.domain_name for operation in order.operations.all()] == ["a.example.com"]
    world.work(order.operations.get())
    assert world.charged_by_ca() == world.charged_in_ledger() == order.amounts["USD"] == whole - gone
    told = AuditEvent.objects.filter(action__in=["quote.lines_left_out", "order.confirmed"]).order_by("pk")
    assert [event.detail.get("lines", event.detail.get("names")) for event in told] == [
        "b.example.org",
        ["a.example.com"],
    ]
    assert {event.detail["total"] for event in told} == {f"USD {whole - gone:.2f}"}


def test_a_name_that_came_with_one_that_goes_is_asked_for_on_its_own(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com", "www.example.com", "other.example.org"])
    both = {"example.com", "www.example.com"}
    (payer,) = (line for line in quote.lines.all() if set(line.names) == both)
    companion = (both - {payer.name}).pop()
    assert states(quote)[companion] == QuoteLine.State.COVERED

    assert left_out(world, quote, payer.name) == 1

    quote.refresh_from_db()
    assert quote.state == Quote.State.QUEUED
    assert (states(quote)[companion], quote.amounts["USD"]) == ("pending", cost(quote, "other.example.org"))
    with pytest.raises(ServiceError):
        confirm_quote(actor=world.staff, quote=quote, revision=1)
    priced(world, quote)
    alone = cost(quote, companion)
    assert alone
    assert quote.amounts["USD"] == alone + (cost(quote, "other.example.org") or 0)
    order = confirm_quote(actor=world.staff, quote=quote, revision=1)
    for operation in order.operations.order_by("pk"):
        world.work(operation)
    assert world.charged_by_ca() == world.charged_in_ledger() == order.amounts["USD"]
    assert set(Operation.objects.filter(order=order).values_list("domain_name", flat=True)) == {
        companion,
        "other.example.org",
    }


def test_a_companion_that_goes_has_the_one_it_came_with_asked_for_alone(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com", "www.example.com"])
    payer = quote.lines.get(state=QuoteLine.State.PRICED)
    companion = quote.lines.get(state=QuoteLine.State.COVERED)

    assert left_out(world, quote, companion.name) == 1
    priced(world, quote)

    assert states(quote) == {payer.name: "priced", companion.name: "left_out"}
    assert quote.lines.get(name=payer.name).names == [payer.name]


def test_a_name_that_was_left_out_comes_along_with_no_other(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com", "www.example.com"], add_companions=True)
    payer = quote.lines.get(state=QuoteLine.State.PRICED)
    companion = quote.lines.get(state=QuoteLine.State.COVERED)

    assert left_out(world, quote, payer.name) == 1
    priced(world, quote)

    line = quote.lines.get(name=companion.name)
    assert (line.names, line.add_companion) == ([companion.name], False)
    order = confirm_quote(actor=world.staff, quote=quote, revision=1)
    world.work(order.operations.get())
    assert world.charged_by_ca() == world.charged_in_ledger() == order.amounts["USD"]
    assert [str(one) for one in Operation.objects.get(order=order).domains.all()] == [companion.name]


def test_put_back_it_is_asked_for_with_what_is_beside_it(world: World) -> None:
    quote = world.quote(world.ready_subscription(), ["example.com", "www.example.com", "other.example.org"])
    before = quote.amounts, states(quote)
    payer = next(line for line in quote.lines.all() if len(line.names) == 2)
    left_out(world, quote, payer.name)
    priced(world, quote)

    assert put_in_again(world, quote, payer.name) == 2
    priced(world, quote)

    assert (quote.amounts, states(quote)) == before
    assert quote.revision == 2


def test_what_is_free_beside_it_is_asked_for_again(world: World) -> None:
    subscription = world.run(world.ready_subscription(), "example.com")
    quote = world.quote(subscription, ["www.example.com", "shop.example.com"])
    assert cost(quote, "www.example.com") == 0

    assert left_out(world, quote, "shop.example.com") == 1

    assert states(quote) == {"www.example.com": "pending", "shop.example.com": "left_out"}


@pytest.mark.parametrize("when", ["confirmed", "changed", "expired", "all", "none", "of another"])
def test_it_changes_nothing_where_it_cannot_be(world: World, when: str) -> None:
    quote = world.quote(world.ready_subscription(), ["a.example.com", "b.example.org"])
    before = states(quote), quote.amounts
    positions, revision = {1}, 0
    if when == "confirmed":
        confirm_quote(actor=world.staff, quote=quote)
    elif when == "changed":
        revision = 1
    elif when == "expired":
        world.clock.advance(hours=2)
    else:
        positions = {"all": {1, 2}, "none": set(), "of another": {7}}[when]

    with pytest.raises(ServiceError):
        leave_out(actor=world.staff, quote=quote, positions=positions, revision=revision)

    quote.refresh_from_db()
    assert (states(quote), quote.amounts, quote.revision) == (*before, 0)
    assert not AuditEvent.objects.filter(action="quote.lines_left_out").exists()
    assert Order.objects.count() == (when == "confirmed")
