"""The page that tells what a removal of names does, and what its button does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import AuditEvent, User
from subscriptions.happenings import Happening
from subscriptions.models import Domain, Operation, Subscription
from subscriptions.services.names import remove_names
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for, unknown
from tests.subscriptions.views.staff.test_name_list import bought

NAMES = ["example.com", "www.example.com"]


def url_of(subscription: Subscription) -> str:
    return reverse("subscriptions:name-remove", args=[subscription.code])


def page_of(client: Client, subscription: Subscription, *names: str) -> Any:
    codes = [str(domain.code) for domain in subscription.domains.filter(name__in=names)]
    return client.get(url_of(subscription), {"name": codes})


def confirm(client: Client, subscription: Subscription, page: Any, **changes: Any) -> Any:
    removal = page.context["removal"]
    codes = [str(one.domain.code) for one in removal.leaving]
    return client.post(url_of(subscription), {"name": codes, "seen": removal.version} | changes)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_it_works(
    staff_client: Client,
    running_subscription: Subscription,
    operator: User,
    no_broker: list[tuple[str, tuple[Any, ...]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    cast.open_gate()
    page = page_of(staff_client, running_subscription, *NAMES)

    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(staff_client, running_subscription, page)

    operations = list(Operation.objects.order_by("turn"))
    assert response["Location"] == reverse("subscriptions:name-list", args=[running_subscription.code])
    assert [(one.domain_name, one.state, one.created_by, one.takes_away) for one in operations] == [
        ("example.com", "queued", operator, True),
        ("www.example.com", "queued", operator, True),
    ]
    # One lane: of two names of one domain the first goes alone.
    assert no_broker == [("execute_operation", (operations[0].pk,))]
    events = AuditEvent.objects.filter(action=Happening.REMOVAL_CONFIRMED).order_by("pk")
    assert [(event.detail["name"], event.actor_code) for event in events] == [(name, operator.code) for name in NAMES]


@pytest.mark.parametrize(("days_ago", "said"), [(1, True), (40, False)])
def test_a_refund_is_announced_only_where_one_can_come(
    staff_client: Client, running_subscription: Subscription, no_broker: list[Any], days_ago: int, said: bool
) -> None:
    cast.open_gate()
    bought(running_subscription, "new.example.com", days_ago=days_ago)
    confirm(staff_client, running_subscription, page_of(staff_client, running_subscription, "new.example.com"))

    page = text(staff_client.get(reverse("subscriptions:name-list", args=[running_subscription.code])))

    assert "The name is being removed at the CA." in page
    assert ("What it gives back" in page) == said


def test_the_page_tells_what_comes_back_for_each(staff_client: Client, running_subscription: Subscription) -> None:
    bought(running_subscription, "new.example.com", "95.00", days_ago=29)
    bought(running_subscription, "old.example.com", "95.00", days_ago=30)
    free = cast.make_domain(running_subscription, "free.example.com")
    Domain.objects.filter(pk=free.pk).update(is_free=True)
    waiting = bought(running_subscription, "open.example.com")
    Operation.objects.filter(domains=waiting).update(charged=None, is_charge_open=True)
    cast.make_certificate(free)
    everything = running_subscription.domains.values_list("name", flat=True)

    page = page_of(staff_client, running_subscription, *everything)

    told = {one.domain.name: str(one.refund) for one in page.context["removal"].leaving}
    assert told == {
        "example.com": "not_known",
        "www.example.com": "not_known",
        "new.example.com": "comes",
        "old.example.com": "too_late",
        "free.example.com": "free",
        "open.example.com": "open",
    }
    assert "Remove 6 names – USD 95.00 comes back" in text(page)
    assert "No name stays" in text(page)
    assert "1 certificate is current: it stays valid until its own end." in text(page)


@pytest.mark.parametrize(
    ("days_ago", "is_free", "button"),
    [
        (1, False, "Remove bücher.example (xn--bcher-kva.example) – USD 95.00 comes back"),
        (30, False, "Remove bücher.example (xn--bcher-kva.example) – nothing comes back"),
        (1, True, "Remove bücher.example (xn--bcher-kva.example) – nothing comes back"),
    ],
)
def test_the_button_tells_the_effect(
    staff_client: Client, running_subscription: Subscription, days_ago: int, is_free: bool, button: str
) -> None:
    domain = bought(running_subscription, "xn--bcher-kva.example", days_ago=days_ago)
    Domain.objects.filter(pk=domain.pk).update(is_free=is_free)

    assert button in text(page_of(staff_client, running_subscription, "xn--bcher-kva.example"))


def test_what_is_not_known_is_not_promised(staff_client: Client, running_subscription: Subscription) -> None:
    page = text(page_of(staff_client, running_subscription, "example.com"))

    assert ">Remove example.com</button>" in page
    assert "Not known: it was not added here" in page


def test_a_page_that_told_something_else_removes_nothing(
    staff_client: Client, running_subscription: Subscription
) -> None:
    domain = bought(running_subscription, "new.example.com")
    page = page_of(staff_client, running_subscription, "new.example.com")
    Domain.objects.filter(pk=domain.pk).update(added_at=timezone.now() - timedelta(days=30))  # the day has passed

    response = confirm(staff_client, running_subscription, page)

    assert "changed since this page was opened" in text(response)
    assert "Remove new.example.com – nothing comes back" in text(response)
    assert not Operation.objects.filter(takes_away=True).exists()


def test_queries_do_not_grow_with_the_names_that_go(
    staff_client: Client, subscription: Subscription, count_queries: Callable[[Client, str], int]
) -> None:
    cast.make_names(subscription, 100)
    chosen = [f"name={code}" for code in subscription.domains.values_list("code", flat=True)]

    few, many = (f"{url_of(subscription)}?{'&'.join(names)}" for names in (chosen[:2], chosen))

    assert count_queries(staff_client, many) == count_queries(staff_client, few)


def test_what_is_under_way_is_left_out(
    staff_client: Client, running_subscription: Subscription, operator: User
) -> None:
    first = running_subscription.domains.get(name="example.com")
    remove_names(actor=operator, domains=[first])

    page = page_of(staff_client, running_subscription, *NAMES)

    assert [one.domain.name for one in page.context["removal"].leaving] == ["www.example.com"]
    assert "It is not part of this." in text(page)
    assert "No name was chosen" in text(page_of(staff_client, running_subscription, "example.com"))


def test_pressed_twice_it_is_one_removal(staff_client: Client, running_subscription: Subscription) -> None:
    page = page_of(staff_client, running_subscription, "example.com")

    confirm(staff_client, running_subscription, page)
    again = confirm(staff_client, running_subscription, page)

    assert "Nothing was removed" in text(again)
    assert Operation.objects.count() == 1


def test_all_of_them_or_none(running_subscription: Subscription, operator: User) -> None:
    domains = list(running_subscription.domains.order_by("name"))
    remove_names(actor=operator, domains=[domains[1]])

    with pytest.raises(ServiceError, match="Something is under way about one of these names"):
        remove_names(actor=operator, domains=domains)
    assert Operation.objects.count() == AuditEvent.objects.filter(action=Happening.REMOVAL_CONFIRMED).count() == 1

    Domain.objects.filter(pk=domains[0].pk).update(removed_at=timezone.now())
    with pytest.raises(ServiceError, match="This name was removed already"):
        remove_names(actor=operator, domains=domains[:1])


def test_names_of_another_subscription_are_no_names_of_this(
    staff_client: Client, running_subscription: Subscription, subscription: Subscription
) -> None:
    response = staff_client.get(
        url_of(subscription), {"name": [str(running_subscription.domains.earliest("pk").code), str(uuid4()), "no code"]}
    )

    assert "No name was chosen" in text(response)


def test_access(owner: User, stranger: User, auditor: User, operator: User, running_subscription: Subscription) -> None:
    for method in ("get", "post"):
        assert status_for(None, url_of(running_subscription), method) == 302
        assert status_for(stranger, url_of(running_subscription), method) == 404
        assert status_for(owner, url_of(running_subscription), method) == 404
        assert status_for(auditor, url_of(running_subscription), method) == 403
        assert status_for(operator, url_of(running_subscription), method) == 200
    assert status_for(operator, unknown("name-remove")) == 404
    assert not Operation.objects.exists()
