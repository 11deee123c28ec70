"""Where things are asked of the CA: the way back from a quote and from an order, and the way on from a request."""

from collections.abc import Collection

from django.http import Http404, HttpRequest
from django.urls import reverse

from accounts.access import signed_in_user
from subscriptions.access import order_for_staff, quote_for_staff, request_for_staff
from subscriptions.forms.domains import PrefillForm
from subscriptions.kinds import ADDING, EXTENDING
from subscriptions.models import CustomerRequest, Quote, QuoteLine, Subscription

ROUTES: dict[str, str] = {ADDING.name: "subscriptions:domain-add", EXTENDING.name: "subscriptions:subscription-extend"}


def asking_url(lines: Collection[QuoteLine]) -> str:
    """Give the page on which these lines were asked for; empty where they were not asked for on one page."""
    if len(lines) == 1 and (old := next(iter(lines)).replaces) is not None:
        return reverse("subscriptions:name-replace", args=[old.subscription.code, old.code])
    asked = {(ROUTES.get(line.kind), line.subscription.code) for line in lines}
    route, code = asked.pop() if len(asked) == 1 else (None, None)
    return reverse(route, args=[code]) if route else ""


# --- Customers' requests --------------------------------------------------------------------------------------------

Kind = CustomerRequest.Kind
DOING: dict[str, str] = {
    Kind.NAMES: "subscriptions:domain-add",
    Kind.EXTENSION: "subscriptions:subscription-extend",
    Kind.REMOVAL: "subscriptions:name-remove",
}


def doing_url(asked: CustomerRequest) -> str:
    """Give the page on which a request is done, filled in with it."""
    return reverse(DOING[asked.kind], args=[asked.subscription.code], query={"request": str(asked.code)})


def request_in(request: HttpRequest, subscription: Subscription, kind: Kind) -> CustomerRequest | None:
    """Give the customer's request that a page is to do, as its address says; raise Http404 for one of something else.

    Whoever comes back from a quote or an order that was for one goes on with that, as long as it is not answered.
    """
    codes, user = PrefillForm.codes(request.GET), signed_in_user(request)
    if "request" in codes:
        asked = request_for_staff(user, codes["request"])
        if asked.subscription_id != subscription.pk or asked.kind != kind:
            raise Http404
        return asked
    quote: Quote | None = None
    if "quote" in codes:
        quote = quote_for_staff(user, codes["quote"])
    elif "order" in codes:
        quote = order_for_staff(user, codes["order"]).quote
    earlier = quote.asked_for if quote is not None else None
    return earlier if earlier is not None and earlier.is_unanswered and earlier.kind == kind else None
