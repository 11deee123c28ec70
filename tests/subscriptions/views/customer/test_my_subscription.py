"""The subscription page of the customer's people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from subscriptions.models import AcmeAccount, Certificate, Operation, Subscription
from tests import cast


def page_of(subscription: Subscription) -> str:
    return reverse("subscriptions:my-subscription", args=[subscription.code])


@pytest.fixture(autouse=True)
def sent(no_broker: list[tuple[str, tuple[Any, ...]]]) -> list[tuple[str, tuple[Any, ...]]]:
    return no_broker


def test_it_works(client: Client, viewer: User, running_subscription: Subscription) -> None:
    response = cast.sign_in(client, viewer).get(page_of(running_subscription))
    text = response.content.decode()
    assert response.status_code == 200
    assert running_subscription.binding.directory_url in text
    assert running_subscription.binding.eab_key_id in text
    assert cast.HMAC_KEY not in text
    assert ">www.example.com" in text.replace("\n", "").replace(" ", "")
    assert response.context["health"].sentence == "No certificate yet for 2 names."
    assert [step.state for step in response.context["steps"]] == ["current", "todo", "todo"]


def test_guide_ticks_itself_off(client: Client, member: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, member)
    acme_account = AcmeAccount.objects.create(
        binding=running_subscription.binding, acme_account_id="70999", status="pending"
    )

    def states() -> list[str]:
        return [step.state for step in client.get(page_of(running_subscription)).context["steps"]]

    assert states() == ["current", "todo", "todo"]
    AcmeAccount.objects.filter(pk=acme_account.pk).update(status="valid", user_agent="certbot/2.1.0")
    assert states() == ["done", "done", "current"]
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    assert states() == []


def test_the_first_certificate_stays_the_first(
    client: Client, member: User, running_subscription: Subscription
) -> None:
    cast.make_certificate(running_subscription.domains.get(name="example.com"))
    running_subscription.domains.update(removed_at=timezone.now())
    assert cast.sign_in(client, member).get(page_of(running_subscription)).context["steps"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"account_state": "suspended"},
        {"account_state": "deactivated"},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"creation": "creating"},
        {"creation": "failed"},
    ],
)
def test_there_is_no_guide_where_it_cannot_be_followed(
    client: Client, member: User, subscription: Subscription, fields: dict[str, Any]
) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(**fields)
    response = cast.sign_in(client, member).get(page_of(subscription))
    assert "To your first certificate" not in response.content.decode()
    assert response.context["announcement"] == ""


def test_names_show_what_the_ca_reported(client: Client, member: User, running_subscription: Subscription) -> None:
    AcmeAccount.objects.create(
        binding=running_subscription.binding,
        acme_account_id="70999",
        status="valid",
        user_agent="lego/4.9.1 (release; linux; amd64)",
    )
    current = cast.make_certificate(running_subscription.domains.get(name="example.com"))
    Certificate.objects.filter(pk=current.pk).update(ca_order_number=123455, acme_account_id="70999")
    cast.make_ca_order(
        running_subscription.domains.get(name="www.example.com"),
        status_code=3,
        ordered_failed_since=timezone.now(),
        failed_description="PRE-SIGN FAILED",
    )
    response = cast.sign_in(client, member).get(page_of(running_subscription))
    first, second = response.context["rows"]
    assert (first.state, first.certificate.ca_order_number, first.note) == ("current", 123455, "")
    assert (first.client_name, second.client_name) == ("lego 4.9.1", "")
    assert first.user_agent == "lego/4.9.1 (release; linux; amd64)"
    assert (second.state, second.note, second.acme_account) == ("failing", "PRE-SIGN FAILED", None)
    assert response.context["health"].sentence == "The last order of 1 of 2 names failed."
    assert "123455" in response.content.decode()
    assert "PRE-SIGN FAILED" in response.content.decode()


def test_removed_names_are_not_shown(client: Client, member: User, running_subscription: Subscription) -> None:
    running_subscription.domains.filter(name="www.example.com").update(removed_at=timezone.now())
    response = cast.sign_in(client, member).get(page_of(running_subscription))
    assert [row.domain.name for row in response.context["rows"]] == ["example.com"]


def test_search(client: Client, member: User, running_subscription: Subscription) -> None:
    response = cast.sign_in(client, member).get(page_of(running_subscription), {"q": "WWW"})
    assert [row.domain.name for row in response.context["rows"]] == ["www.example.com"]


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x", "-1"])
def test_page_that_does_not_exist(
    client: Client, member: User, running_subscription: Subscription, number: str
) -> None:
    response = cast.sign_in(client, member).get(page_of(running_subscription), {"page": number})
    assert response.status_code == 200
    assert response.context["page"].number == 1


def test_opening_has_the_ca_read_once_a_minute(
    client: Client,
    member: User,
    running_subscription: Subscription,
    sent: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    cast.sign_in(client, member)
    with django_capture_on_commit_callbacks(execute=True):
        client.get(page_of(running_subscription))
        client.get(page_of(running_subscription))
    assert sent == [("sync_subscription", (running_subscription.pk,))]


def test_being_created(client: Client, member: User) -> None:
    subscription = cast.make_subscription(member.customers.get(), is_ready=False)
    response = cast.sign_in(client, member).get(page_of(subscription))
    assert "being created" in response.content.decode()
    assert "EAB HMAC key" not in response.content.decode()


def test_no_name_is_left(client: Client, member: User, running_subscription: Subscription) -> None:
    cast.sign_in(client, member)
    setup = reverse("subscriptions:my-setup-client", args=[running_subscription.code, "certbot"])
    pages = [page_of(running_subscription), reverse("subscriptions:my-home"), setup]
    running_subscription.domains.update(removed_at=timezone.now())
    for page in pages:
        text = client.get(page).content.decode()
        assert "No name is left" in text
        assert "No names" not in text
    Subscription.objects.filter(pk=running_subscription.pk).update(expires_at=None)
    for page in pages:
        assert "No names" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"creation": Subscription.Creation.FAILED}, "could not be created"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "has lapsed"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "Your provider can extend it until"),
        ({"expires_at": timezone.now() - timedelta(days=40)}, "It can no longer be extended"),
        ({"sync_problem": "timed out at 10.0.0.3"}, "The CA could not be asked"),
    ],
)
def test_trouble_is_named(
    client: Client, member: User, subscription: Subscription, fields: dict[str, Any], sentence: str
) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(**fields)
    text = cast.sign_in(client, member).get(page_of(subscription)).content.decode()
    assert sentence in text
    assert "10.0.0.3" not in text


@pytest.mark.parametrize(("days", "weight"), [(40, "primary"), (-1, "secondary")])
def test_setting_up_is_not_the_first_thing_to_do_once_it_has_lapsed(
    client: Client, member: User, running_subscription: Subscription, days: int, weight: str
) -> None:
    for domain in running_subscription.domains.all():
        cast.make_certificate(domain)  # so that no steps to the first one are shown
    ends_at = timezone.now() + timedelta(days=days)
    Subscription.objects.filter(pk=running_subscription.pk).update(expires_at=ends_at)
    text = cast.sign_in(client, member).get(page_of(running_subscription)).content.decode()
    assert f'class="btn btn-{weight}"' in text.partition("Set up a client")[0]


def test_reveals_are_listed(client: Client, member: User, owner: User, running_subscription: Subscription) -> None:
    key = {"action": "key.revealed", "actor_name": str(owner), "target_code": running_subscription.code}
    AuditEvent.objects.create(customer_code=running_subscription.customer.code, **key)
    AuditEvent.objects.create(customer_code=uuid4(), **key)  # while it was another customer's
    AuditEvent.objects.create(action="key.revealed", actor_name=str(owner))
    response = cast.sign_in(client, member).get(page_of(running_subscription))
    assert [event.actor_name for event in response.context["reveals"]] == [str(owner)]
    assert "Last revealed by Olga Owner" in response.content.decode()


def test_costs_of_the_reseller_are_not_shown(client: Client, owner: User, running_subscription: Subscription) -> None:
    quote = cast.make_quote(running_subscription, {"shop.example.com": "95.00"})
    order = cast.make_order(quote)
    cast.end_operation(order.operations.get(), Operation.State.SUCCEEDED, charged="95.00", charged_currency="USD")
    text = cast.sign_in(client, owner).get(page_of(running_subscription)).content.decode()
    assert "95.00" not in text
    assert "USD" not in text


@pytest.mark.parametrize("name", ["stranger", "operator"])
def test_others_get_404(
    client: Client, running_subscription: Subscription, name: str, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(name)
    assert cast.sign_in(client, user).get(page_of(running_subscription)).status_code == 404


def test_post_is_refused(client: Client, owner: User, running_subscription: Subscription) -> None:
    assert cast.sign_in(client, owner).post(page_of(running_subscription)).status_code == 405


def test_queries_do_not_grow(
    client: Client, owner: User, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    cast.sign_in(client, owner)
    few, many = subscription, cast.make_subscription(subscription.customer)
    for one, number in ((few, 10), (many, 1000)):
        cast.make_names(one, number)
        for domain in one.domains.all()[:200]:
            cast.make_certificate(domain)
        client.get(page_of(one))
    assert count_queries(client, page_of(many)) == count_queries(client, page_of(few))
