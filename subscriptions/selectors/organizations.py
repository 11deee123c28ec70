"""For which organizations the names of a subscription are: one, unless staff have said why."""

from django.db.models import Q

from subscriptions.models import Domain, Operation, Prevalidation, Subscription
from subscriptions.rules.prevalidations import is_one_organization


def organizations_of(subscription: Subscription) -> list[str]:
    """Give the organizations that a subscription's names are for, those on their way included, as far as recorded.

    Without names it is that of the pre-validation that the subscription is for.
    """
    there = Domain.objects.present().filter(subscription=subscription).values("ov_anchor_order_number")
    coming = Operation.objects.filter(Operation.BEING_ADDED, subscription=subscription)
    numbers = Q(ov_anchor_order_number__in=there)
    numbers |= Q(ov_anchor_order_number__in=coming.values("ov_anchor_order_number"))
    found = Prevalidation.objects.filter(numbers).order_by("pk").values_list("organization_name", flat=True)
    names = list(dict.fromkeys(found))
    own = subscription.prevalidation
    return names or ([own.organization_name] if own is not None else [])


def other_organization(subscription: Subscription, prevalidation: Prevalidation) -> str:
    """Give an organization that names of the subscription are for besides that of a pre-validation; mostly none."""
    own = prevalidation.organization_name
    return next((name for name in organizations_of(subscription) if not is_one_organization(name, own)), "")


def say_why(other: str, prevalidation: Prevalidation) -> str:
    """Give what is asked where names of two organizations would share a subscription."""
    return (
        f"This subscription is for {other}; the pre-validation is of {prevalidation.organization_name}. "
        "Say why names of both go together."
    )
