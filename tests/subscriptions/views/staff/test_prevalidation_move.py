"""The page that moves names to another pre-validation: what it tells, and what it confirms."""

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Customer
from subscriptions.models import AcmeServer, Operation, Prevalidation, Quote, Subscription
from tests import cast

State = Operation.State


def url_of(prevalidation: Prevalidation, page: str = "move") -> str:
    return reverse(f"subscriptions:prevalidation-{page}", args=[prevalidation.code])


def text_of(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


@pytest.fixture
def old(customer: Customer) -> Prevalidation:
    return cast.make_prevalidation(customer, valid_until=timezone.now().date() + timedelta(days=5))


@pytest.fixture
def new(customer: Customer) -> Prevalidation:
    return cast.make_prevalidation(customer)


@pytest.fixture
def two(old: Prevalidation, server_ov: AcmeServer) -> list[Subscription]:
    """Two subscriptions with two names each."""
    expiry = timezone.now() + timedelta(days=200)
    made = [
        cast.make_subscription(old.customer, server_ov, label=label, prevalidation=old, expires_at=expiry)
        for label in ("Shop", "Intranet")
    ]
    for subscription in made:
        for name in ("www", "api"):
            name = f"{name}.{subscription.label.lower()}.example.com"
            cast.make_domain(subscription, name, ov_anchor_order_number=old.ov_anchor_order_number)
    return made


def moves() -> list[Operation]:
    return list(Operation.objects.exclude(old_ov_anchor_order_number="").order_by("pk"))


def sent(page: Any, **more: Any) -> dict[str, Any]:
    """What the page's form holds."""
    form = page.context["form"]
    return {"new": form["new"].value() or "", "seen": form["seen"].value(), "reason": ""} | more


def test_it_works(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation, no_broker: list[Any]
) -> None:
    # From the dashboard: look, move names, confirm.
    (task,) = staff_client.get(reverse("subscriptions:dashboard")).context["tasks"]
    assert url_of(old) in text_of(staff_client.get(task.url))
    page = staff_client.get(url_of(old))
    text = text_of(page)
    for part in (old.ov_anchor_order_number, new.ov_anchor_order_number, "Shop", "Intranet", "api.shop.example.com"):
        assert part in text
    assert "Move 4 names in 2 subscriptions" in text

    response = staff_client.post(url_of(old), sent(page))

    assert response["Location"] == url_of(old, "detail")
    assert [(one.subscription, one.ov_anchor_order_number, one.state) for one in moves()] == [
        (subscription, new.ov_anchor_order_number, State.QUEUED) for subscription in two
    ]
    event = AuditEvent.objects.get(action="prevalidation.move_confirmed")
    assert event.detail["changes"] == {"pre-validation": [str(old), str(new)]}
    page = staff_client.get(url_of(old, "detail"))
    assert "2 subscriptions to go" in text_of(page)
    assert page.context["progress"].is_waiting
    for subscription in two:
        shown = staff_client.get(reverse("subscriptions:subscription-detail", args=[subscription.code]))
        assert "Its names are being moved to another pre-validation" in text_of(shown)
    assert "Being moved already" in text_of(staff_client.get(url_of(old)))


def test_the_new_ones_page_leads_there_with_it_chosen(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation
) -> None:
    cast.make_prevalidation(old.customer)  # so that there is a choice
    target = f"{url_of(old)}?to={new.code}"
    assert target in text_of(staff_client.get(url_of(new, "detail")))
    page = staff_client.get(target)
    assert page.context["chosen"] == str(new.code)
    assert staff_client.get(url_of(old)).context["chosen"] == ""


def test_what_cannot_be_chosen_is_shown_with_the_reason(
    staff_client: Client, two: list[Subscription], old: Prevalidation
) -> None:
    requested = cast.make_prevalidation(old.customer, recorded_status="requested")
    page = staff_client.get(url_of(old))
    assert "There is no other valid one to move to" in text_of(page)
    assert "Cannot be chosen" in text_of(page)
    assert staff_client.post(url_of(old), sent(page, new=requested.code)).status_code == 200
    assert not moves()


def test_bad_input_is_told_at_its_place(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation
) -> None:
    page = staff_client.get(url_of(old))
    assert "Choose the pre-validation that the names go to." in text_of(
        staff_client.post(url_of(old), sent(page, new="", reason="Typed."))
    )
    stale = staff_client.post(url_of(old), sent(page, seen="other", reason="Typed."))
    assert "has changed since this page was opened" in text_of(stale)
    assert 'value="Typed."' in text_of(stale)
    assert not moves()
    # What the answer shows is what is sent next.
    assert staff_client.post(url_of(old), sent(stale)).status_code == 302


def test_another_organization_wants_a_reason(staff_client: Client, two: list[Subscription], old: Prevalidation) -> None:
    cast.make_prevalidation(old.customer, organization_name="Northwind Holding SE")
    page = staff_client.get(url_of(old))
    refused = staff_client.post(url_of(old), sent(page))
    assert list(refused.context["form"].errors) == ["reason"]  # at its place
    assert "Say why" in text_of(refused)
    assert staff_client.post(url_of(old), sent(page, reason="Taken over.")).status_code == 302
    assert AuditEvent.objects.get(action="prevalidation.move_confirmed").detail["reason"] == "Taken over."


def test_names_under_way_have_their_subscription_wait(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation
) -> None:
    addition = cast.make_order(cast.make_quote(two[0])).operations.get()
    Operation.objects.filter(pk=addition.pk).update(ov_anchor_order_number=old.ov_anchor_order_number)
    page = staff_client.get(url_of(old))
    assert "Waits: names are being added" in text_of(page)
    assert "Move 2 names in 1 subscription" in text_of(page)
    staff_client.post(url_of(old), sent(page))
    assert [one.subscription for one in moves()] == [two[1]]


def test_what_was_left_is_shown_with_the_words_of_the_ca(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation
) -> None:
    staff_client.post(url_of(old), sent(staff_client.get(url_of(old))))
    first, second = moves()
    cast.end_operation(second, State.SUCCEEDED)
    cast.end_operation(first, State.REFUSED, error_detail="The subscription has expired or does not exist!")
    page = staff_client.get(url_of(old, "detail"))
    assert "Not all of its names were moved" in text_of(page)
    assert "The subscription has expired or does not exist!" in text_of(page)
    fragment = staff_client.get(url_of(old, "status"), headers={"X-Seen": page.context["progress"].version})
    assert fragment.status_code == 204


def test_adding_starts_with_the_new_one_and_refuses_the_old_one(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation
) -> None:
    staff_client.post(url_of(old), sent(staff_client.get(url_of(old))))
    add = reverse("subscriptions:domain-add", args=[two[0].code])
    page = staff_client.get(add)
    assert str(page.context["form"]["prevalidation"].value()) == str(new.code)
    assert "are being moved from pre-validation" in text_of(page)

    typed = {
        "names": "new.example.com",
        "prevalidation": old.code,
        "form_token": page.context["form"]["form_token"].value(),
    }
    assert "add them under that one" in text_of(staff_client.post(add, typed))
    assert not Quote.objects.exists()


@pytest.mark.parametrize("state", State.values)
def test_the_page_of_a_move_says_what_it_is(
    admin_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation, state: str
) -> None:
    admin_client.post(url_of(old), sent(admin_client.get(url_of(old))))
    move = cast.end_operation(moves()[0], state, reply={"nRecordsUpdated": 2, "success": True}, lost_answers=5)
    text = text_of(admin_client.get(reverse("subscriptions:operation-detail", args=[move.code])))
    for part in ("Move names to another pre-validation", old.ov_anchor_order_number, new.ov_anchor_order_number):
        assert part in text
    assert "charged" not in text
    listed = admin_client.get(reverse("subscriptions:operation-list"))
    assert "Move names to another pre-validation" in text_of(listed)


def test_a_move_that_was_canceled_can_be_confirmed_again(
    staff_client: Client, two: list[Subscription], old: Prevalidation, new: Prevalidation, no_broker: list[Any]
) -> None:
    staff_client.post(url_of(old), sent(staff_client.get(url_of(old))))
    staff_client.post(reverse("subscriptions:operation-cancel", args=[moves()[0].code]), {"reason": "Too early."})
    page = staff_client.get(url_of(old))
    assert "Move 2 names in 1 subscription" in text_of(page)
    staff_client.post(url_of(old), sent(page))
    assert [one.state for one in moves()] == [State.CANCELED, State.QUEUED, State.QUEUED]
