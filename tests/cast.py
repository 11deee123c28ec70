"""Plain builders of rows, and signing in. Each gives a saved row with sensible values; name what the test is about."""

import time
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Customer, Invitation, Mail, Matter, Membership, Telling, UndeliverableAddress, User
from accounts.roles import CustomerRole, ResellerRole
from subscriptions.kinds import ADDING, MAKING, new_operation
from subscriptions.ledger import moves
from subscriptions.models import (
    AcmeAccount,
    AcmeServer,
    Baseline,
    Certificate,
    CustomerRequest,
    Domain,
    EabBinding,
    Finding,
    Gate,
    Operation,
    Order,
    Prevalidation,
    Quote,
    QuoteLine,
    Replacement,
    Subscription,
    Transaction,
    UnassignedAccount,
)
from subscriptions.rules.certificates import wildcard_over
from subscriptions.rules.names import registrable_domain

PASSWORD = "correct horse battery"
# As long as those of the CA, as the key IDs are: pages are laid out for that.
HMAC_KEY = "c2VjcmV0LWhtYWMta2V5LW9mLXRoZS10ZXN0cywgYXMgbG9uZyBhcyB0aG9zZSBvZiB0aGUgcGxhdGZvcm0hIQ"

_numbers = count(1)


def make_user(email: str = "", *, reseller_role: str = "", name: str = "") -> User:
    """Make a user; without a reseller role and a membership it is a stranger."""
    email = email or f"person{next(_numbers)}@northwind.example"
    return User.objects.create_user(email, PASSWORD, name=name, reseller_role=reseller_role)


def make_customer(name: str = "") -> Customer:
    """Make a customer."""
    return Customer.objects.create(name=name or f"Customer {next(_numbers)}")


def add_person(customer: Customer, user: User, role: str = CustomerRole.MEMBER) -> Membership:
    """Make a user one of a customer's people."""
    return Membership.objects.create(customer=customer, user=user, role=role)


def make_staff_invitation(role: str = ResellerRole.OPERATOR, **fields: Any) -> Invitation:
    """Make an open invitation to the reseller's staff."""
    defaults = {"email": f"new{next(_numbers)}@reseller.example", "expires_at": timezone.now() + timedelta(days=7)}
    return Invitation.objects.create(reseller_role=role, **defaults | fields)


def make_mail(state: str = Mail.State.GIVEN_UP, **fields: Any) -> Mail:
    """Make a mail of a hand-over; by default one that was given up."""
    is_over = state not in (Mail.State.QUEUED, Mail.State.SENDING)
    defaults = {"notice": "handover", "address": f"person{next(_numbers)}@northwind.example", "tries": 1}
    return Mail.objects.create(state=state, **defaults | {"ended_at": timezone.now() if is_over else None} | fields)


def make_mark(address: str = "", **fields: Any) -> UndeliverableAddress:
    """Note that mails do not reach an address."""
    defaults = {"reason": UndeliverableAddress.Reason.BOUNCED, "words": "550 5.1.1 User unknown"}
    address = address or f"person{next(_numbers)}@northwind.example"
    return UndeliverableAddress.objects.create(address=address, **defaults | fields)


def make_telling(person: User, subscription: Subscription, **fields: Any) -> Telling:
    """Have a person told that a subscription's key was shown; `fields` are the matter's."""
    defaults = {
        "notice": "key_revealed",
        "key": f"shown {next(_numbers)}",
        "is_event": True,
        "customer": subscription.customer,
        "subscription_code": subscription.code,
        "about_name": subscription.title,
        "began_at": timezone.now(),
    }
    matter = Matter.objects.create(**defaults | fields)
    return Telling.objects.create(matter=matter, person=person, how=Telling.How.AT_ONCE)


def make_server(validation_type: str = "DV", **fields: Any) -> AcmeServer:
    """Give the ACME server of a certificate type."""
    defaults = {
        "description": f"Sectigo {validation_type} ACME",
        "validation_type": validation_type,
        "listed_at": timezone.now(),
    }
    url = f"https://acme.sectigo.test/v2/{validation_type}"
    return AcmeServer.objects.update_or_create(directory_url=url, defaults=defaults | fields)[0]


def make_prevalidation(
    customer: Customer, *, valid_until: date | None = None, number: str = "", **fields: Any
) -> Prevalidation:
    """Make an organization pre-validation; by default it holds for another 200 days."""
    defaults = {
        "organization_name": f"{customer.name} Ltd",
        "ov_anchor_order_number": number or str(880_000_000 + next(_numbers)),
        "valid_until": valid_until or timezone.now().date() + timedelta(days=200),
    }
    return Prevalidation.objects.create(customer=customer, **defaults | fields)


def make_subscription(
    customer: Customer, server: AcmeServer | None = None, *, is_ready: bool = True, **fields: Any
) -> Subscription:
    """Make a subscription that its customer sees: ready with its binding, or still being created with its operation."""
    creation = Subscription.Creation.CREATED if is_ready else Subscription.Creation.CREATING
    server = server or make_server()
    subscription = Subscription.objects.create(
        **{"customer": customer, "server": server, "term_years": 1, "creation": creation, "shown_at": timezone.now()}
        | fields
    )
    if is_ready:
        make_binding(subscription)
    else:
        moves.queue([new_operation(MAKING, subscription=subscription)], by=moves.Author(), reason="Confirmed.")
    return subscription


def make_binding(subscription: Subscription) -> EabBinding:
    """Make the EAB binding of a subscription."""
    number = next(_numbers)
    return EabBinding.objects.create(
        subscription=subscription,
        directory_url=subscription.server.directory_url,
        eab_key_id=f"eab-key-{number:014d}",
        eab_hmac_key=HMAC_KEY,
        acme_account_id=str(70_000 + number),
    )


def make_client(subscription: Subscription, **fields: Any) -> AcmeAccount:
    """Make a client that has registered with a subscription's key."""
    given = {
        "acme_account_id": f"registration-of-{next(_numbers)}",
        "status": "valid",
        "user_agent": "certbot/2.11 (Linux)",
    }
    return AcmeAccount.objects.create(binding=subscription.binding, **given | fields)


def make_domain(subscription: Subscription, name: str, **fields: Any) -> Domain:
    """Make a name of a subscription."""
    return Domain.objects.create(subscription=subscription, name=name, **{"is_free": False} | fields)


def make_certificate(domain: Domain, *, days: int = 60, **fields: Any) -> Certificate:
    """Make the current certificate of a name; or, by `fields`, one that is in another state."""
    now = timezone.now()
    issued = {
        "status_code": 6,
        "status_description": "Valid",
        "valid_from": now - timedelta(days=1),
        "valid_until": now + timedelta(days=days),
        "issued_seen_at": now,
    }
    certificate = Certificate(domain=domain, code=domain.code, name=domain.name, **issued | fields)
    return change_certificate(certificate)


def make_ca_order(domain: Domain, **fields: Any) -> Certificate:
    """Make the last order of a name that has no certificate: one that waits, or by `fields` one that failed."""
    nothing = {"valid_from": None, "valid_until": None, "issued_seen_at": None}
    told: dict[str, Any] = {"status_code": 12, "status_description": ""} | nothing | fields
    return make_certificate(domain, **told)


def change_certificate(certificate: Certificate, **fields: Any) -> Certificate:
    """Change what is kept of a name's certificate, with what follows from it."""
    for name, value in fields.items():
        setattr(certificate, name, value)
    subscription = Subscription.objects.select_related("customer").get(pk=certificate.domain.subscription_id)
    wildcard = (
        Certificate.objects.filter(domain__subscription=subscription, name=wildcard_over(certificate.name))
        .exclude(pk=certificate.pk)
        .first()
    )
    certificate.reckon(wildcard=wildcard, renewable_until=subscription.renewable_until, late_percent=10)
    certificate.save()
    return certificate


def make_transaction(subscription: Subscription, amount: str | None, **fields: Any) -> Transaction:
    """Make what the CA lists of a charge, in USD and now; or of a refund, by `kind="refundDomain"`."""
    defaults = {
        "binding": subscription.binding,
        "kind": "addDomain",
        "executed_at": timezone.now(),
        "ca_order_number": 5_000_000 + next(_numbers),
        "cost": amount and Decimal(amount),
        "currency": "USD",
    }
    return Transaction.objects.create(**defaults | fields)


def make_baseline(operation: Operation, **fields: Any) -> Baseline:
    """Make what the CA showed before an operation's call."""
    defaults = {"binding": operation.binding, "names": ["old.example.com"], "transactions": []}
    return Baseline.objects.create(**defaults | fields)


def make_unassigned(eab_key_id: str = "", **fields: Any) -> UnassignedAccount:
    """Make an ACME account at the CA that no subscription holds, as two lists have shown it."""
    seen = timezone.now() - timedelta(minutes=20)
    defaults = {"state": UnassignedAccount.State.UNASSIGNED, "is_reusable": True, "first_seen_at": seen}
    key_id = eab_key_id or f"stray-key-{next(_numbers):06d}"
    return UnassignedAccount.objects.create(eab_key_id=key_id, **defaults | fields)


def make_finding(
    subscription: Subscription, sort: str = Finding.Sort.UNEXPLAINED_CHARGE, *lines: Any, **fields: Any
) -> Finding:
    """Make an open finding about a subscription; by default it is about a charge of USD 30.00."""
    now = timezone.now()
    charge = {"key": "adddomain:991", "names": ["odd.example.com"], "ca_order_number": 991, "amount": "30.00"}
    charge |= {"currency": "USD", "at": now.isoformat()}
    shown = [line if isinstance(line, str) else {"since": now.isoformat(), "is_ripe": True} | line for line in lines]
    defaults = {"state": Finding.State.OPEN, "opened_at": now, "seen_at": now - timedelta(minutes=6)}
    rows = shown or [charge | {"since": now.isoformat(), "is_ripe": True}]
    return Finding.objects.create(binding=subscription.binding, sort=sort, lines=rows, **defaults | fields)


def open_gate() -> Gate:
    """Let calls through to the CA, as after a worker's first answer from it."""
    return Gate.objects.update_or_create(pk=Gate.SINGLETON, defaults={"closed_for": "", "needs_probe": False})[0]


def make_quote(
    subscription: Subscription,
    prices: Mapping[str, str | None] | None = None,
    *,
    state: str = Quote.State.READY,
    **fields: Any,
) -> Quote:
    """Make a quote; `prices` gives each name's price in USD, or None for a refused name."""
    prices = {"www.example.com": "95.00"} if prices is None else prices
    now = timezone.now()
    is_priced = state == Quote.State.READY
    total = sum((Decimal(price) for price in prices.values() if price), Decimal(0))
    priced: dict[str, Any] = (
        {"totals": {"USD": str(total)}, "priced_at": now, "valid_until": now + timedelta(hours=1)} if is_priced else {}
    )
    anchor = fields.pop("prevalidation", None)
    quote = Quote.objects.create(**{"state": state, "typed_text": "\n".join(prices)} | priced | fields)
    line = QuoteLine(quote=quote, subscription=subscription, kind=ADDING.name, prevalidation=anchor)
    QuoteLine.objects.bulk_create(
        _quote_line(copy(line), position, name, price, is_priced=is_priced)
        for position, (name, price) in enumerate(prices.items(), start=1)
    )
    return quote


def _quote_line(line: QuoteLine, position: int, name: str, price: str | None, *, is_priced: bool) -> QuoteLine:
    line.position, line.name = position, name
    if is_priced and price is None:
        line.state, line.error_type = QuoteLine.State.REFUSED, "urn:sectigo:params:acme:error:malformed"
        line.error_detail = "The value of the 'domainName' argument is invalid!"
    elif is_priced and price is not None:
        line.state, line.cost, line.currency = QuoteLine.State.PRICED, Decimal(price), "USD"
        line.names, line.quoted_at = [name], line.quote.priced_at
    return line


def make_order(quote: Quote, user: User | None = None) -> Order:
    """Make the order of a ready quote, with a queued operation for each priced line."""
    order = Order.objects.create(quote=quote, totals=quote.totals, confirmed_by=user)
    lines = quote.lines.filter(state=QuoteLine.State.PRICED)
    operations = [_operation_of(order, line, user) for line in lines]
    moves.queue(operations, by=moves.Author(user=user), reason="Confirmed.")
    return order


def subscription_of(order: Order) -> Subscription:
    """Give the one subscription that an order is for."""
    return Subscription.objects.get(pk__in=order.operations.values("subscription"))


def _operation_of(order: Order, line: QuoteLine, user: User | None) -> Operation:
    return new_operation(
        ADDING,
        subscription=line.subscription,
        binding=line.subscription.binding,
        order=order,
        quote_line=line,
        created_by=user,
        domain_name=line.name,
        registrable_domain=registrable_domain(line.name),
        names=line.names,
        price=line.cost,
        currency=line.currency,
        quoted_at=line.quoted_at,
    )


def make_replacement(old: Domain, new_name: str, user: User | None = None) -> Replacement:
    """Make what is to take the place of a name: an order of the new one, queued."""
    quote = make_quote(old.subscription, {new_name: "95.00"})
    quote.lines.update(replaces=old)
    return Replacement.objects.create(old=old, addition=make_order(quote, user).operations.get(), created_by=user)


def make_request(subscription: Subscription, *names: str, **fields: Any) -> CustomerRequest:
    """Make an open request of a customer; by default for these names to be added."""
    defaults = {"kind": CustomerRequest.Kind.NAMES, "names": list(names), "typed_text": "\n".join(names)}
    return CustomerRequest.objects.create(subscription=subscription, **defaults | fields)


def end_operation(operation: Operation, state: str, **fields: Any) -> Operation:
    """Put an operation into any state, past the ledger's moves: for pages that only show it."""
    changes = {"state": state, "finished_at": timezone.now()} | fields
    Operation.objects.filter(pk=operation.pk).update(**changes)
    operation.refresh_from_db()
    return operation


def make_names(subscription: Subscription, number: int) -> Sequence[Domain]:
    """Make many names of a subscription at once."""
    return Domain.objects.bulk_create(
        Domain(subscription=subscription, name=f"host{index}.example.com", is_free=False) for index in range(number)
    )


def sign_in(client: Client, user: User | None) -> Client:
    """Sign a user in (None: nobody) and give the client."""
    if user is not None:
        client.force_login(user)
    return client


def confirm_password(client: Client) -> None:
    """Make the client's sign-in a recent one, as if the password had just been typed again."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Give an instant in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
