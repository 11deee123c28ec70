"""A reseller whose one customer has so many of everything, and grows."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import (
    AuditEvent,
    Customer,
    Invitation,
    Mail,
    Matter,
    Membership,
    Telling,
    UndeliverableAddress,
    User,
)
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.models import (
    AcmeAccount,
    AcmeServer,
    Certificate,
    CustomerRequest,
    Domain,
    EabBinding,
    Finding,
    IssuedCertificate,
    Operation,
    OperationEvent,
    Order,
    Prevalidation,
    Quote,
    QuoteLine,
    Replacement,
    Subscription,
    Transaction,
    UnassignedAccount,
)
from tests import cast


class Crowd:
    """Rows of every kind; `grow` brings each kind to a number of rows."""

    def __init__(self) -> None:
        self.admin = cast.make_user("admin@reseller.example", reseller_role=ResellerRole.ADMIN)
        self.owner = cast.make_user("owner@northwind.example")
        self.customer = cast.make_customer("Northwind Traders")
        cast.add_person(self.customer, self.owner, CustomerRole.OWNER)
        expires_at = timezone.now() + timedelta(days=300)
        self.subscription = cast.make_subscription(self.customer, cast.make_server("DV"), expires_at=expires_at)
        soon = timezone.now().date() + timedelta(days=7)
        self.prevalidation = cast.make_prevalidation(self.customer, valid_until=soon)
        self.anchor = self.prevalidation.ov_anchor_order_number
        self.quote = cast.make_quote(self.subscription, {"first.example.com": "50.00"})
        self.order = cast.make_order(cast.make_quote(self.subscription, {"ordered.example.com": "50.00"}), self.admin)
        self.operation = self.order.operations.get()
        self.registration = cast.make_client(self.subscription)
        self.account = cast.make_unassigned("crowd-key", names=["host1.example.com"], read_at=timezone.now())
        self.finding = cast.make_finding(self.subscription)
        self.mail = cast.make_mail(about_kind="subscription", about_code=self.subscription.code, person=self.owner)
        self.mark = cast.make_mark("came-back@northwind.example")
        self.telling = cast.make_telling(self.owner, self.subscription)
        misspelt = cast.make_domain(self.subscription, "exmaple.com")
        self.replacement = cast.make_replacement(misspelt, "example.com", self.admin)
        self.request = cast.make_request(self.subscription, "asked.example.com", created_by=self.owner)
        self.staff_invitation = cast.make_staff_invitation()
        self.size = 0

    def grow(self, size: int) -> None:
        """Make the rows that are missing to `size` of each kind."""
        new = range(self.size, size)
        self._people(new)
        self._names(new)
        self._names_that_go(new)
        self._subscriptions(new)
        self._work(new)
        self._requests(new)
        self.size = size

    def _people(self, new: range) -> None:
        soon = timezone.now() + timedelta(days=7)
        users = User.objects.bulk_create(User(email=f"person{one}@northwind.example") for one in new)
        User.objects.bulk_create(User(email=f"auditor{one}@reseller.example", reseller_role="auditor") for one in new)
        Invitation.objects.bulk_create(
            Invitation(reseller_role="auditor", email=f"new{one}@reseller.example", expires_at=soon) for one in new
        )
        Membership.objects.bulk_create(Membership(customer=self.customer, user=user) for user in users)
        Invitation.objects.bulk_create(
            Invitation(customer=self.customer, email=f"new{one}@northwind.example", expires_at=soon) for one in new
        )
        Customer.objects.bulk_create(Customer(name=f"Customer {one}", created_by=self.admin) for one in new)
        AuditEvent.objects.bulk_create(
            AuditEvent(
                action="key.revealed",
                actor_name=str(self.owner),
                customer_code=self.customer.code,
                target_code=self.subscription.code,
            )
            for _ in new
        )
        UndeliverableAddress.objects.bulk_create(
            UndeliverableAddress(address=f"gone{one}@northwind.example", reason="bounced") for one in new
        )
        Mail.objects.bulk_create(
            Mail(notice="handover", address=user.email, person=user, state="given_up", ended_at=timezone.now())
            for user in users
        )
        matters = Matter.objects.bulk_create(
            Matter(
                notice="key_revealed",
                key=f"of the crowd {one}",
                is_event=True,
                customer=self.customer,
                subscription_code=self.subscription.code,
                began_at=timezone.now(),
            )
            for one in new
        )
        Telling.objects.bulk_create(Telling(matter=matter, person=self.owner, how="digest") for matter in matters)
        Prevalidation.objects.bulk_create(
            Prevalidation(
                customer=self.customer, organization_name="Northwind", ov_anchor_order_number=str(one), valid_until=soon
            )
            for one in new
        )

    def _names(self, new: range) -> None:
        now, binding = timezone.now(), self.subscription.binding
        AcmeAccount.objects.bulk_create(
            AcmeAccount(binding=binding, acme_account_id=f"registration-{one}", status="valid", user_agent="certbot/2")
            for one in new
        )
        domains = Domain.objects.bulk_create(
            Domain(
                subscription=self.subscription,
                name=f"host{one}.example.com",
                is_free=False,
                added_at=now,
                ov_anchor_order_number=self.anchor,
            )
            for one in new
        )
        Certificate.objects.bulk_create(
            self._certificate_of(domain, number=one) for one, domain in zip(new, domains, strict=True)
        )
        IssuedCertificate.objects.bulk_create(
            IssuedCertificate(domain=domains[0], serial_number=f"{one:X}", valid_from=now) for one in new
        )
        Transaction.objects.bulk_create(
            Transaction(
                binding=binding, kind="addDomain", executed_at=now, ca_order_number=9_000_000 + one, cost=Decimal(50),
                currency="USD", names=[f"host{one}.example.com"],
            )
            for one in new
        )  # fmt: skip

    def _certificate_of(self, domain: Domain, *, number: int) -> Certificate:
        """One in each state, in turn: the first is current."""
        now, days = timezone.now(), {0: 60, 1: 20, 2: 5, 3: -5}[number % 4]
        certificate = Certificate(
            domain=domain, code=domain.code, name=domain.name, status_code=6, serial_number=f"{number:X}",
            valid_from=now + timedelta(days=days - 90), valid_until=now + timedelta(days=days), issued_seen_at=now,
            acme_account_id=f"registration-{number}", issued_account_id=f"registration-{number}",
            ordered_failed_since=now if number % 5 == 0 else None, revoked_at=now if number % 7 == 1 else None,
        )  # fmt: skip
        expires_at = self.subscription.expires_at or now + timedelta(days=90)
        certificate.reckon(wildcard=None, renewable_until=expires_at, late_percent=10)
        return certificate

    def _names_that_go(self, new: range) -> None:
        """Names that were removed, with what came back; and names that another one is to replace."""
        now, subscription, binding = timezone.now(), self.subscription, self.subscription.binding
        removals = Operation.objects.bulk_create(
            Operation(
                kind="remove_domain", state="succeeded", takes_away=True, subscription=subscription, binding=binding,
                domain_name=f"gone{one}.example.com", names=[f"gone{one}.example.com"], created_by=self.admin,
            )
            for one in new
        )  # fmt: skip
        Domain.objects.bulk_create(
            Domain(subscription=subscription, name=removal.domain_name, removed_at=now, removal=removal)
            for removal in removals
        )
        Transaction.objects.bulk_create(
            Transaction(
                binding=binding, kind=Transaction.REFUND, executed_at=now, cost=Decimal(-50), currency="USD",
                ca_order_number=8_000_000 + one, operation=removal, names=removal.names,
            )
            for one, removal in zip(new, removals, strict=True)
        )  # fmt: skip
        old = Domain.objects.bulk_create(
            Domain(subscription=subscription, name=f"misspelt{one}.example.com", added_at=now) for one in new
        )
        additions = Operation.objects.bulk_create(
            Operation(
                kind="add_domain", subscription=subscription, binding=binding, domain_name=f"right{one}.example.com"
            )
            for one in new
        )
        Replacement.objects.bulk_create(
            Replacement(old=name, addition=addition, created_by=self.admin)
            for name, addition in zip(old, additions, strict=True)
        )

    def _subscriptions(self, new: range) -> None:
        AcmeServer.objects.bulk_create(
            AcmeServer(directory_url=f"https://acme.example/v2/DV{one}", validation_type="DV", listed_at=timezone.now())
            for one in new
        )
        subscriptions = Subscription.objects.bulk_create(
            Subscription(
                customer=self.customer,
                server=self.subscription.server,
                term_years=1,
                creation="created",
                shown_at=timezone.now(),
                expires_at=timezone.now() + timedelta(days=one % 300),
            )
            for one in new
        )
        bindings = EabBinding.objects.bulk_create(
            EabBinding(
                subscription=subscription,
                directory_url="https://acme.example/v2/DV",
                eab_key_id=f"crowd-key-{one}",
                eab_hmac_key=cast.HMAC_KEY,
                acme_account_id=f"crowd-account-{one}",
            )
            for one, subscription in zip(new, subscriptions, strict=True)
        )
        Domain.objects.bulk_create(
            Domain(subscription=subscription, name=f"own{one}.example.com", ov_anchor_order_number=self.anchor)
            for one, subscription in zip(new, subscriptions, strict=True)
        )
        self._differences(new, bindings)

    def _differences(self, new: range, bindings: list[EabBinding]) -> None:
        now = timezone.now()
        UnassignedAccount.objects.bulk_create(
            UnassignedAccount(
                eab_key_id=f"unassigned-{one}", state="unassigned", names=[f"host{one}.example.com"], read_at=now
            )
            for one in new
        )
        Finding.objects.bulk_create(
            Finding(binding=binding, sort="unknown_name", state="open", opened_at=now, lines=self.finding.lines)
            for binding in bindings
        )
        Finding.objects.bulk_create(
            Finding(
                binding=self.subscription.binding, sort="unknown_name", state="closed", opened_at=now, closed_at=now,
                closed_by=self.admin, reason="Ours.",
            )
            for _ in new
        )  # fmt: skip

    def _requests(self, new: range) -> None:
        states = list(CustomerRequest.State.values)
        CustomerRequest.objects.bulk_create(
            CustomerRequest(
                subscription=self.subscription, kind="names", state=states[one % len(states)],
                names=[f"asked{one}.example.com"], created_by=self.owner,
            )
            for one in new
        )  # fmt: skip

    def _work(self, new: range) -> None:
        now, states = timezone.now(), list(Operation.State.values)
        QuoteLine.objects.bulk_create(
            QuoteLine(
                quote=self.quote, position=2 + one, name=f"line{one}.example.com", state="priced", cost=Decimal(50),
                currency="USD", names=[f"line{one}.example.com"], quoted_at=now, subscription=self.subscription,
                kind="add_domain",
            )
            for one in new
        )  # fmt: skip
        quotes = Quote.objects.bulk_create(Quote(state="ready") for _ in new)
        orders = Order.objects.bulk_create(Order(quote=quote, totals={"USD": "50"}) for quote in quotes)
        Operation.objects.bulk_create(
            Operation(kind="add_domain", subscription=self.subscription, order=order, domain_name="a.example.com")
            for order in orders
        )
        Operation.objects.bulk_create(
            Operation(
                kind="add_domain",
                state=states[one % len(states)],
                subscription=self.subscription,
                binding=self.subscription.binding,
                order=self.order,
                created_by=self.admin,
                domain_name=f"work{one}.example.com",
                price=Decimal(50),
                currency="USD",
            )
            for one in new
        )
        Operation.objects.bulk_create(
            Operation(
                kind="move_anchor",
                state=states[one % len(states)],
                subscription=self.subscription,
                binding=self.subscription.binding,
                old_ov_anchor_order_number=self.anchor,
                ov_anchor_order_number="77",
            )
            for one in new
        )
        OperationEvent.objects.bulk_create(
            OperationEvent(operation=self.operation, to_state="queued", actor=self.admin, reason="Confirmed.")
            for _ in new
        )
