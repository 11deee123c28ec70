"""Reads about ACME accounts and their clients: what can be done with one, what follows from it, and what is stopped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from subscriptions.explain.account_states import StoppedClients
from subscriptions.kinds import AccountKind, AccountScope, kind_of
from subscriptions.models import AcmeAccount, Certificate, Operation, Subscription
from subscriptions.rules.terms import TOLD_DAYS
from subscriptions.selectors.archiving import why_closed

State = Subscription.AccountState
STOPPED = {
    State.SUSPENDED: "The ACME account is suspended with its key: reinstate it first.",
    State.DEACTIVATED: "The ACME account is deactivated for good: a new one has to be created.",
}
NO_REASON = "Confirmed."  # what the ledger holds where a person gave none
IS_SUSPENDED = ~Q(status__iregex=rf"^({'|'.join(sorted(AcmeAccount.USABLE))}|{AcmeAccount.ENDED})$")


# --- What can be done -----------------------------------------------------------------------------------------------


def may_suspend(subscription: Subscription, account: AcmeAccount | None) -> bool:
    """Whether one client, or with None the whole ACME account, can be suspended; the whole one again as well."""
    if not _is_alive(subscription):
        return False
    return account is None or (account.is_usable and subscription.account_state == State.OPEN)


def may_reinstate(subscription: Subscription, account: AcmeAccount | None) -> bool:
    """Whether one client, or the whole ACME account, can be reinstated. A client cannot while its key is suspended.

    What is under way may suspend it, even where its answer was lost.
    """
    if not _is_alive(subscription):
        return False
    is_open = subscription.account_state == State.OPEN
    if account is not None:
        is_suspended = is_open and account.is_suspended
    else:
        is_suspended = not is_open or suspended_accounts_of(subscription).exists()
    return is_suspended or (is_open and unsettled_change_of(subscription) is not None)


def may_deactivate(subscription: Subscription, account: AcmeAccount | None) -> bool:
    """Whether one client, or the whole ACME account, can be deactivated."""
    return _is_alive(subscription) and (account is None or not account.is_ended)


def _is_alive(subscription: Subscription) -> bool:
    is_made = subscription.creation == Subscription.Creation.CREATED
    return is_made and subscription.account_state != State.DEACTIVATED


def suspended_accounts_of(subscription: Subscription) -> "QuerySet[AcmeAccount]":
    """Give the ACME accounts of a subscription that the CA calls neither usable nor deactivated."""
    return AcmeAccount.objects.filter(IS_SUSPENDED, binding__subscription=subscription)


def why_stopped(subscription: Subscription) -> str:
    """Give why nothing is bought for a subscription now, or an empty text: its ACME account cannot be used.

    Nor is anything for a customer that is archived.
    """
    return STOPPED.get(State(subscription.account_state), "") or why_closed(subscription.customer)


# --- What is under way ----------------------------------------------------------------------------------------------


def unsettled_change_of(subscription: Subscription) -> Operation | None:
    """Give the change of a subscription's ACME account that is not settled; there is one at most."""
    changes = Operation.objects.filter(subscription=subscription, lane=Operation.Lane.ACCOUNT)
    return changes.filter(state__in=Operation.UNSETTLED).select_related("subscription__customer", "binding").first()


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of a whole ACME account made from here: when, by whom, and why (empty where none was given)."""

    operation: Operation
    reason: str


def last_change_of(subscription: Subscription) -> LastChange | None:
    """Give the last change that the stopped ACME account of a subscription is so by; None where others stopped it."""
    if subscription.account_state == State.OPEN:
        return None
    made = Operation.objects.filter(
        subscription=subscription,
        lane=Operation.Lane.ACCOUNT,
        state=Operation.State.SUCCEEDED,
        arguments=AccountScope().arguments,
    )
    last = made.select_related("created_by").order_by("-finished_at", "-pk").first()
    kind = kind_of(last) if last else None
    if last is None or not isinstance(kind, AccountKind) or kind.leaves != subscription.account_state:
        return None
    confirmed = last.events.order_by("pk").first()
    reason = confirmed.reason if confirmed else ""
    return LastChange(last, "" if reason == NO_REASON else reason)


# --- What follows from it -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effects:
    """What stopping an account is about: names, clients, the certificate that runs out first, and charges that wait."""

    clients: int
    certificates: int
    first_name: str
    first_ends_at: datetime | None
    waiting_charges: int


def effects_of(subscription: Subscription, account: AcmeAccount | None) -> Effects:
    """Give what stopping one client, or with None the whole ACME account of a subscription, is about."""
    issued = Certificate.objects.filter(domain__in=subscription.domains.present(), revoked_at=None)
    current = issued.filter(valid_until__gt=timezone.now())
    if account is not None:
        current = current.filter(issued_account_id=account.acme_account_id)
    first = current.select_related("domain").order_by("valid_until").first()
    waiting = Operation.objects.filter(subscription=subscription, state=Operation.State.QUEUED, price__isnull=False)
    return Effects(
        clients=clients_of(subscription).count(),
        certificates=current.count(),
        first_name=first.domain.name if first else "",
        first_ends_at=first.valid_until if first else None,
        waiting_charges=waiting.count(),
    )


# --- Clients --------------------------------------------------------------------------------------------------------


def clients_of(subscription: Subscription) -> "QuerySet[AcmeAccount]":
    """Give the clients registered under a subscription, the last active first."""
    clients = AcmeAccount.objects.of_clients().filter(binding__subscription=subscription)
    return clients.order_by(F("last_activity_at").desc(nulls_last=True), "pk")


def stopped_clients(subscriptions: Iterable[int]) -> dict[int, StoppedClients]:
    """Give, for each of these subscriptions that has clients, how many there are and how many of them are stopped."""
    lately = timezone.now() - timedelta(days=TOLD_DAYS)
    is_deactivated = Q(status__iexact=AcmeAccount.ENDED, stopped_alone_at__gte=lately)
    counted = (
        AcmeAccount.objects.of_clients()
        .filter(binding__subscription__in=subscriptions)
        .order_by()
        .values_list("binding__subscription")
        .annotate(
            clients=Count("pk"),
            suspended=Count("pk", filter=IS_SUSPENDED),
            deactivated=Count("pk", filter=is_deactivated),
        )
    )
    return {pk: StoppedClients(*numbers) for pk, *numbers in counted}
