"""Which names are in a subscription, as the CA lists them. What is not seen once is not gone."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from subscriptions.caas.types import ListedDomain
from subscriptions.ledger.reading import BindingReading
from subscriptions.models import Domain, Operation, Subscription
from subscriptions.models.operations import names_of
from subscriptions.rules.names import registrable_domain
from subscriptions.rules.terms import LISTED_LATE, READINGS_APART


def keep_names(subscription: Subscription, reading: BindingReading, *, as_taken_over: bool = False) -> frozenset[str]:
    """Take over the names and the expiry that a complete list shows; give the pre-validations that names have left.

    A name missing from one list is not listed and counts as present; two lists at least READINGS_APART, neither of an
    expired term nor begun soon after an operation on it, say that it is removed. One that comes back without an
    operation is the same row. `as_taken_over`: all were there when the account was assigned.
    """
    if reading.domains is None:
        return frozenset()
    _keep_end(subscription, reading)
    listed = {domain.name: domain for domain in reading.current or ()}
    anchors = {name: domain.ov_anchor_order_number or "" for name, domain in listed.items()}
    ours = {domain.name: domain for domain in Domain.objects.present().filter(subscription=subscription)}
    _keep_listed(ours, anchors)
    left = _keep_anchors(ours, anchors, reading)
    if missing := [domain for name, domain in ours.items() if name not in anchors]:
        _keep_missing(subscription, missing, reading)
    if new := anchors.keys() - ours.keys():
        new -= _names_under_way(subscription)
    for name in sorted(new):
        _add(subscription, listed[name], reading, as_taken_over=as_taken_over)
    return left


def _keep_end(subscription: Subscription, reading: BindingReading) -> None:
    """Write the end of the term. A list that tells an earlier one may be from before an extension made here."""
    if reading.expires_at is None:
        return
    charged = Operation.objects.filter(subscription=subscription, lane=Operation.Lane.BINDING, price__isnull=False)
    lately = charged.filter(state=Operation.State.SUCCEEDED, finished_at__gt=reading.began.at - LISTED_LATE)
    kept = Subscription.objects.filter(pk=subscription.pk)
    if lately.exists():
        kept = kept.filter(Q(expires_at=None) | Q(expires_at__lte=reading.expires_at))
    kept.update(expires_at=reading.expires_at)


def _keep_listed(ours: dict[str, Domain], anchors: dict[str, str]) -> None:
    back = [domain.pk for name, domain in ours.items() if name in anchors and domain.not_listed_since is not None]
    if back:
        Domain.objects.filter(pk__in=back).update(not_listed_since=None)


def _keep_anchors(ours: dict[str, Domain], anchors: dict[str, str], reading: BindingReading) -> frozenset[str]:
    """Write down the pre-validation each name is under now. A list from before a name was added tells an older one."""
    left = set()
    for name, domain in ours.items():
        before, now = domain.ov_anchor_order_number, anchors.get(name, "")
        if now and now != before and domain.added_at < reading.began.at:
            Domain.objects.filter(pk=domain.pk).update(ov_anchor_order_number=now)
            left.add(before)
    return frozenset(left - {""})


def _keep_missing(subscription: Subscription, missing: list[Domain], reading: BindingReading) -> None:
    began = reading.began.at
    missing = [domain for domain in missing if domain.added_at < began]
    if not missing or (subscription.expires_at is not None and subscription.expires_at <= began):
        return
    touched = _names_touched(subscription, reading)
    for domain in missing:
        if domain.name in touched:
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
    return names_of(touching)


def _names_under_way(subscription: Subscription) -> frozenset[str]:
    # A name that an operation is still about is written by that operation, with its charge.
    unsettled = Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED, takes_away=False)
    return names_of(unsettled)


def _add(subscription: Subscription, listed: ListedDomain, reading: BindingReading, *, as_taken_over: bool) -> None:
    name, end = listed.name, listed.expires_at
    last = Domain.objects.filter(subscription=subscription, name=name).order_by("-added_at", "-pk").first()
    if last is not None and last.removal_id is None:
        # Gone for two lists and back: nobody removed it.
        Domain.objects.filter(pk=last.pk).update(removed_at=None, not_listed_since=None)
        return
    if last is not None and last.removed_at is not None and last.removed_at >= reading.began.at:
        return
    if last is not None and last.removed_at is not None and end is not None and end < last.removed_at:
        # Removed in a later term: the CA goes on listing what it was in the one before ("List domains" in the guide).
        return
    if _was_just_removed(subscription, name, reading):
        return
    since = None if last is None else last.removed_at
    addition = None if as_taken_over else _addition_that_brought(subscription, name, since=since)
    Domain.objects.bulk_create(
        [
            Domain(
                subscription=subscription,
                name=name,
                added_at=reading.began.at,
                ov_anchor_order_number=listed.ov_anchor_order_number or "",
                is_taken_over=as_taken_over,
                **_fields_of_companion(addition),
            )
        ],
        ignore_conflicts=True,
    )


def _addition_that_brought(subscription: Subscription, name: str, *, since: datetime | None) -> Operation | None:
    """Give the addition that was to bring this name with its own: the list it was settled by may have lacked it.

    `since` is when the name was last removed.
    """
    done = Operation.objects.filter(
        subscription=subscription,
        state=Operation.State.SUCCEEDED,
        takes_away=False,
        registrable_domain=registrable_domain(name),
    )
    if since is not None:
        done = done.filter(finished_at__gt=since)
    newest_first = done.order_by("-finished_at", "-pk")
    return next((one for one in newest_first if name in one.names and name != one.domain_name), None)


def _fields_of_companion(addition: Operation | None) -> dict[str, Any]:
    if addition is None:
        return {}
    asked = addition.domains.present().filter(name=addition.domain_name).first()
    return {"operation": addition, "is_free": True, "companion_of": asked}


def _was_just_removed(subscription: Subscription, name: str, reading: BindingReading) -> bool:
    """Whether the list may be from before its removal: it was begun too short a time after that ended."""
    recently = reading.began.at - timedelta(seconds=settings.CAAS_SETTLE_AFTER)
    removals = Operation.objects.filter(subscription=subscription, takes_away=True)
    recent = removals.filter(Q(state__in=Operation.UNSETTLED) | Q(finished_at__gt=recently))
    return name in names_of(recent)
