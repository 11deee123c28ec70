"""Hand-overs that wait for somebody to accept an invitation, and those of many subscriptions at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts import outbox, services
from accounts.errors import ServiceError
from accounts.models import AuditEvent, Customer, Invitation, Mail, Membership, User
from accounts.notices import notice_named
from subscriptions.models import Subscription
from subscriptions.selectors.hand_over import waiting_for_nobody
from subscriptions.selectors.person_tasks import tasks_for
from subscriptions.services.hand_over import HandedOver, hand_over, invite_and_hand_over
from tests import cast

Sent = list[tuple[str, tuple[Any, ...]]]
pytestmark = pytest.mark.usefixtures("no_broker")


@pytest.fixture
def new(customer: Customer) -> Subscription:
    """A subscription that nobody sees yet; nobody belongs to its customer."""
    return cast.make_subscription(customer, shown_at=None, label="Web shop")


def invited(actor: User, customer: Customer, email: str = "nora@northwind.example") -> Invitation:
    return services.invite_person(actor=actor, customer=customer, email=email, role="owner")


def accept(invitation: Invitation) -> User:
    return services.accept_invitation(invitation=invitation, name="Nora New", password=cast.PASSWORD)


def hand_over_mails() -> list[tuple[str, str]]:
    return list(Mail.objects.filter(notice="handover").order_by("pk").values_list("address", "about_name"))


def now_is(subscription: Subscription) -> tuple[bool, bool, bool]:
    row = Subscription.objects.get(pk=subscription.pk)
    return row.hand_over_pending_since is not None, row.handed_over_at is not None, row.shown_at is not None


def test_it_waits_and_the_acceptance_completes_it(operator: User, new: Subscription) -> None:
    done = invite_and_hand_over(actor=operator, subscriptions=[new], email="nora@northwind.example", role="owner")
    assert (done, now_is(new), hand_over_mails()) == (HandedOver(0, 1, 0), (True, False, False), [])

    person = accept(Invitation.objects.get())

    assert now_is(new) == (False, True, True)
    assert hand_over_mails() == [("nora@northwind.example", "Web shop")]
    assert Subscription.objects.seen_by(person).get() == new
    told = AuditEvent.objects.filter(target_code=new.code).order_by("pk")
    assert [(event.action, event.actor_email) for event in told] == [
        ("subscription.hand_over_decided", operator.email),
        ("subscription.handed_over", person.email),
    ]
    assert told[1].detail["how"] == "when nora@northwind.example accepted"


def test_everybody_who_was_invited_gets_one_mail(operator: User, customer: Customer, new: Subscription) -> None:
    invitations = [invited(operator, customer, f"{name}@northwind.example") for name in ("nora", "olaf")]
    hand_over(actor=operator, subscriptions=[new])
    for invitation in invitations:
        accept(invitation)
    assert [address for address, _ in hand_over_mails()] == ["nora@northwind.example", "olaf@northwind.example"]
    assert AuditEvent.objects.filter(action="subscription.handed_over").count() == 1
    later = invited(operator, customer, "late@northwind.example")
    accept(later)
    assert len(hand_over_mails()) == 2


def test_who_can_sign_in_is_told_at_once_and_who_is_invited_later(
    operator: User, customer: Customer, owner: User, new: Subscription
) -> None:
    invitation = invited(operator, customer)
    assert hand_over(actor=operator, subscriptions=[new]) == HandedOver(1, 0, 1)
    assert [address for address, _ in hand_over_mails()] == [owner.email]
    accept(invitation)
    assert [address for address, _ in hand_over_mails()] == [owner.email, "nora@northwind.example"]


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_two_accept_at_once() -> None:
    operator = cast.make_user("operator@reseller.example", reseller_role="operator")
    customer = cast.make_customer()
    new = cast.make_subscription(customer, shown_at=None)
    invitations = [invited(operator, customer, f"{name}@northwind.example") for name in ("nora", "olaf")]
    hand_over(actor=operator, subscriptions=[new])
    ready = threading.Barrier(4)
    refused: list[str] = []

    def join(invitation: Invitation) -> None:
        ready.wait(timeout=10)
        try:
            accept(invitation)
        except ServiceError as error:
            refused.append(error.message)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=join, args=[one]) for one in invitations * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(address for address, _ in hand_over_mails()) == ["nora@northwind.example", "olaf@northwind.example"]
    assert AuditEvent.objects.filter(action="subscription.handed_over").count() == 1
    assert len(refused) == 2


def test_an_acceptance_that_comes_to_nothing_hands_nothing_over(
    operator: User, customer: Customer, new: Subscription
) -> None:
    invitation = invited(operator, customer)
    hand_over(actor=operator, subscriptions=[new])
    cast.make_user("nora@northwind.example", reseller_role="operator")
    with pytest.raises(ServiceError):
        accept(invitation)
    assert now_is(new) == (True, False, False)


@pytest.mark.parametrize("ends", ["withdrawn", "run out", "sender removed"])
def test_one_that_waits_for_nobody_is_a_task(operator: User, customer: Customer, new: Subscription, ends: str) -> None:
    invitation = invited(operator, customer)
    hand_over(actor=operator, subscriptions=[new])
    assert not waiting_for_nobody(timezone.now()).exists()
    if ends == "withdrawn":
        services.revoke_invitation(actor=operator, invitation=invitation)
    elif ends == "run out":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        Invitation.objects.update(revoked_at=timezone.now())
    titles = {task.title: task for task in tasks_for(operator, timezone.now())}
    task = titles["1 hand-over waits for nobody"]
    assert task.url.endswith(f"/{new.code}/hand-over/")
    accept(invited(operator, customer, "other@northwind.example"))
    assert now_is(new) == (False, True, True)
    assert "1 hand-over waits for nobody" not in {task.title for task in tasks_for(operator, timezone.now())}


def test_one_that_is_stopped_meanwhile_waits_for_a_person(
    operator: User, customer: Customer, new: Subscription
) -> None:
    invitation = invited(operator, customer)
    hand_over(actor=operator, subscriptions=[new])
    Subscription.objects.update(account_state="suspended")
    accept(invitation)
    assert (now_is(new), hand_over_mails()) == ((True, False, False), [])
    assert waiting_for_nobody(timezone.now()).get() == new


def test_an_address_that_had_its_share_still_joins(operator: User, customer: Customer, new: Subscription) -> None:
    invitation = invited(operator, customer)
    hand_over(actor=operator, subscriptions=[new])
    for _ in range(notice_named("handover").a_day):
        outbox.queue("handover", address="nora@northwind.example")
    person = accept(invitation)
    assert Membership.objects.filter(user=person).exists()
    assert now_is(new) == (False, True, True)


def test_many_at_once_are_one_mail_to_each_person_of_each_customer(
    operator: User, customer: Customer, owner: User, member: User
) -> None:
    other = cast.make_customer("Contoso")
    cast.add_person(other, owner)
    ours = [cast.make_subscription(customer, shown_at=None, label=f"Shop {one}") for one in (1, 2)]
    theirs = cast.make_subscription(other, shown_at=None, label="Contoso shop")

    assert hand_over(actor=operator, subscriptions=[*ours, theirs]) == HandedOver(3, 0, 3)

    assert sorted(hand_over_mails()) == sorted(
        [(owner.email, "Northwind Traders"), (member.email, "Northwind Traders"), (owner.email, "Contoso shop")]
    )
    mail = Mail.objects.get(address=member.email)
    message = notice_named("handover").write(mail)
    assert message.subject == "Your ACME credentials are ready: 2 subscriptions of Northwind Traders"
    assert "- Shop 1\n- Shop 2\n" in str(message.body)
    Subscription.objects.filter(pk=ours[0].pk).update(shown_at=None)
    assert notice_named("handover").write(mail).subject == "Your ACME credentials are ready: Shop 2"


def test_of_many_all_or_none(operator: User, customer: Customer, owner: User, new: Subscription) -> None:
    unready = cast.make_subscription(customer, is_ready=False, shown_at=None, label="Unready")
    with pytest.raises(ServiceError, match="Unready: The ACME account is not ready yet"):
        hand_over(actor=operator, subscriptions=[new, unready])
    assert now_is(new) == (False, False, False)
    assert not Mail.objects.exists()


def test_of_an_archived_customer_nothing_is_handed_over(operator: User, customer: Customer, owner: User) -> None:
    new = cast.make_subscription(customer, shown_at=None, hand_over_pending_since=timezone.now())
    Customer.objects.update(archived_at=timezone.now())
    with pytest.raises(ServiceError, match="archived"):
        hand_over(actor=operator, subscriptions=[new])
    assert not waiting_for_nobody(timezone.now()).exists()
