"""Whether a customer can be archived, and what that shuts."""

from django.utils import timezone

from accounts.models import Customer
from subscriptions.models import CustomerRequest, Operation, Subscription


def why_not_archived(customer: Customer) -> str:
    """Give why a customer cannot be archived now, or an empty text: something runs, or is under way."""
    own = Subscription.objects.filter(customer=customer)
    alive = own.filter(creation=Subscription.Creation.CREATED).exclude(
        account_state=Subscription.AccountState.DEACTIVATED
    )
    running = alive.filter(expires_at__gt=timezone.now()).select_related("server").first()
    if running is not None:
        return f"{running.title} runs: let it end, or deactivate its ACME account first."
    if Operation.objects.filter(subscription__customer=customer, state__in=Operation.UNSETTLED).exists():
        return "Operations of it are under way, or wait for a decision."
    if CustomerRequest.objects.filter(subscription__customer=customer, state__in=CustomerRequest.UNDER_WAY).exists():
        return "Its people wait for an answer to a request."
    return ""


def why_closed(customer: Customer) -> str:
    """Give why nothing new is made or bought for a customer, or an empty text: it is archived."""
    return "" if customer.archived_at is None else f"{customer} is archived: nothing is bought for it or handed over."
