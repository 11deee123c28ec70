"""Which names are in a subscription, as the CA lists them. What is not seen once is not gone."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from subscriptions.ledger.reading import BindingReading
from subscriptions.models import Domain, Operation, Subscription
from subscriptions.rules.terms import READINGS_APART


def keep_names(subscription: Subscription, reading: BindingReading, *, as_taken_over: bool = False) -> None:
    """Take over what a complete list of names shows.

    A name missing from one list is not listed and counts as present; two lists at least READINGS_APART, neither of an
    expired term nor begun soon after an operation on it, say that it is removed. One that comes back without an
    operation is the same row. `as_taken_over`: all were there when the account was assigned.
    """
    if reading.domains is None:
        return
    anchors = {domain.name: domain.ov_anchor_order_number or "" for domain in reading.domains}
    ours = {domain.name: domain for domain in Domain.objects.present().filter(subscription=subscription)}
    _keep_listed(ours, anchors)
    if missing := [domain for name, domain in ours.items() if name not in anchors]:
        _keep_missing(subscription, missing, reading)
    coming = _names_under_way(subscription)
    for name in sorted(anchors.keys() - ours.keys() - coming):
        _add(subscription, name, anchors[name], reading, as_taken_over=as_taken_over)


def _keep_listed(ours: dict[str, Domain], anchors: dict[str, str]) -> None:
    back = [domain.pk for name, domain in ours.items() if name in anchors and domain.not_listed_since is not None]
    if back:
        Domain.objects.filter(pk__in=back).update(not_listed_since=None)
    for name, domain in ours.items():
        if name in anchors and anchors[name] != domain.ov_anchor_order_number and anchors[name]:
            Domain.objects.filter(pk=domain.pk).update(ov_anchor_order_number=anchors[name])


def _keep_missing(subscription: Subscription, missing: list[Domain], reading: BindingReading) -> None:
    began = reading.began.at
    if subscription.expires_at is not None and subscription.expires_at <= began:
        return
    touched = _names_touched(subscription, reading)
    for domain in missing:
        if domain.name in touched or domain.added_at >= began:
            continue
        still_there = Domain.objects.present().filter(pk=domain.pk)
        if domain.not_listed_since is None:
            still_there.update(not_listed_since=began)
        elif began - domain.not_listed_since >= READINGS_APART:
            still_there.update(removed_at=began)


def _names_touched(subscription: Subscription, reading: BindingReading) -> frozenset[str]:
    """Give the names of what is unsettled, or ended too short a time before the reading began."""
    recently = reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    touching = Operation.objects.filter(
        Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently), subscription=subscription
    )
    return frozenset(name for operation in touching for name in operation.all_names)


def _names_under_way(subscription: Subscription) -> frozenset[str]:
    # A name that an operation is still about is written by that operation, with its charge.
    unsettled = Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED, takes_away=False)
    return frozenset(name for operation in unsettled for name in operation.all_names)


def _add(subscription: Subscription, name: str, anchor: str, reading: BindingReading, *, as_taken_over: bool) -> None:
    last = Domain.objects.filter(subscription=subscription, name=name).order_by("-added_at", "-pk").first()
    if last is not None and last.removal_id is None:
        # Gone for two lists and back: nobody removed it.
        Domain.objects.filter(pk=last.pk).update(removed_at=None, not_listed_since=None)
        return
    if last is not None and last.removed_at is not None and last.removed_at >= reading.began.at:
        return
    if _was_just_removed(subscription, name, reading):
        return
    Domain.objects.bulk_create(
        [
            Domain(
                subscription=subscription,
                name=name,
                added_at=reading.began.at,
                ov_anchor_order_number=anchor,
                is_taken_over=as_taken_over,
            )
        ],
        ignore_conflicts=True,
    )


def _was_just_removed(subscription: Subscription, name: str, reading: BindingReading) -> bool:
    """Whether the list may be from before its removal: it was begun too short a time after that ended."""
    recently = reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    removals = Operation.objects.filter(subscription=subscription, takes_away=True)
    recent = removals.filter(Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently))
    return any(name in operation.all_names for operation in recent)
