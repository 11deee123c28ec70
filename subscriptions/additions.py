"""ADDDOMAIN: add one name, with its companion where wanted (the guide's "Add a domain"). It charges real money."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from subscriptions import ledger, rules
from subscriptions.caas.errors import Refused
from subscriptions.caas.types import DomainAdded, ListedDomain
from subscriptions.claims import Claim
from subscriptions.models import Domain, Operation, Order, Subscription
from subscriptions.objections import AlreadyThereError, Objection


def prepare(claim: Claim) -> None:
    """Make sure of the baseline, and of the price right before the charge; raise Objection where it rose."""
    if claim.operation.baseline is None:
        claim.save(baseline=_baseline(claim))
    baseline = claim.operation.baseline or {"names": []}
    if claim.operation.was_unknown or claim.operation.domain_name in baseline["names"]:
        _look_for_it(claim)
    price = confirmed_price(claim.operation)
    validity = timedelta(seconds=settings.CAAS_QUOTE_VALIDITY)
    ended = _neighbour_ended(claim.operation)
    if rules.must_quote_again(price, now=timezone.now(), validity=validity, neighbour_ended=ended):
        _guard_price(claim, price)
    _guard_stop(claim.operation)


def _look_for_it(claim: Claim) -> None:
    """Raise where the name is at the CA already: what the CA does with a second call for it is not documented.

    AlreadyThereError where a call of this was lost: it may have done its work late, or been misjudged. Otherwise
    somebody else added it, or the portal did after the backup it was restored from: an Objection.
    """
    operation = claim.operation
    listed = claim.client.list_domains(acme_account_id=_acme_account_id(operation))
    if not any(row.name == operation.domain_name for row in listed):
        return
    if operation.was_unknown:
        raise AlreadyThereError(f"Not sent again: {operation.domain_name} is at the CA already.")
    raise Objection(f"{operation.domain_name} is at the CA already.")


def _guard_stop(operation: Operation) -> None:
    """Object where the order was stopped while this was under way, unless a person had it sent since."""
    order = operation.order
    if order is None:
        return
    order.refresh_from_db(fields=["stopped_at", "stop_reason"])
    if order.stopped_at is None:
        return
    decisions = operation.events.filter(from_state=Operation.State.ATTENTION, to_state=Operation.State.QUEUED)
    if not decisions.filter(at__gte=order.stopped_at).exists():
        raise Objection(f"The order was stopped. {order.stop_reason}")


def confirmed_price(operation: Operation) -> rules.ConfirmedPrice:
    """Give what a person confirmed for this operation."""
    if operation.price is None or operation.quoted_at is None:
        raise Objection("Nobody has confirmed a price for this.")
    return rules.ConfirmedPrice(
        amount=operation.price,
        currency=operation.currency,
        names=frozenset(operation.names),
        quoted_at=operation.quoted_at,
        ov_anchor_order_number=operation.ov_anchor_order_number,
    )


def _baseline(claim: Claim) -> dict[str, Any]:
    """Names at the CA before the call: read once per order, then carried forward by what the portal added itself."""
    operation = claim.operation
    order = operation.order
    read = order.baseline if order is not None else None
    if read is None:
        read = listing(claim.client.list_domains(acme_account_id=_acme_account_id(operation)))
        if order is not None:
            Order.objects.filter(pk=order.pk, baseline__isnull=True).update(baseline=read)
    ours = Domain.objects.filter(subscription=operation.subscription_id, removed_at=None)
    names = sorted(set(read["names"]) | set(ours.values_list("name", flat=True)))
    return {"names": names, "read_at": read["read_at"]}


def listing(domains: Iterable[ListedDomain]) -> dict[str, Any]:
    """Give a reading of LISTDOMAINS as it is kept with the ledger: names, expiry and pre-validations."""
    rows = list(domains)
    expiries = [row.expires_at for row in rows if row.expires_at is not None]
    return {
        "names": sorted(row.name for row in rows),
        "expires_at": max(expiries).isoformat() if expiries else None,
        "anchors": {row.name: row.ov_anchor_order_number for row in rows if row.ov_anchor_order_number},
        "read_at": timezone.now().isoformat(),
    }


def _acme_account_id(operation: Operation) -> str:
    if operation.binding is None:
        raise Objection("There is no ACME account to add a name to.")
    return operation.binding.acme_account_id


def _neighbour_ended(operation: Operation) -> bool:
    """Whether an operation that can have changed this one's price ended since it was quoted."""
    additions = Operation.objects.filter(binding=operation.binding_id, kind=Operation.Kind.ADD_DOMAIN)
    first = additions.filter(state=Operation.State.SUCCEEDED).order_by("finished_at", "pk").first()
    near = Q(registrable_domain=operation.registrable_domain)
    if first is not None:
        near |= Q(pk=first.pk)
    return additions.filter(near, finished_at__gt=operation.quoted_at).exclude(pk=operation.pk).exists()


def _guard_price(claim: Claim, price: rules.ConfirmedPrice) -> None:
    operation, asked_at = claim.operation, timezone.now()
    try:
        quote = claim.client.quote_domain(**_arguments(operation))
    except Refused as refusal:
        if not refusal.is_final:
            raise
        raise Objection(f"The CA gives no price any more: {refusal.detail}", refusal.evidence) from refusal
    reason = rules.price_objection(price, amount=quote.cost.amount, currency=quote.cost.currency, names=quote.names)
    if reason:
        detail = {"names": list(quote.names), "amount": str(quote.cost.amount), "currency": quote.cost.currency}
        raise Objection(reason, detail)
    claim.save(quoted_at=asked_at)


def _arguments(operation: Operation) -> dict[str, Any]:
    return {
        "acme_account_id": _acme_account_id(operation),
        "name": operation.domain_name,
        "ov_anchor_order_number": operation.ov_anchor_order_number or None,
        "add_companion": operation.add_companion,
    }


def send(claim: Claim) -> None:
    """Call ADDDOMAIN once and keep the names and the charge with the operation's success, in one transaction."""
    added = claim.client.add_domain(**_arguments(claim.operation), last_look=lambda: True)
    now = timezone.now()
    outcome = outcome_of(claim.operation, added)
    with transaction.atomic():
        if ledger.succeed(claim.operation, outcome, token=claim.token, by=claim.by, now=now, reply=added.evidence):
            keep_names(claim.operation, added.names, now=now)
            ledger.stop_order_if_overcharged(claim.operation, by=claim.by, now=now)
        else:
            ledger.keep_late_answer(claim.operation, by=claim.by, reply=added.evidence)


def outcome_of(operation: Operation, added: DomainAdded) -> ledger.Outcome:
    """Give what the CA's answer says of the charge; an order number that another operation holds is left out."""
    held = Operation.objects.filter(ca_order_number=added.ca_order_number).exclude(pk=operation.pk)
    number = None if added.ca_order_number is not None and held.exists() else added.ca_order_number
    if added.cost is None:
        return ledger.Outcome(operation.price, operation.currency, number, is_charge_confirmed=False)
    return ledger.Outcome(added.cost.amount, added.cost.currency, number, is_charge_confirmed=True)


def keep_names(operation: Operation, names: Iterable[str], *, now: datetime) -> None:
    """Write the names an addition brought; the first is the one asked for, others are its companions."""
    asked = _keep_name(operation, operation.domain_name, now, is_free=operation.charged == 0, companion_of=None)
    for name in names:
        if name != operation.domain_name:
            _keep_name(operation, name, now, is_free=True, companion_of=asked)


def _keep_name(operation: Operation, name: str, now: datetime, *, is_free: bool, companion_of: Domain | None) -> Domain:
    domain, _ = Domain.objects.update_or_create(
        subscription=operation.subscription,
        name=name,
        removed_at=None,
        defaults={
            "operation": operation,
            "is_free": is_free,
            "companion_of": companion_of,
            "ov_anchor_order_number": operation.ov_anchor_order_number,
        },
        create_defaults={
            "operation": operation,
            "is_free": is_free,
            "companion_of": companion_of,
            "ov_anchor_order_number": operation.ov_anchor_order_number,
            "added_at": now,
        },
    )
    return domain


def refresh_expiry(claim: Claim) -> None:
    """Take the subscription's expiry from the CA once its first name is there."""
    subscription = claim.operation.subscription
    rows = claim.client.list_domains(acme_account_id=_acme_account_id(claim.operation))
    expiries = [row.expires_at for row in rows if row.expires_at is not None]
    if expiries:
        Subscription.objects.filter(pk=subscription.pk).update(expires_at=max(expiries))
