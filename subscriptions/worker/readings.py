"""Read-only pulls: what the CA knows of its servers, and of each subscription."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from accounts.audit import record_event
from accounts.changeable import CALLS_A_SECOND, SYNC_INTERVAL
from accounts.models import AuditEvent
from subscriptions.caas.client import CaasClient
from subscriptions.caas.errors import CaasError, Refused
from subscriptions.caas.types import LastOrder
from subscriptions.happenings import Happening
from subscriptions.ledger import accounts, clock
from subscriptions.ledger.gate import HeldBack, react_to_reading
from subscriptions.ledger.reading import BindingReading, CaList, read_binding
from subscriptions.models import AcmeAccount, AcmeServer, Domain, EabBinding, Subscription
from subscriptions.rules.terms import fits_term
from subscriptions.worker import comparison
from subscriptions.worker.certificates import keep_certificates

CALLS = 4  # of one subscription's reading, at least
CONTACTS_AT_ONCE = 5  # clients whose contacts one reading asks for, each by a call of its own
MOST_CONTACTS = 20  # of one client that are kept


def sync_servers(*, client: CaasClient) -> None:
    """Take over the CA's list of ACME servers; one it no longer lists is not offered until it does again."""
    try:
        servers = client.list_servers()
    except HeldBack:
        return
    except CaasError as error:
        react_to_reading(error)
        return
    now = clock.now()
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


def take_due_subscriptions(now: datetime, *, seconds: float) -> list[int]:
    """Give the subscriptions whose last reading is older than SYNC_INTERVAL, and note that they are asked for.

    No more than the limit of calls lets be read in so many `seconds`: who is due is asked for again then.
    """
    before = now - SYNC_INTERVAL.duration()
    due = Subscription.objects.filter(
        Q(synced_at=None) | Q(synced_at__lte=before),
        Q(sync_requested_at=None) | Q(sync_requested_at__lte=before),
        creation=Subscription.Creation.CREATED,
    )
    oldest_first = due.order_by(F("synced_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    at_once = max(1, int(CALLS_A_SECOND.value() * seconds / CALLS))
    pks = list(oldest_first[:at_once])
    due.filter(pk__in=pks).update(sync_requested_at=now)
    return pks


def sync_subscription(subscription_id: int, *, client: CaasClient) -> None:
    """Read one subscription at the CA and keep what it says; a problem is kept with the subscription."""
    binding = EabBinding.objects.select_related("subscription").filter(subscription_id=subscription_id).first()
    if binding is None:
        return
    subscriptions = Subscription.objects.filter(pk=subscription_id)
    subscriptions.update(sync_requested_at=clock.now())  # whoever asked: the next one is due an interval from here
    try:
        reading = read_binding(binding, client, {CaList.ACCOUNTS, CaList.DOMAINS, CaList.TRANSACTIONS})
        last_orders, why_not = _last_orders(binding, client)
    except HeldBack as held:
        # Nothing was asked: it is due again with the next batch.
        subscriptions.update(sync_problem=held.reason[:300], sync_requested_at=None)
        return
    unread = dict(reading.unread) | ({"GETLASTORDER": why_not} if why_not else {})
    with transaction.atomic():
        if reading.accounts is not None:
            accounts.keep_accounts(binding, reading.accounts, began_at=reading.began.at)
        _keep_reading(binding, reading)
        keep_certificates(binding.subscription_id, last_orders, began_at=reading.began.at)
        problem = " ".join(f"{name} could not be read. {why}" for name, why in unread.items())
        is_read = len(unread) < CALLS
        subscriptions.update(sync_problem=problem[:300], **({"synced_at": reading.began.at} if is_read else {}))
    _read_contacts(binding, client)


def _last_orders(binding: EabBinding, client: CaasClient) -> tuple[tuple[LastOrder, ...] | None, str]:
    """Give the last orders of a binding's names; or None, and why they could not be read: that costs nothing else."""
    try:
        return accounts.ask(binding, client, lambda named: client.last_orders(acme_account_id=named)), ""
    except CaasError as error:
        react_to_reading(error)
        return None, str(error)


def _read_contacts(binding: EabBinding, client: CaasClient) -> None:
    """Read the contacts of clients that were not asked for since their state is as it is; most readings ask for none.

    What cannot be read costs nothing else, and what the CA refuses is not asked for again.
    """
    due = AcmeAccount.objects.of_clients().filter(binding=binding, contacts_asked_at=None, not_listed_since=None)
    for account in due.order_by("pk")[:CONTACTS_AT_ONCE]:
        told: dict[str, object] = {}
        try:
            contacts = client.list_contacts(acme_account_id=account.acme_account_id)
            told = {"contacts": [one[:254] for one in contacts[:MOST_CONTACTS]]}
        except HeldBack:
            return
        except CaasError as error:
            react_to_reading(error)
            if not (isinstance(error, Refused) and error.is_final):
                return
        AcmeAccount.objects.filter(pk=account.pk).update(contacts_asked_at=clock.now(), **told)


def _keep_reading(binding: EabBinding, reading: BindingReading) -> None:
    comparison.keep_reading(binding, reading)
    if binding.is_said_by_staff and reading.expires_at is not None:
        _confirm_what_staff_said(binding, reading, reading.expires_at)


def _confirm_what_staff_said(binding: EabBinding, reading: BindingReading, expires_at: datetime) -> None:
    """Let the first expiry confirm the term of an ACME account that staff assigned, or say that it does not fit.

    That a name was added at all has confirmed the type: the other type would have refused it. Where names were there
    before it was assigned, the term began before it: its beginning is the CA's word, or is not known.
    """
    subscription = binding.subscription
    names = Domain.objects.filter(subscription=subscription)
    first = names.filter(is_taken_over=False).order_by("added_at").first()
    if first is None:
        return
    began_at = reading.term_started_at if names.filter(is_taken_over=True).exists() else first.added_at
    if began_at is None:
        return
    if fits_term(expires_at, first_added_at=began_at, years=subscription.term_years):
        EabBinding.objects.filter(pk=binding.pk).update(is_said_by_staff=False)
    elif not AuditEvent.objects.filter(action=Happening.TERM_DIFFERS, target_code=subscription.code).exists():
        record_event(Happening.TERM_DIFFERS, actor=None, target=subscription, customer=subscription.customer)
