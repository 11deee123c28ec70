"""Adding names by form: every line is checked, nothing typed is lost, and the CA is asked for prices."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.kept_settings import keep_setting
from accounts.models import Customer, User
from subscriptions.forms.domains import MAX_SHOWN
from subscriptions.models import AcmeServer, Prevalidation, Quote, Subscription
from subscriptions.rules.instants import day_text
from subscriptions.selectors.prevalidations import RENEWAL_MODE
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown


def url_of(subscription: Subscription) -> str:
    return reverse("subscriptions:domain-add", args=[subscription.code])


def typed(names: str, **fields: Any) -> dict[str, Any]:
    return {"names": names, "form_token": uuid4()} | fields


@pytest.fixture
def ov_subscription(customer: Customer, server_ov: AcmeServer, prevalidation: Prevalidation) -> Subscription:
    return cast.make_subscription(customer, server_ov, prevalidation=prevalidation)


def test_it_works(staff_client: Client, subscription: Subscription, operator: User) -> None:
    text = "https://WWW.Example.com/shop\n*.example.org, bücher.com"

    response = staff_client.post(url_of(subscription), typed(text, add_companions="on"))

    quote = Quote.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("subscriptions:quote-detail", args=[quote.code])
    assert (quote.state, quote.add_companions, quote.typed_text, quote.created_by) == ("queued", True, text, operator)
    assert list(quote.lines.values_list("name", flat=True)) == [
        "*.example.org",
        "xn--bcher-kva.com",
        "www.example.com",
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"account_state": "suspended"}, "The ACME account is suspended with its key"),
        ({"account_state": "deactivated"}, "The ACME account is deactivated for good"),
        ({"expires_at": timezone.now() - timedelta(days=3)}, "extend it before adding names"),
    ],
    ids=["suspended", "deactivated", "lapsed"],
)
def test_where_none_can_be_added_it_says_so_before_one_types(
    staff_client: Client, subscription: Subscription, fields: dict[str, Any], said: str
) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(**fields)

    page = staff_client.get(url_of(subscription)).content.decode()
    late = staff_client.post(url_of(subscription), typed("www.example.com")).content.decode()

    assert said in page
    assert "Get a quote" not in page
    assert said in late
    assert "www.example.com</textarea>" in late  # nothing typed is lost
    assert Quote.objects.count() == 0


def test_a_name_after_the_term_is_said_to_start_a_new_one(staff_client: Client, subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(expires_at=timezone.now() - timedelta(days=60))
    assert "The first name starts a new term" in staff_client.get(url_of(subscription)).content.decode()


def test_the_ca_is_asked_after_the_commit(
    staff_client: Client,
    subscription: Subscription,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(url_of(subscription), typed("www.example.com"))

    assert no_broker == [("price_quote", (Quote.objects.get().pk,))]


def test_a_double_click_makes_one_quote(staff_client: Client, subscription: Subscription) -> None:
    form = typed("www.example.com")

    first = staff_client.post(url_of(subscription), form)
    second = staff_client.post(url_of(subscription), form)

    assert first["Location"] == second["Location"]
    assert Quote.objects.count() == 1


def test_going_back_and_correcting_the_list_makes_another_quote(
    staff_client: Client, subscription: Subscription
) -> None:
    form = typed("www.example.com")
    staff_client.post(url_of(subscription), form)

    staff_client.post(url_of(subscription), form | {"names": "shop.example.com"})

    assert sorted(line.name for quote in Quote.objects.all() for line in quote.lines.all()) == [
        "shop.example.com",
        "www.example.com",
    ]


def test_each_wrong_line_is_told_and_nothing_typed_is_lost(
    staff_client: Client, running_subscription: Subscription
) -> None:
    text = "good.example.com\n\nco.uk\n192.0.2.1\nwww.example.com\ngood.example.com\nbad_name.example.com"

    response = staff_client.post(url_of(running_subscription), typed(text))

    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["form"]["names"].value() == text
    assert "4 names need a correction; see below. Nothing was sent." in page
    assert [(one.line, one.checked.problem) for one in response.context["check"].problems] == [
        (3, "co.uk belongs to a registry, not to one owner: no certificate can be had for it."),
        (4, "An IP address cannot be added: only domain names can."),
        (5, "Already in this subscription."),
        (7, "A name in a certificate cannot hold an underscore."),
    ]
    assert "Line 3" in page
    assert Quote.objects.count() == 0


def test_what_staff_should_know_is_told_without_javascript_too(
    staff_client: Client, running_subscription: Subscription
) -> None:
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "shop.example.org")
    cast.make_domain(running_subscription, "*.example.com")
    text = "Shop.example.org\napi.example.com\nco.uk"

    page = staff_client.post(url_of(running_subscription), typed(text)).content.decode()

    assert "is in a subscription of Contoso too." in page
    assert 'covers <span class="name">api.example.com</span> too.' in page
    assert 'is read as <span class="name">shop.example.org</span>.' in page


def test_a_name_that_a_wildcard_covers_or_another_customer_has_can_be_quoted(
    staff_client: Client, running_subscription: Subscription
) -> None:
    cast.make_domain(cast.make_subscription(cast.make_customer("Contoso")), "api.example.com")
    cast.make_domain(running_subscription, "*.example.com")

    response = staff_client.post(url_of(running_subscription), typed("api.example.com"))

    assert response.status_code == 302
    assert [line.name for line in Quote.objects.get().lines.all()] == ["api.example.com"]


def test_a_name_that_is_being_added_is_told(staff_client: Client, subscription: Subscription) -> None:
    cast.make_order(cast.make_quote(subscription, {"www.example.com": "95.00"}))

    response = staff_client.post(url_of(subscription), typed("www.example.com"))

    assert "Already being added to this subscription." in response.content.decode()
    assert Quote.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Type at least one name."),
        (" \n ,; ", "Type at least one name."),
        ("\n".join(f"n{i}.example.com" for i in range(501)), "These are 501 names; a quote takes 500 at most."),
        ("a," * 500_000, "A quote takes 500 names at most. Split the list."),
    ],
)
def test_bad_input(staff_client: Client, subscription: Subscription, text: str, message: str) -> None:
    response = staff_client.post(url_of(subscription), typed(text))

    assert response.status_code == 200
    assert message in response.content.decode()
    assert Quote.objects.count() == 0


def test_of_a_list_that_is_too_long_nothing_is_lost_and_only_the_beginning_is_checked(
    staff_client: Client, subscription: Subscription
) -> None:
    text = ",".join(f"a{n}" for n in range(20_000))

    response = staff_client.post(url_of(subscription), typed(text))

    page = response.content.decode()
    assert response.context["form"]["names"].value() == text
    assert "These are 20000 names; a quote takes 500 at most. Split the list." in page
    assert len(response.context["check"].lines) == 500
    assert page.count("The name needs at least two labels") == MAX_SHOWN
    assert Quote.objects.count() == 0


def test_ov_has_its_prevalidation_chosen_already(staff_client: Client, ov_subscription: Subscription) -> None:
    response = staff_client.get(url_of(ov_subscription))

    assert ov_subscription.prevalidation is not None
    assert response.context["form"]["prevalidation"].value() == ov_subscription.prevalidation.code


def test_ov_takes_the_prevalidation(
    staff_client: Client, ov_subscription: Subscription, prevalidation: Prevalidation
) -> None:
    staff_client.post(url_of(ov_subscription), typed("www.example.com", prevalidation=prevalidation.code))

    assert Quote.objects.get().lines.get().prevalidation == prevalidation


@pytest.mark.parametrize("choice", ["", "2dd8609a-2f05-493a-991b-c779e3eebffc"])
def test_ov_without_its_prevalidation_is_refused(
    staff_client: Client, ov_subscription: Subscription, choice: str
) -> None:
    response = staff_client.post(url_of(ov_subscription), typed("www.example.com", prevalidation=choice))

    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["prevalidation"]
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(("mode", "quotes"), [("", 0), ("manual", 0), ("automatic", 1)])
def test_a_passed_prevalidation_blocks_or_warns_by_the_renewal_mode(
    staff_client: Client, ov_subscription: Subscription, mode: str, quotes: int
) -> None:
    keep_setting(RENEWAL_MODE, mode)
    yesterday = timezone.now().date() - timedelta(days=1)
    passed = cast.make_prevalidation(ov_subscription.customer, valid_until=yesterday)

    assert f"{day_text(yesterday)}, has passed" in staff_client.get(url_of(ov_subscription)).content.decode()
    staff_client.post(url_of(ov_subscription), typed("www.example.com", prevalidation=passed.code))

    assert Quote.objects.count() == quotes


def test_a_lapsed_subscription_takes_no_names(staff_client: Client, customer: Customer) -> None:
    lapsed = cast.make_subscription(customer, expires_at=timezone.now() - timedelta(days=1))

    response = staff_client.post(url_of(lapsed), typed("www.example.com"))

    assert "The subscription&#x27;s term has ended: extend it before adding names." in response.content.decode()
    assert Quote.objects.count() == 0


def test_it_starts_with_the_list_of_a_quote(staff_client: Client, subscription: Subscription) -> None:
    quote = cast.make_quote(subscription, typed_text="A.example.com\nb.example.com", add_companions=True)

    form = staff_client.get(url_of(subscription), {"quote": str(quote.code)}).context["form"]

    assert form["names"].value() == "A.example.com\nb.example.com"
    assert form["add_companions"].value() is True


def test_it_starts_with_what_the_ca_refused_of_an_order(staff_client: Client, subscription: Subscription) -> None:
    order = cast.make_order(cast.make_quote(subscription, {"a.example.com": "1.00", "b.example.com": "1.00"}))
    cast.end_operation(order.operations.get(domain_name="b.example.com"), "refused")

    form = staff_client.get(url_of(subscription), {"order": str(order.code)}).context["form"]

    assert form["names"].value() == "b.example.com"


def test_a_quote_of_another_subscription_is_not_taken(
    staff_client: Client, subscription: Subscription, running_subscription: Subscription
) -> None:
    quote = cast.make_quote(running_subscription)

    assert staff_client.get(url_of(subscription), {"quote": str(quote.code)}).status_code == 404
    assert staff_client.get(url_of(subscription), {"quote": "nonsense"}).status_code == 200


def test_queries_do_not_grow_with_rows(staff_client: Client, customer: Customer, count_queries: Any) -> None:
    few, many = cast.make_subscription(customer), cast.make_subscription(customer)
    cast.make_names(few, 10)
    cast.make_names(many, 1000)

    assert count_queries(staff_client, url_of(few)) == count_queries(staff_client, url_of(many))


def test_access(subscription: Subscription, owner: User, stranger: User, auditor: User) -> None:
    url, form = url_of(subscription), typed("www.example.com")
    assert status_for(None, url, "post", form) == 302
    assert status_for(stranger, url, "post", form) == 404
    assert status_for(owner, url, "post", form) == 404
    assert status_for(auditor, url, "post", form) == 403
    assert Quote.objects.count() == 0


def test_unknown_and_wrong_method(operator: User, subscription: Subscription) -> None:
    assert status_for(operator, unknown("domain-add")) == 404
    assert status_for(operator, url_of(subscription), "put") == 405
