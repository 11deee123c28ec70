"""One small business with something on every page."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Customer, Invitation, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.models import AcmeAccount, Operation, Order, Prevalidation, Quote, Subscription
from tests import cast


@dataclass(frozen=True)
class Story:
    """The rows that the pages are about, and the people who look at them."""

    reseller_admin: User
    owner: User
    customer: Customer
    running: Subscription
    ready: Subscription
    creating: Subscription
    waiting_quote: Quote
    quote: Quote
    order: Order
    refused: Operation
    attention: Operation
    queued: Operation
    prevalidation: Prevalidation

    @property
    def codes(self) -> dict[str, UUID]:
        """The public codes of the rows, by name."""
        rows = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: row.code for name, row in rows.items()}


def tell() -> Story:
    """Make the rows."""
    reseller_admin = cast.make_user("robin@reseller.example", reseller_role=ResellerRole.ADMIN, name="Robin Weaver")
    customer = cast.make_customer("Northwind Traders")
    owner = cast.make_user("olga@northwind.example", name="Olga Owner")
    cast.add_person(customer, owner, CustomerRole.OWNER)
    _invite(customer, reseller_admin)
    prevalidation = cast.make_prevalidation(customer, valid_until=timezone.now().date() + timedelta(days=12))
    cast.make_prevalidation(customer, valid_until=timezone.now().date() - timedelta(days=3))
    running = _running(customer, prevalidation)
    quote = cast.make_quote(
        running,
        {
            "www.northwind.example": "95.00",
            "xn--caf-dma.northwind.example": "95.00",
            "*.shop.northwind.example": "380.00",
            "bad": None,
        },
    )
    order, (refused, attention, queued) = _order(running, reseller_admin)
    return Story(
        reseller_admin=reseller_admin,
        owner=owner,
        customer=customer,
        running=running,
        ready=cast.make_subscription(customer, label="Intranet"),
        creating=cast.make_subscription(customer, is_ready=False),
        waiting_quote=cast.make_quote(running, {"new.northwind.example": None}, state=Quote.State.PRICING),
        quote=quote,
        order=order,
        refused=refused,
        attention=attention,
        queued=queued,
        prevalidation=prevalidation,
    )


def _invite(customer: Customer, by: User) -> None:
    until = timezone.now() + timedelta(days=7)
    Invitation.objects.create(customer=customer, email="max@northwind.example", expires_at=until, invited_by=by)


def _running(customer: Customer, prevalidation: Prevalidation) -> Subscription:
    now = timezone.now()
    subscription = cast.make_subscription(
        customer,
        cast.make_server("OV"),
        label="Web shop",
        term_years=2,
        prevalidation=prevalidation,
        expires_at=now + timedelta(days=300),
        synced_at=now,
    )
    anchor = prevalidation.ov_anchor_order_number
    names = ["northwind.example", "api.northwind.example", "mail.northwind.example", "xn--bro-hoa.northwind.example"]
    current, expired, *_ = [cast.make_domain(subscription, name, ov_anchor_order_number=anchor) for name in names]
    cast.make_certificate(current)
    cast.make_certificate(expired, days=-2)
    AcmeAccount.objects.create(
        binding=subscription.binding,
        acme_account_id=subscription.binding.acme_account_id,
        status="valid",
        user_agent="CertbotACMEClient/2.11.0 (certbot; Debian GNU/Linux 12)",
        ip_address="192.0.2.7",
        last_activity_at=now - timedelta(hours=5),
    )
    return subscription


def _order(subscription: Subscription, by: User) -> tuple[Order, tuple[Operation, Operation, Operation]]:
    names = ["one", "two", "three", "four"]
    quote = cast.make_quote(subscription, {f"{name}.northwind.example": "95.00" for name in names})
    order = cast.make_order(quote, by)
    done, refused, attention, queued = order.operations.order_by("pk")
    cast.end_operation(done, Operation.State.SUCCEEDED, charged=done.price, charged_currency="USD")
    cast.end_operation(
        refused, Operation.State.REFUSED, error_type="forbidden", error_detail="A CAA record forbids issuance."
    )
    cast.end_operation(attention, Operation.State.ATTENTION, finished_at=None, was_unknown=True)
    return order, (refused, attention, queued)
