"""From when on a customer's people see a subscription: the request half."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_event
from accounts.kept_settings import keep_setting
from accounts.models import User
from subscriptions.happenings import Happening
from subscriptions.models import Subscription
from subscriptions.rules.visibility import Visibility
from subscriptions.selectors.visibility import VISIBILITY, visibility


@transaction.atomic
def set_visibility(*, actor: User, chosen: Visibility) -> int:
    """Write from when on subscriptions are seen; give how many are seen by it that were not before.

    What people see already they go on seeing, whatever is set.
    """
    before = visibility()
    keep_setting(VISIBILITY, chosen)
    shown = 0
    if chosen == Visibility.AT_ONCE:
        shown = Subscription.objects.filter(shown_at=None).update(shown_at=timezone.now())
    if before != chosen:
        changes = {"visibility of subscriptions": [before, chosen]}
        record_event(Happening.VISIBILITY_SET, actor=actor, visibility=chosen, shown=shown, changes=changes)
    return shown


def shown_from_the_start() -> datetime | None:
    """Give since when a subscription that is being made is seen: None until it is handed over."""
    return timezone.now() if visibility() == Visibility.AT_ONCE else None
