"""What a customer is told on each page about a subscription whose ACME account, or one of its clients, is stopped."""

from typing import Any

from subscriptions.explain.account_states import OF_STATES
from subscriptions.models import Subscription
from subscriptions.selectors.account_states import stopped_clients


def account_callouts(subscription: Subscription) -> dict[str, Any]:
    """Give what `_my_account_callouts.html` says of a subscription."""
    return {
        "account_words": OF_STATES.get(subscription.state),
        "stopped": stopped_clients([subscription.pk]).get(subscription.pk),
    }
