"""Reads about ACME accounts at the CA that belong to no subscription: for whoever is to say whose they are."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from subscriptions.kinds import MAKING
from subscriptions.models import AcmeServer, Domain, Operation, Subscription, UnassignedAccount
from subscriptions.rules.terms import RECENT_DAYS, possible_terms

State = UnassignedAccount.State
SAME_NAMES_SHOWN = 5
NAMES_COMPARED = 500


def unassigned_accounts() -> "QuerySet[UnassignedAccount]":
    """Give the accounts that two lists of the CA have shown, and what people said of them."""
    rows = UnassignedAccount.objects.exclude(state=State.SEEN_ONCE)
    return rows.select_related("customer", "subscription", "decided_by")


def accounts_to_judge() -> "QuerySet[UnassignedAccount]":
    """Give the accounts that wait for a person's word."""
    return UnassignedAccount.objects.filter(state=State.UNASSIGNED)


def accounts_with_problem() -> "QuerySet[UnassignedAccount]":
    """Give the assigned accounts whose key could not be read."""
    assigned = UnassignedAccount.objects.filter(state=State.ASSIGNED, subscription__binding=None)
    return assigned.exclude(problem="")


def accounts_made(since: datetime) -> "Iterator[Operation]":
    """Give what made an ACME account since then that its customer sees and that is not handed over."""
    made = Operation.objects.filter(kind=MAKING.name, state=Operation.State.SUCCEEDED, finished_at__gte=since)
    untold = made.filter(
        subscription__shown_at__isnull=False,
        subscription__handed_over_at=None,
        subscription__hand_over_pending_since=None,
    )
    return untold.select_related("subscription__server").order_by("finished_at", "pk").iterator()


def accounts_not_made(now: datetime) -> "QuerySet[Operation]":
    """Give what was to make an ACME account in the last days and was refused."""
    refused = Operation.objects.filter(kind=MAKING.name, state=Operation.State.REFUSED)
    failed = refused.filter(subscription__creation=Subscription.Creation.FAILED)
    return failed.filter(finished_at__gte=now - timedelta(days=RECENT_DAYS))


def terms_of(account: UnassignedAccount) -> tuple[int, ...]:
    """Give the terms in years that what was read of an account allows."""
    return possible_terms(account.expires_at, seen_at=account.read_at or account.last_seen_at)


def offered_servers() -> "QuerySet[AcmeServer]":
    """Give the certificate types that can be chosen."""
    return AcmeServer.objects.offered()


def suggested_server(account: UnassignedAccount) -> AcmeServer | None:
    """Give the type that an account's names speak for: OV where one carries a pre-validation, DV where none does.

    None where there are no names, as then nothing tells, and where no such type is offered.
    """
    if not account.listed_names or account.carries_anchor is None:
        return None
    fitting = [server for server in offered_servers() if server.needs_prevalidation == account.carries_anchor]
    organizations = [server for server in fitting if server.validation_type.upper() == "OV"]
    return next(iter(organizations or fitting), None)


def subscriptions_with_its_names(account: UnassignedAccount) -> Sequence[Subscription]:
    """Give some subscriptions that hold a name which is under an account too: whose it may be."""
    names = account.listed_names[:NAMES_COMPARED]
    same = Domain.objects.present().filter(name__in=names).values("subscription")
    rows = Subscription.objects.filter(pk__in=same).select_related("customer", "server").order_by("pk")
    return list(rows[:SAME_NAMES_SHOWN])
