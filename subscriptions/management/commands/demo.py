"""`manage.py demo`: a small demo through the real flow, services to worker to sandbox. Run twice it changes nothing."""

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.errors import ServiceError
from accounts.models import Customer, Membership, User
from accounts.roles import CustomerRole
from accounts.services import create_customer
from subscriptions.management.demo_states import DemoStates, wait
from subscriptions.management.sandbox_switches import SandboxUnreachableError
from subscriptions.models import AcmeServer, Operation, Prevalidation, Quote, Subscription
from subscriptions.services.hand_over import hand_over
from subscriptions.services.orders import confirm_quote
from subscriptions.services.prevalidations import create_prevalidation
from subscriptions.services.quotes import request_quote
from subscriptions.services.subscriptions import create_subscription

CUSTOMER = "Northwind Traders"
ANCHOR = "1234567892"  # to the sandbox the pre-validation of this customer, whom certificates then name
NAMES = ("example.com", "shop.example.com")
FORM_TOKEN = uuid.UUID("b5d7c0de-0000-4000-8000-000000000001")  # one demo subscription, however often this runs


class Command(BaseCommand):
    """Seeds reseller staff, a customer with its owner, and an OV subscription with two names."""

    help = "Seed a small demo. It needs the sandbox and a running worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether the examples are made too."""
        parser.add_argument(
            "--each-state",
            metavar="SANDBOX_URL",
            help="Make examples of what becomes of subscriptions too, with the help of the sandbox at that address.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed what is missing; raise CommandError where a step does not come to its end."""
        if not settings.CAAS_SANDBOX:
            raise CommandError("The demo orders names: it is for the sandbox only (CAAS_SANDBOX=true).")
        try:
            staff, customer = _people()
            subscription = _subscription(staff, customer, _prevalidation(staff, customer))
            if not subscription.operations.exclude(order=None).exists():
                _order(staff, subscription)
            if subscription.handed_over_at is None:
                hand_over(actor=staff, subscriptions=[subscription])
            if sandbox_url := options.get("each_state"):
                DemoStates(staff, customer, sandbox_url).make()
        except (ServiceError, TimeoutError, SandboxUnreachableError) as error:
            raise CommandError(str(error)) from error


def _people() -> tuple[User, Customer]:
    staff = _user("STAFF", "Robin Reseller", User.objects.create_superuser)
    owner = _user("CUSTOMER", "Nora Northwind", User.objects.create_user)
    customer = Customer.objects.filter(name=CUSTOMER).first() or create_customer(
        actor=staff, name=CUSTOMER, reference="C-1001", contact_email=owner.email
    )
    Membership.objects.get_or_create(customer=customer, user=owner, defaults={"role": CustomerRole.OWNER})
    return staff, customer


def _user(role: str, name: str, create: Callable[..., User]) -> User:
    try:
        email, password = os.environ[f"DEMO_{role}_EMAIL"], os.environ[f"DEMO_{role}_PASSWORD"]
    except KeyError as error:
        raise CommandError(f"{error.args[0]} is not set. `make run` sets it in var/local.env.") from error
    user = User.objects.filter(email=email).first()
    if user is None:
        return create(email, password, name=name)
    if not user.check_password(password):  # the environment file is newer than the database
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def _prevalidation(staff: User, customer: Customer) -> Prevalidation:
    return customer.prevalidations.first() or create_prevalidation(
        actor=staff,
        customer=customer,
        fields={
            "organization_name": CUSTOMER,
            "ov_anchor_order_number": ANCHOR,
            "valid_from": timezone.now().date(),
            "valid_until": timezone.now().date() + timedelta(days=365),
        },
    )


def _subscription(staff: User, customer: Customer, prevalidation: Prevalidation) -> Subscription:
    servers = AcmeServer.objects.offered().filter(validation_type="OV")
    server = wait("the CA's list of servers", servers.first)
    made = create_subscription(
        actor=staff,
        customer=customer,
        server=server,
        term_years=1,
        prevalidation=prevalidation,
        form_token=FORM_TOKEN,
        label="Web shop",
    )
    created = Subscription.objects.filter(pk=made.pk, creation=Subscription.Creation.CREATED)
    return wait("the ACME account", created.select_related("server", "customer", "prevalidation").first)


def _order(staff: User, subscription: Subscription) -> None:
    asked = request_quote(
        actor=staff,
        subscription=subscription,
        names=NAMES,
        add_companions=False,
        prevalidation=subscription.prevalidation,
        form_token=uuid.uuid4(),
        typed_text="\n".join(NAMES),
    )
    quote = wait("the prices", Quote.objects.filter(pk=asked.pk, state=Quote.State.READY).first)
    order = confirm_quote(actor=staff, quote=quote)
    open_operations = order.operations.exclude(state=Operation.State.SUCCEEDED)
    wait("the names", lambda: None if open_operations.exists() else order)
