"""What customers ask for: who wins where two act at once, and what follows from the fate of a quote and an order."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Mail, User
from accounts.roles import CustomerRole
from subscriptions import tasks
from subscriptions.happenings import Happening
from subscriptions.models import CustomerRequest, Operation, Order, Quote, Subscription
from subscriptions.sandbox import Fault
from subscriptions.services import requests as services
from subscriptions.services.names import remove_names
from subscriptions.services.operations import cancel_operation
from subscriptions.services.orders import confirm_quote
from subscriptions.services.quotes import request_quote
from subscriptions.worker import pricing, requests
from tests import cast
from tests.ledger.world import World

State = CustomerRequest.State
NAME, OTHER = "shop.example.com", "bücher.example.com"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


@pytest.fixture
def running(world: World) -> Subscription:
    subscription = world.run(world.ready_subscription())
    subscription.refresh_from_db()
    return subscription


@pytest.fixture
def asker(world: World) -> User:
    user = cast.make_user("olga@northwind.example", name="Olga Owner")
    cast.add_person(world.customer, user, CustomerRole.OWNER)
    return user


def ask(subscription: Subscription, asker: User, *names: str, **fields: Any) -> CustomerRequest:
    given: dict[str, Any] = {"names": names or (NAME,), "typed_text": " ".join(names), "note": ""}
    return services.ask_for_names(actor=asker, subscription=subscription, **given | {"form_token": uuid4()} | fields)


def quote_for(asked: CustomerRequest, actor: User, names: Sequence[str] = ()) -> Quote:
    return request_quote(
        actor=actor,
        subscription=asked.subscription,
        names=names or asked.names,
        add_companions=False,
        prevalidation=None,
        form_token=uuid4(),
        asked_for=asked,
    )


def priced(world: World, quote: Quote) -> Quote:
    pricing.price(quote.pk, client=world.caas)
    quote.refresh_from_db()
    return quote


def ordered(world: World, asked: CustomerRequest, names: Sequence[str] = ()) -> Order:
    return confirm_quote(actor=world.staff, quote=priced(world, quote_for(asked, world.staff, names)))


def work(world: World, order: Order) -> None:
    for operation in order.operations.order_by("pk"):
        world.work(operation)


def follow(world: World, asked: CustomerRequest) -> CustomerRequest:
    requests.follow(world.clock(), tell=tasks._tell_asker)
    asked.refresh_from_db()
    return asked


def happened(asked: CustomerRequest) -> list[str]:
    events = AuditEvent.objects.filter(target_code=asked.code).order_by("pk")
    return list(events.values_list("action", flat=True))


def notices() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("notice", "address"))


def test_it_is_asked_quoted_ordered_and_done(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker, " https://SHOP.example.com/ ", OTHER)
    assert asked.names == [NAME, "xn--bcher-kva.example.com"]
    assert notices() == [("request_made", world.staff.email)]
    order = ordered(world, asked)
    asked.refresh_from_db()
    assert asked.state == State.ORDERED
    assert set(asked.operations.all()) == set(order.operations.all())
    assert follow(world, asked).state == State.ORDERED  # not before its operations have ended

    work(world, order)

    assert (follow(world, asked).state, asked.reason) == (State.DONE, "")
    assert notices()[1:] == [("request_answered", asker.email)]
    assert happened(asked) == [
        Happening.REQUEST_MADE, Happening.REQUEST_QUOTED, Happening.REQUEST_ORDERED, Happening.REQUEST_DONE,
    ]  # fmt: skip
    assert follow(world, asked).state == State.DONE
    assert len(notices()) == 2


def test_a_form_sent_twice_asks_once(running: Subscription, asker: User) -> None:
    token = uuid4()

    assert ask(running, asker, form_token=token) == ask(running, asker, form_token=token)
    assert CustomerRequest.objects.count() == 1


@pytest.mark.parametrize("meanwhile", ["moved", "archived"])
def test_nothing_is_asked_for_what_went_while_the_page_was_answered(
    running: Subscription, asker: User, meanwhile: str
) -> None:
    as_read = Subscription.objects.select_related("customer").get(pk=running.pk)
    if meanwhile == "moved":
        Subscription.objects.filter(pk=running.pk).update(customer=cast.make_customer("Contoso"))
    else:
        Customer.objects.filter(pk=running.customer_id).update(archived_at=timezone.now())

    with pytest.raises(ServiceError):
        ask(as_read, asker)
    assert not CustomerRequest.objects.exists()


def test_what_is_there_or_asked_for_is_not_asked_for_again(running: Subscription, asker: User) -> None:
    ask(running, asker)
    there = running.domains.present().first()
    assert there is not None

    for name in (NAME, there.name, "no name"):
        with pytest.raises(ServiceError, match="Nothing was sent"):
            ask(running, asker, name)
    assert CustomerRequest.objects.count() == 1


def test_that_another_customer_has_a_name_makes_no_difference(running: Subscription, asker: User) -> None:
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), NAME)

    assert ask(running, asker).names == [NAME]


def test_nobody_floods_staff(running: Subscription, asker: User) -> None:
    for number in range(services.ASKED.at_once):
        ask(running, asker, f"host{number}.example.com")

    with pytest.raises(ServiceError, match="many requests"):
        ask(running, asker, "one-more.example.com")


# --- The fate of what was quoted and ordered ------------------------------------------------------------------------


def test_a_quote_that_runs_out_opens_it_again(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    priced(world, quote_for(asked, world.staff))
    assert follow(world, asked).state == State.QUOTED
    world.clock.advance(hours=2)

    assert (follow(world, asked).state, asked.reason) == (State.OPEN, requests.NOT_CONFIRMED)


def test_a_quote_without_a_price_opens_it_again(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    Quote.objects.filter(pk=quote_for(asked, world.staff).pk).update(state=Quote.State.REFUSED)

    assert (follow(world, asked).state, asked.reason) == (State.OPEN, requests.NO_PRICE)


def test_a_refusal_opens_it_again(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker, NAME, "other.example.org")
    order = ordered(world, asked)
    world.ca.arm("ADDDOMAIN", Fault.error("invalid-argument", "domainName"))
    work(world, order)

    follow(world, asked)
    refused = order.operations.get(state=Operation.State.REFUSED).domain_name
    assert (asked.state, asked.reason) == (State.OPEN, f"The CA refused: {refused}.")
    assert notices()[1:] == []


def test_a_canceled_order_opens_it_again(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    cancel_operation(actor=world.staff, operation=ordered(world, asked).operations.get(), reason="Not now.")

    assert (follow(world, asked).state, asked.reason) == (State.OPEN, f"Canceled: {NAME}.")


def test_what_was_left_out_of_the_order_is_told(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker, NAME, "other.example.com")
    work(world, ordered(world, asked, [NAME]))

    assert (follow(world, asked).state, asked.reason) == (State.OPEN, "Not ordered: other.example.com.")


def test_a_removal_is_done_once_the_names_are_gone(world: World, running: Subscription, asker: User) -> None:
    domain = running.domains.present().get()
    asked = services.ask_for_removal(
        actor=asker, subscription=running, codes=[domain.code], note="", form_token=uuid4()
    )
    (operation,) = remove_names(actor=world.staff, domains=[domain], asked_for=asked)
    assert follow(world, asked).state == State.ORDERED
    cast.end_operation(operation, Operation.State.SUCCEEDED)

    assert follow(world, asked).state == State.DONE


def test_an_extension_is_asked_for_once(world: World, running: Subscription, asker: User) -> None:
    def extend() -> CustomerRequest:
        return services.ask_for_extension(actor=asker, subscription=running, years=1, note="", form_token=uuid4())

    with pytest.raises(ServiceError, match="can be asked for from"):
        extend()
    assert running.expires_at is not None
    world.clock.advance(days=(running.expires_at - world.clock()).days - 120)  # not yet taken by the CA, but near
    extend()

    with pytest.raises(ServiceError, match="asked for already"):
        extend()


# --- Two at once ----------------------------------------------------------------------------------------------------


def test_what_was_withdrawn_is_not_ordered(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    quote = priced(world, quote_for(asked, world.staff))
    services.withdraw(actor=asker, asked=asked)

    with pytest.raises(ServiceError, match="“Withdrawn” by now"):
        confirm_quote(actor=world.staff, quote=quote)
    assert not Order.objects.filter(quote=quote).exists()
    assert not Operation.objects.filter(domain_name=NAME).exists()


def test_what_was_ordered_is_not_withdrawn(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    stale = CustomerRequest.objects.get(pk=asked.pk)
    ordered(world, asked)

    with pytest.raises(ServiceError, match="“Ordered” by now"):
        services.withdraw(actor=asker, asked=stale)
    with pytest.raises(ServiceError, match="“Ordered” by now"):
        decline(world, stale)
    asked.refresh_from_db()
    assert asked.state == State.ORDERED


def decline(world: World, asked: CustomerRequest) -> None:
    services.decline(actor=world.staff, asked=asked, reason="Not under this type.")


def test_of_two_who_quote_one_is_told(world: World, running: Subscription, asker: User, operator: User) -> None:
    asked = ask(running, asker)
    quote_for(asked, world.staff)

    with pytest.raises(ServiceError, match="is getting a quote"):
        quote_for(CustomerRequest.objects.get(pk=asked.pk), operator)
    assert Quote.objects.filter(asked_for=asked).count() == 1
    quote_for(asked, world.staff)  # whoever has it corrects the list
    world.clock.advance(hours=2)
    Quote.objects.update(state=Quote.State.READY, valid_until=world.clock() - timedelta(minutes=1))
    quote_for(asked, operator)  # nobody holds it for ever


def test_it_is_declined_with_a_reason(world: World, running: Subscription, asker: User) -> None:
    asked = ask(running, asker)
    with pytest.raises(ServiceError, match="Say why"):
        services.decline(actor=world.staff, asked=asked, reason=" ")
    decline(world, asked)

    assert (asked.state, asked.reason) == (State.DECLINED, "Not under this type.")
    assert notices()[1:] == [("request_answered", asker.email)]
    with pytest.raises(ServiceError, match="“Declined” by now"):
        quote_for(asked, world.staff)
