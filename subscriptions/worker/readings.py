"""Read-only pulls: what the CA knows of its servers, and of each subscription."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.audit import record_event
from accounts.models import AuditEvent
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError
from subscriptions.caas.types import AccountInfo, LastOrder, ListedDomain, TransactionInfo
from subscriptions.happenings import Happening
from subscriptions.ledger.gate import HeldBack, react_to
from subscriptions.models import (
    AcmeAccount,
    AcmeServer,
    Certificate,
    Domain,
    EabBinding,
    Operation,
    Subscription,
    Transaction,
)
from subscriptions.rules.terms import fits_term

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """All the CA says of one subscription, at one time."""

    accounts: tuple[AccountInfo, ...]
    domains: tuple[ListedDomain, ...]
    last_orders: tuple[LastOrder, ...]
    transactions: tuple[TransactionInfo, ...]
    started_at: datetime


def sync_servers(*, client: CaasClient) -> None:
    """Take over the CA's list of ACME servers; one it no longer lists is not offered until it does again."""
    try:
        servers = client.list_servers()
    except HeldBack:
        return
    except CaasError as error:
        react_to(error)
        return
    now = timezone.now()
    with transaction.atomic():
        for server in servers:
            said = {
                "product_id": server.product_id,
                "description": server.description[:200],
                "validation_type": server.validation_type[:40],
                "listed_at": now,
            }
            AcmeServer.objects.update_or_create(directory_url=server.directory_url, defaults=said)
        AcmeServer.objects.exclude(listed_at=now).update(listed_at=None)


def take_due_subscriptions(now: datetime) -> list[int]:
    """Give the subscriptions whose last reading is older than CAAS_SYNC_INTERVAL, and note that they are asked for."""
    before = now - timedelta(seconds=settings.CAAS_SYNC_INTERVAL)
    due = Subscription.objects.filter(
        Q(synced_at=None) | Q(synced_at__lte=before),
        Q(sync_requested_at=None) | Q(sync_requested_at__lte=before),
        creation=Subscription.Creation.CREATED,
    )
    oldest_first = due.order_by(F("synced_at").asc(nulls_first=True), "pk")
    pks = list(oldest_first.values_list("pk", flat=True)[:500])
    return [pk for pk in pks if due.filter(pk=pk).update(sync_requested_at=now)]


def sync_subscription(subscription_id: int, *, client: CaasClient) -> None:
    """Read one subscription at the CA and keep what it says; a problem is kept with the subscription."""
    binding = EabBinding.objects.select_related("subscription").filter(subscription_id=subscription_id).first()
    if binding is None:
        return
    rows = Subscription.objects.filter(pk=subscription_id)
    rows.update(sync_requested_at=timezone.now())  # whoever asked for it: the next one is due an interval from here
    try:
        reading = _read(binding, client)
    except HeldBack as held:
        rows.update(sync_problem=held.reason[:300])
    except CaasError as error:
        react_to(error)
        rows.update(sync_problem=str(error)[:300])
    else:
        with transaction.atomic():
            _keep(binding, reading)
            rows.update(synced_at=reading.started_at, sync_problem="")


def _read(binding: EabBinding, client: CaasClient) -> Reading:
    started_at, acme_account_id = timezone.now(), binding.acme_account_id
    return Reading(
        accounts=client.list_accounts(acme_account_id=acme_account_id),
        domains=client.list_domains(acme_account_id=acme_account_id),
        last_orders=client.last_orders(acme_account_id=acme_account_id),
        transactions=client.list_transactions(acme_account_id=acme_account_id),
        started_at=started_at,
    )


def _keep(binding: EabBinding, reading: Reading) -> None:
    _keep_accounts(binding, reading.accounts)
    _keep_domains(binding.subscription, reading)
    _keep_certificates(binding.subscription, reading)
    _keep_transactions(binding, reading.transactions)
    expiries = [row.expires_at for row in reading.domains if row.expires_at is not None]
    if expiries:
        Subscription.objects.filter(pk=binding.subscription_id).update(expires_at=max(expiries))
        if binding.is_adopted:
            _confirm_adoption(binding, max(expiries))


def _confirm_adoption(binding: EabBinding, expires_at: datetime) -> None:
    """Let the first expiry confirm the term of an ACME account that was found by reading, or say that it does not fit.

    That a name was added at all has confirmed the type: the other type would have refused it.
    """
    subscription = binding.subscription
    first = Domain.objects.filter(subscription=subscription).order_by("added_at").first()
    if first is None:
        return
    if fits_term(expires_at, first_added_at=first.added_at, years=subscription.term_years):
        EabBinding.objects.filter(pk=binding.pk).update(is_adopted=False)
    elif not AuditEvent.objects.filter(action=Happening.TERM_DIFFERS, target_code=subscription.code).exists():
        record_event(Happening.TERM_DIFFERS, actor=None, target=subscription, customer=subscription.customer)


def _keep_accounts(binding: EabBinding, accounts: Iterable[AccountInfo]) -> None:
    AcmeAccount.objects.bulk_create(
        [
            AcmeAccount(
                binding=binding,
                acme_account_id=one.acme_account_id[:64],
                status=one.status[:40],
                user_agent=one.user_agent[:400],
                ip_address=one.ip_address[:64],
                last_activity_at=one.last_activity_at,
            )
            for one in accounts
        ],
        update_conflicts=True,
        unique_fields=["acme_account_id"],
        update_fields=["status", "user_agent", "ip_address", "last_activity_at"],
    )


def _keep_domains(subscription: Subscription, reading: Reading) -> None:
    """Add names the CA lists and the portal does not know; mark those gone that the CA no longer lists."""
    listed = {row.name: row for row in reading.domains}
    ours = Domain.objects.filter(subscription=subscription, removed_at=None)
    known = set(ours.values_list("name", flat=True))
    unsettled = Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED)
    # A name that an operation is still about is written by that operation, with its charge.
    coming = {name for one in unsettled for name in one.names}
    Domain.objects.bulk_create(
        [
            Domain(
                subscription=subscription,
                name=name,
                added_at=reading.started_at,
                ov_anchor_order_number=listed[name].ov_anchor_order_number or "",
            )
            for name in sorted(listed.keys() - known - coming)
        ],
        ignore_conflicts=True,
    )
    gone = known - listed.keys()
    ours.filter(name__in=gone, added_at__lt=reading.started_at).update(removed_at=reading.started_at)


def _keep_certificates(subscription: Subscription, reading: Reading) -> None:
    domains = dict(Domain.objects.filter(subscription=subscription, removed_at=None).values_list("name", "pk"))
    latest: dict[str, LastOrder] = {}
    for order in sorted(reading.last_orders, key=lambda one: (one.valid_from or LONG_AGO, one.ca_order_number or 0)):
        if order.domain_name in domains:
            latest[order.domain_name] = order
    Certificate.objects.bulk_create(
        [_certificate(domains[name], order, reading.started_at) for name, order in latest.items()],
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=[
            "status_code",
            "status_description",
            "acme_order_id",
            "acme_account_id",
            "ca_order_number",
            "serial_number",
            "valid_from",
            "valid_until",
            "seen_at",
        ],
    )


def _certificate(domain_id: int, order: LastOrder, seen_at: datetime) -> Certificate:
    return Certificate(
        domain_id=domain_id,
        status_code=order.status_code,
        status_description=order.status_description[:200],
        acme_order_id=order.acme_order_id[:64],
        acme_account_id=(order.acme_account_id or "")[:64],
        ca_order_number=order.ca_order_number,
        serial_number=order.serial_number[:100],
        valid_from=order.valid_from,
        valid_until=order.valid_until,
        seen_at=seen_at,
    )


def _keep_transactions(binding: EabBinding, transactions: Iterable[TransactionInfo]) -> None:
    Transaction.objects.bulk_create(
        [
            Transaction(
                binding=binding,
                kind=one.kind[:40],
                executed_at=one.executed_at,
                ca_order_number=one.ca_order_number,
                cost=one.cost.amount if one.cost else None,
                currency=one.cost.currency if one.cost else "",
                names=list(one.names),
            )
            for one in transactions
            if one.ca_order_number is not None
        ],
        ignore_conflicts=True,
    )
