"""Where a quote of each kind is asked for: the way back from a quote, and from an order of which a line was refused."""

from collections.abc import Collection

from django.urls import reverse

from subscriptions.kinds import ADDING, EXTENDING
from subscriptions.models import QuoteLine

ROUTES: dict[str, str] = {ADDING.name: "subscriptions:domain-add", EXTENDING.name: "subscriptions:subscription-extend"}


def asking_url(lines: Collection[QuoteLine]) -> str:
    """Give the page on which these lines were asked for; empty where they were not asked for on one page."""
    if len(lines) == 1 and (old := next(iter(lines)).replaces) is not None:
        return reverse("subscriptions:name-replace", args=[old.subscription.code, old.code])
    asked = {(ROUTES.get(line.kind), line.subscription.code) for line in lines}
    route, code = asked.pop() if len(asked) == 1 else (None, None)
    return reverse(route, args=[code]) if route else ""
