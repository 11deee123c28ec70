"""From when on a customer's people see a subscription, and that every door asks the same rule."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from accounts import outbox
from accounts.models import AuditEvent, Customer, User
from accounts.notices import NotNeededError, notice_named
from subscriptions.models import Operation, Subscription
from subscriptions.rules.visibility import Visibility
from subscriptions.selectors.activity import Wanted, of_customer, page_of
from subscriptions.selectors.visibility import visibility
from subscriptions.services.hand_over import hand_over
from subscriptions.services.subscriptions import create_subscription, reveal_hmac_key
from subscriptions.services.visibility import set_visibility
from tests import cast

URL = reverse("subscriptions:visibility")
Sent = list[tuple[str, tuple[Any, ...]]]


@pytest.fixture
def unfinished(customer: Customer) -> Subscription:
    """A subscription with a name under the customer's organization, not handed over."""
    organization = cast.make_prevalidation(customer, number="880777")
    row = cast.make_subscription(
        customer, cast.make_server("OV"), shown_at=None, label="Unfinished", prevalidation=organization
    )
    cast.make_domain(row, "early.northwind.example", ov_anchor_order_number="880777")
    return row


def made(operator: User, customer: Customer) -> Subscription:
    return create_subscription(
        actor=operator, customer=customer, server=cast.make_server(), term_years=1, prevalidation=None,
        form_token=uuid4(),
    )  # fmt: skip


def addresses_of(subscription: Subscription) -> list[str]:
    code = subscription.code
    return [
        reverse("subscriptions:my-subscription", args=[code]),
        reverse("subscriptions:my-subscription-status", args=[code]),
        reverse("subscriptions:my-setup", args=[code]),
        reverse("subscriptions:my-setup-client", args=[code, "certbot"]),
        reverse("subscriptions:my-setup-file", args=[code, "certbot", "any"]),
    ]


def test_nothing_is_seen_of_one_that_was_not_handed_over(
    client: Client, owner: User, unfinished: Subscription, no_broker: Sent
) -> None:
    cast.sign_in(client, owner)
    for address in addresses_of(unfinished):
        assert client.get(address).status_code == 404, address
    assert client.post(reverse("subscriptions:my-key-reveal", args=[unfinished.code])).status_code == 404
    home = client.get(reverse("subscriptions:my-home")).content.decode()
    assert "Unfinished" not in home
    assert "No subscription yet" in home
    (organization,) = client.get(reverse("subscriptions:my-organizations")).context["rows"]
    assert organization.names == 0


def test_the_hand_over_shows_it(
    client: Client, owner: User, operator: User, unfinished: Subscription, no_broker: Sent
) -> None:
    hand_over(actor=operator, subscriptions=[unfinished])
    cast.sign_in(client, owner)
    assert client.get(addresses_of(unfinished)[0]).status_code == 200
    assert "Unfinished" in client.get(reverse("subscriptions:my-home")).content.decode()
    (organization,) = client.get(reverse("subscriptions:my-organizations")).context["rows"]
    assert organization.names == 1
    since = Subscription.objects.get().shown_at
    hand_over(actor=operator, subscriptions=[unfinished])
    assert Subscription.objects.get().shown_at == since


def test_the_activity_tells_nothing_of_it_before(
    customer: Customer, operator: User, unfinished: Subscription, owner: User, no_broker: Sent
) -> None:
    reveal_hmac_key(actor=operator, subscription=unfinished)
    operation = Operation.objects.create(kind="remove_domain", subscription=unfinished, binding=unfinished.binding)
    AuditEvent.objects.create(action="name.removal_confirmed", customer_code=customer.code, target_code=operation.code)
    wanted = of_customer(customer, Wanted())
    assert page_of(wanted).events == []
    hand_over(actor=operator, subscriptions=[unfinished])
    told = {event.action for event in page_of(wanted).events}
    assert told == {"key.revealed", "name.removal_confirmed", "subscription.handed_over"}


def test_no_mail_tells_of_it(owner: User, unfinished: Subscription, no_broker: Sent) -> None:
    mail = outbox.queue("handover", address=owner.email, person=owner, about=unfinished)
    with pytest.raises(NotNeededError):
        notice_named("handover").write(mail)


def test_what_is_made_is_seen_as_the_setting_says(
    operator: User, reseller_admin: User, customer: Customer, no_broker: Sent
) -> None:
    assert made(operator, customer).shown_at is None
    set_visibility(actor=reseller_admin, chosen=Visibility.AT_ONCE)
    assert made(operator, customer).shown_at is not None


def test_it_is_set_and_what_was_seen_stays_seen(admin_client: Client, owner: User, unfinished: Subscription) -> None:
    assert visibility() == Visibility.HANDED_OVER
    assert not Subscription.objects.seen_by(owner).exists()
    for chosen in ("at once", "at once", "when handed over"):
        assert admin_client.post(URL, {"visibility": chosen}).status_code == 302
        assert visibility() == chosen
        assert Subscription.objects.seen_by(owner).get() == unfinished
    events = AuditEvent.objects.filter(action="subscription.visibility_set").order_by("pk")
    assert [event.detail["shown"] for event in events] == [1, 0]
    assert [event.detail["changes"]["visibility of subscriptions"] for event in events] == [
        ["when handed over", "at once"],
        ["at once", "when handed over"],
    ]


def test_bad_input_changes_nothing(admin_client: Client) -> None:
    page = admin_client.post(URL, {"visibility": "never"}).content.decode()
    assert "This is not offered here." in page
    assert visibility() == Visibility.HANDED_OVER


# --- What people could see before -------------------------------------------------------------------------------------


def migrate_to(name: str) -> Any:
    target = [("accounts", "0022_sessions_by_digest"), ("subscriptions", name)]
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def tables_of_before(transactional_db: None) -> Iterator[Any]:
    yield migrate_to("0030_list_indexes")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.long
def test_what_people_could_see_before_stays_seen(tables_of_before: Any) -> None:
    models = {name: tables_of_before.get_model("subscriptions", name) for name in ("AcmeServer", "Subscription")}
    customer = tables_of_before.get_model("accounts", "Customer").objects.create(name="Northwind")
    server = models["AcmeServer"].objects.create(
        directory_url="https://acme.example/v2/DV", validation_type="DV", listed_at="2026-01-01T00:00Z"
    )
    old = models["Subscription"].objects.create(customer=customer, server=server, term_years=1)

    new = migrate_to("0032_show_what_was_seen").get_model("subscriptions", "Subscription")

    assert new.objects.get(pk=old.pk).shown_at == old.created_at
    assert new.objects.get(pk=old.pk).handed_over_at is None
