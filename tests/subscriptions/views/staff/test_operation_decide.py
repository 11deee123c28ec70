"""Operations that are selected in the list are decided on together, where they are lines of one order."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from subscriptions.models import Operation, Order, Subscription
from tests import cast
from tests.subscriptions.views.staff.access_checks import status_for
from tests.subscriptions.views.staff.test_order_decide import order, states, told
from tests.subscriptions.views.staff.test_order_decide import url_of as of_order


def url_of(order: Order) -> str:
    return of_order(order, "lines-decide")


URL = reverse("subscriptions:operation-decide")

__all__ = ["order"]  # the fixture


def chosen(*operations: Operation) -> dict[str, Any]:
    return {"row": [str(one.code) for one in operations]}


@pytest.mark.usefixtures("no_broker")
def test_only_what_was_selected_is_decided(admin_client: Client, order: Order) -> None:
    _, second, third = order.operations.order_by("pk")

    answer = admin_client.post(URL, chosen(second), follow=True)

    assert answer.redirect_chain == [(f"{url_of(order)}?row={second.code}", 302)]
    waiting = answer.context["waiting"]
    assert ([line.operation for line in waiting.lines], waiting.others) == ([second], 0)
    page = " ".join(answer.content.decode().split())
    assert "Send 1 line – up to USD 122.50" in page
    assert third.domain_name not in page

    sent = {"decision": "cancel", "seen": answer.context["seen"], **chosen(second)}
    without_reason = admin_client.post(url_of(order), sent)
    assert [line.operation for line in without_reason.context["waiting"].lines] == [second]
    assert states(order) == ["succeeded", "attention", "attention"]

    done = admin_client.post(url_of(order), sent | {"reason": "Too dear."})
    assert done.status_code == 302
    assert states(order) == ["succeeded", "canceled", "attention"]


def test_one_that_may_have_happened_needs_a_look_of_its_own(admin_client: Client, order: Order) -> None:
    _, second, third = order.operations.order_by("pk")
    Operation.objects.filter(pk=third.pk).update(was_unknown=True)

    answer = admin_client.post(URL, chosen(second, third), follow=True)

    assert (len(answer.context["waiting"].lines), answer.context["waiting"].others) == (1, 1)


@pytest.mark.parametrize("among", [(0, 1), (1, "other"), ("other",)])
def test_anything_else_is_told(
    admin_client: Client, order: Order, subscription: Subscription, among: tuple[Any, ...]
) -> None:
    other = cast.make_order(cast.make_quote(subscription, {"z.example.com": "1.00"})).operations.get()
    lines = list(order.operations.order_by("pk"))

    answer: Any = admin_client.post(
        f"{URL}?state=attention", chosen(*(other if one == "other" else lines[one] for one in among))
    )

    assert answer["Location"] == reverse("subscriptions:operation-list", query={"state": "attention"})
    assert told(answer) == ["Select lines of one order that need attention: those are decided together."]


def test_nothing_selected_is_told(admin_client: Client) -> None:
    answer: Any = admin_client.post(URL, {"row": ["x"]})

    assert told(answer) == ["Select rows first."]


def test_access_and_wrong_method(owner: User, operator: User, reseller_admin: User, order: Order) -> None:
    for url in (URL, url_of(order)):
        assert status_for(owner, url, "post") == 404
        assert status_for(operator, url, "post") == 403
    assert status_for(reseller_admin, URL) == 405
    assert status_for(reseller_admin, url_of(order)) == 200
