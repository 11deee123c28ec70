"""Makes a database as the version before had it, with a small business in it: `python -m tests.portal.version_before`.

Its shape is that version's, and so are the rows: no model of today's takes part.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import django
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE = [("accounts", "0005_audit_events_refer_to_no_row"), ("subscriptions", "0010_drop_what_nothing_reads")]
STAFF, OWNER = "staff@reseller.example", "Owner@Northwind.example"
KEY = "a-key-that-only-this-test-knows"
PRICE = Decimal("12.50")


def main() -> None:
    """Migrate an empty database to the version before, and fill it."""
    django.setup()
    MigrationExecutor(connection).migrate([*_of_others(), *BEFORE])
    apps = MigrationExecutor(connection).loader.project_state(BEFORE).apps
    fill({model.__name__: model for model in apps.get_models()})


def _of_others() -> list[tuple[str, str]]:
    ours = {app for app, _ in BEFORE}
    return [leaf for leaf in MigrationExecutor(connection).loader.graph.leaf_nodes() if leaf[0] not in ours]


def fill(models: dict[str, Any]) -> None:
    """Make people, a customer with two subscriptions of two names each, and what led to them."""
    make = {name: model.objects.create for name, model in models.items()}
    password = make_password(uuid4().hex)
    staff = make["User"](email=STAFF, password=password, reseller_role="reseller_admin")
    owner = make["User"](email=OWNER, password=password)
    customer = make["Customer"](name="Northwind Traders")
    make["Membership"](customer=customer, user=owner, role="owner")
    make["Invitation"](customer=customer, email="new@northwind.example", expires_at=_in(days=3), invited_by=staff)
    make["AuditEvent"](action="customer_created", actor_code=staff.code, actor_email=STAFF, customer_code=customer.code)
    server = make["AcmeServer"](directory_url="https://acme.sectigo.com/v2/OV", validation_type="OV")
    organization = make["Prevalidation"](
        customer=customer,
        organization_name="Northwind Traders Ltd",
        ov_anchor_order_number="4711",
        valid_until=_in(days=200).date(),
    )
    make["Gate"](pk=1)
    for number in range(2):
        subscription = make["Subscription"](
            customer=customer, server=server, term_years=1, creation="created", expires_at=_in(days=300)
        )
        _sell(make, subscription, staff, organization, number)


def _sell(make: dict[str, Any], subscription: Any, staff: Any, organization: Any, number: int) -> None:
    binding = make["EabBinding"](
        subscription=subscription,
        directory_url=subscription.server.directory_url,
        eab_key_id=f"key-{number}",
        eab_hmac_key=f"{KEY}-{number}",
        acme_account_id=f"account-{number}",
    )
    names = [f"shop{number}.example.com", f"www{number}.example.net"]
    quote = make["Quote"](subscription=subscription, created_by=staff, state="ordered", currency="USD", total=25)
    order = make["Order"](quote=quote, subscription=subscription, total=2 * PRICE, currency="USD", confirmed_by=staff)
    for position, name in enumerate(names):
        make["QuoteLine"](
            quote=quote, position=position, name=name, state="priced", cost=PRICE, currency="USD", names=[name]
        )
        operation = make["Operation"](
            kind="add_domain",
            subscription=subscription,
            binding=binding,
            order=order,
            domain_name=name,
            names=[name],
            registrable_domain=name.partition(".")[2],
            state="succeeded",
            price=PRICE,
            currency="USD",
            charged=PRICE,
            charged_currency="USD",
            ca_order_number=f"{number}{position}",
            finished_at=_in(days=-40),
        )
        make["OperationEvent"](operation=operation, to_state="succeeded", reason="The CA said so.")
        domain = make["Domain"](
            subscription=subscription,
            name=name,
            operation=operation,
            added_at=_in(days=-40),
            ov_anchor_order_number=organization.ov_anchor_order_number,
        )
        make["Certificate"](domain=domain)
        make["Transaction"](
            binding=binding,
            kind="addDomain",
            ca_order_number=f"{number}{position}",
            cost=PRICE,
            currency="USD",
            names=[name],
            explained="operation",
            operation=operation,
        )


def _in(*, days: int) -> Any:
    return timezone.now() + timedelta(days=days)


if __name__ == "__main__":
    main()
