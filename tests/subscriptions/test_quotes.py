"""Asking for prices: the service takes names as they were typed and checks all it needs itself."""

from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from accounts.errors import ServiceError
from accounts.models import User
from subscriptions.models import Operation, Quote, Subscription
from subscriptions.selectors.names import holders_of, names_under_way, other_holder
from subscriptions.services.quotes import request_quote
from tests import cast


def ask(operator: User, subscription: Subscription, *names: str) -> Quote:
    return request_quote(
        actor=operator,
        subscription=subscription,
        names=names,
        add_companions=False,
        prevalidation=None,
        form_token=uuid4(),
    )


def refusal_of(operator: User, subscription: Subscription, *names: str) -> str:
    with pytest.raises(ServiceError) as refused:
        ask(operator, subscription, *names)
    assert Quote.objects.count() == 0
    return refused.value.message


def test_it_works(operator: User, subscription: Subscription) -> None:
    typed = ["https://WWW.Example.com/", "ΟΔΟΣ-ΑΘΗΝΑ.gr", "www.example.com。", "xn--i-7iq.ws", "*．example.com"]

    quote = ask(operator, subscription, *typed)

    assert set(quote.lines.values_list("name", flat=True)) == {
        "*.example.com",
        "www.example.com",
        "xn----zlbajrf0bkb4b.gr",
        "xn--i-7iq.ws",
    }


def test_what_a_form_refuses_is_refused_with_the_names(operator: User, subscription: Subscription) -> None:
    message = refusal_of(operator, subscription, "good.com", "server.local", "192.0.2.1")

    assert message.startswith("Not every name can be added. server.local: Names under .local are not public")
    assert message.endswith("192.0.2.1: An IP address cannot be added: only domain names can.")
    assert "good.com" not in message


def test_of_many_refused_names_the_first_are_told(operator: User, subscription: Subscription) -> None:
    message = refusal_of(operator, subscription, *(f"n{n}.local" for n in range(500)))

    assert message.count(" are not public") == 10
    assert message.endswith(" And 490 more.")


def test_what_is_there_is_refused_in_every_writing(operator: User, running_subscription: Subscription) -> None:
    assert "Already in this subscription." in refusal_of(operator, running_subscription, "WWW.example.com。")


@pytest.mark.parametrize("kind", Operation.Kind.values)
@pytest.mark.parametrize("state", Operation.UNSETTLED)
def test_what_is_under_way_is_refused_whatever_the_kind(
    operator: User, subscription: Subscription, kind: str, state: str
) -> None:
    Operation.objects.create(
        subscription=subscription, kind=kind, state=state, domain_name="a.com", names=["a.com", "www.a.com"]
    )

    assert names_under_way(subscription) == {"a.com", "www.a.com"}
    message = refusal_of(operator, subscription, "WWW.a.com")
    waits = state == Operation.State.ATTENTION
    why = (
        "Something about it waits for a decision of reseller staff."
        if waits
        else "Already being added to this subscription."
    )
    assert message == f"Not every name can be added. WWW.a.com: {why}"


def test_what_has_ended_is_not_under_way(operator: User, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.com": "1.00"}))
    cast.end_operation(order.operations.get(), "refused")

    assert names_under_way(subscription) == frozenset()


@pytest.mark.parametrize("number", [0, 501, 1500])
def test_a_quote_has_a_limit(operator: User, subscription: Subscription, number: int) -> None:
    names = [f"n{n}.com" for n in range(number)]
    assert refusal_of(operator, subscription, *names) == "A quote is for 1 to 500 names."


def test_a_name_in_two_writings_counts_once(operator: User, subscription: Subscription) -> None:
    names = [f"n{n}.com" for n in range(500)]
    assert ask(operator, subscription, *names, *map(str.upper, names)).lines.count() == 500


def test_the_names_of_the_demo_are_sold_in_the_sandbox_only(
    operator: User, subscription: Subscription, settings: Settings
) -> None:
    assert "not public" in refusal_of(operator, subscription, "shop.example")
    settings.CAAS_SANDBOX = True
    assert ask(operator, subscription, "shop.example").lines.get().name == "shop.example"


def test_another_customer_holds_a_name(subscription: Subscription, running_subscription: Subscription) -> None:
    theirs = cast.make_subscription(cast.make_customer("Contoso"))
    cast.make_domain(theirs, "a.com")
    cast.make_domain(running_subscription, "b.com")

    held = holders_of(["a.com", "b.com", "c.com"])
    assert [other_holder(held, [name], subscription) for name in ("a.com", "b.com", "c.com")] == ["Contoso", "", ""]
