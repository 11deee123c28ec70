"""For each notice what makes it due, and what solves it: the test over all of them has no other list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts import outbox, planned
from accounts.audit import record_event
from accounts.models import Customer, PlannedRun, User
from portal.task_plan import planned_named
from subscriptions.happenings import Happening
from subscriptions.kinds import MAKING
from subscriptions.models import (
    Certificate,
    CustomerRequest,
    Domain,
    Finding,
    Gate,
    IssuedCertificate,
    Operation,
    Order,
    Prevalidation,
    Subscription,
    UnassignedAccount,
)
from subscriptions.services.names import remove_names
from subscriptions.services.subscriptions import reveal_hmac_key
from tests import cast


@dataclass
class Business:
    """A customer with a running subscription that its people see, beside another customer."""

    customer: Customer
    owner: User
    viewer: User
    stranger: User
    admin: User
    subscription: Subscription
    domain: Domain

    @property
    def certificate(self) -> Certificate:
        return Certificate.objects.get(domain=self.domain)

    def issued(self, days_ago: float, days_left: float, **fields: Any) -> None:
        """The name has a certificate of so many days."""
        now = timezone.now()
        dates = {"valid_from": now - timedelta(days=days_ago), "valid_until": now + timedelta(days=days_left)}
        cast.make_certificate(self.domain, **dates | fields)

    def renewed(self) -> None:
        """The name has a new certificate."""
        now = timezone.now()
        cast.change_certificate(
            self.certificate,
            valid_from=now,
            valid_until=now + timedelta(days=90),
            revoked_at=None,
            ordered_failed_since=None,
        )

    def expires_in(self, days: float) -> None:
        """The term ends in so many days."""
        Subscription.objects.filter(pk=self.subscription.pk).update(expires_at=timezone.now() + timedelta(days=days))

    def client_event(self, happening: Happening) -> None:
        """The audit trail tells something of an ACME client."""
        told = {"client": "certbot from 192.0.2.7", "user_agent": "certbot", "acme_account_id": "7"}
        record_event(happening, actor=None, target=self.subscription, customer=self.customer, **told)

    def order(self) -> Order:
        """An order of one name, confirmed."""
        return cast.make_order(cast.make_quote(self.subscription, {"new.example.com": "95.00"}))


Step = Callable[[Business], object]


@dataclass(frozen=True)
class Arranged:
    """How a notice comes to be due; how it is solved, where it is a state; and whether that is said."""

    begin: Step
    solve: Step | None = None
    is_solution_told: bool = True


def _late(told: Business) -> None:
    told.issued(days_ago=72, days_left=18)


def _failing(told: Business) -> None:
    failed = {"failed_code": 5, "failed_description": "CAA record prevents issuance"}
    told.issued(days_ago=65, days_left=25, ordered_failed_since=timezone.now(), **failed)


def _expired(told: Business) -> None:
    told.issued(days_ago=91, days_left=-1)


def _revoked(told: Business) -> None:
    told.issued(days_ago=9, days_left=81, revoked_at=timezone.now())


def _ready(told: Business) -> None:
    subscription = cast.make_subscription(told.customer, is_ready=False, label="Second")
    subscription.creation = Subscription.Creation.CREATED
    subscription.save()
    cast.make_binding(subscription)
    cast.end_operation(subscription.operations.get(), Operation.State.SUCCEEDED)
    assert subscription.operations.get().kind == MAKING.name


def _handed_over(told: Business) -> None:
    outbox.queue("handover", address=told.owner.email, person=told.owner, about=told.subscription)


def _added(told: Business) -> None:
    added = cast.end_operation(
        told.order().operations.get(), Operation.State.SUCCEEDED, finished_at=timezone.now() - timedelta(hours=2)
    )
    cast.make_domain(told.subscription, "new.example.com", operation=added)


def _first_client(told: Business) -> None:
    told.client_event(Happening.CLIENT_REGISTERED)


def _second_client(told: Business) -> None:
    told.client_event(Happening.CLIENT_REGISTERED)
    told.client_event(Happening.CLIENT_REGISTERED)


def _first_certificate(told: Business) -> None:
    IssuedCertificate.objects.create(domain=told.domain, serial_number="01", valid_from=timezone.now())


def _prevalidation(told: Business) -> None:
    row = cast.make_prevalidation(told.customer, valid_until=timezone.now().date() + timedelta(days=20))
    cast.make_domain(told.subscription, "ov.example.com", ov_anchor_order_number=row.ov_anchor_order_number)


def _validated(told: Business) -> None:
    Prevalidation.objects.update(valid_until=timezone.now().date() + timedelta(days=300))


def _asked(told: Business) -> None:
    asked = cast.make_request(told.subscription, "new.example.com", created_by=told.owner)
    outbox.queue("request_made", address=told.admin.email, person=told.admin, about=asked)


def _answered(told: Business) -> None:
    asked = cast.make_request(told.subscription, created_by=told.owner, state=CustomerRequest.State.DONE)
    outbox.queue("request_answered", address=told.owner.email, person=told.owner, about=asked)


def _attention(told: Business) -> None:
    cast.end_operation(told.order().operations.get(), Operation.State.ATTENTION, finished_at=None)


def _settled(told: Business) -> None:
    Operation.objects.filter(state=Operation.State.ATTENTION).update(state=Operation.State.CANCELED)


def _stopped(told: Business) -> None:
    order = told.order()
    Order.objects.filter(pk=order.pk).update(stopped_at=timezone.now(), stop_reason="The price rose.")


def _all_canceled(told: Business) -> None:
    Operation.objects.filter(state=Operation.State.QUEUED).update(state=Operation.State.CANCELED)


def _closed(told: Business) -> None:
    Gate.objects.update_or_create(
        pk=Gate.SINGLETON, defaults={"closed_for": "all", "reason": "Login refused.", "closed_at": timezone.now()}
    )


def _away(told: Business) -> None:
    since = timezone.now() - timedelta(minutes=20)
    Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults={"problem": "Timed out", "problem_at": since})


def _reached(told: Business) -> None:
    Gate.objects.update(closed_for="", problem="", problem_at=None)


def _no_refund(told: Business) -> None:
    now = timezone.now()
    bought = told.order().operations.get()
    cast.end_operation(bought, Operation.State.SUCCEEDED, charged="95.00", finished_at=now - timedelta(days=9))
    Domain.objects.filter(pk=told.domain.pk).update(operation=bought, name="new.example.com")
    told.domain.refresh_from_db()
    removal = remove_names(actor=told.admin, domains=[told.domain])[0]
    cast.end_operation(removal, Operation.State.SUCCEEDED, finished_at=now - timedelta(days=2))
    Domain.objects.filter(pk=told.domain.pk).update(removal=removal, removed_at=now - timedelta(days=2))


def _refunded(told: Business) -> None:
    removal = Operation.objects.exclude(removed_domains=None).get()
    cast.make_transaction(told.subscription, "95.00", kind="refunddomain", operation=removal)


def _missed(told: Business) -> None:
    row = planned.row_of(planned_named("list-servers"), timezone.now())
    PlannedRun.objects.filter(pk=row.pk).update(missed_at=timezone.now() - timedelta(minutes=1))


def _ran(told: Business) -> None:
    PlannedRun.objects.update(missed_at=timezone.now() + timedelta(days=99))


def _unreachable(told: Business) -> None:
    cast.make_subscription(cast.make_customer("Fabrikam"), is_ready=False)


def _reachable(told: Business) -> None:
    Customer.objects.filter(name="Fabrikam").update(contact_email="it@fabrikam.example")


ARRANGED: dict[str, Arranged] = {
    "account_ready": Arranged(_ready),
    "handed_over": Arranged(_handed_over),
    "names_changed": Arranged(_added),
    "client_registered": Arranged(_first_client),
    "client_new": Arranged(_second_client),
    "key_revealed": Arranged(lambda told: reveal_hmac_key(actor=told.owner, subscription=told.subscription)),
    "first_certificate": Arranged(_first_certificate),
    "certificate_late": Arranged(_late, Business.renewed),
    "certificate_failing": Arranged(_failing, Business.renewed),
    "certificate_expired": Arranged(_expired, Business.renewed),
    "certificate_revoked": Arranged(_revoked, Business.renewed),
    "subscription_ending": Arranged(lambda told: told.expires_in(90), lambda told: told.expires_in(400)),
    "subscription_ends_now": Arranged(lambda told: told.expires_in(-2), lambda told: told.expires_in(400)),
    "prevalidation_ending": Arranged(_prevalidation, _validated),
    "request_done": Arranged(_answered),
    "operation_attention": Arranged(_attention, _settled),
    "order_stopped": Arranged(_stopped, _all_canceled, is_solution_told=False),
    "finding_opened": Arranged(
        lambda told: cast.make_finding(told.subscription),
        lambda told: Finding.objects.update(state=Finding.State.CLOSED),
    ),
    "gate_closed": Arranged(_closed, _reached),
    "ca_away": Arranged(_away, _reached),
    "account_unassigned": Arranged(
        lambda told: cast.make_unassigned(),
        lambda told: UnassignedAccount.objects.update(state=UnassignedAccount.State.NOT_OURS),
    ),
    "refund_not_seen": Arranged(_no_refund, _refunded, is_solution_told=False),
    "customer_unreachable": Arranged(_unreachable, _reachable),
    "request_asked": Arranged(_asked),
    "run_missed": Arranged(_missed, _ran),
}
