"""Says as JSON what is in a database and how its pages answer: `python -m tests.portal.look_at_database`."""

import json
import sys

import django


def main() -> None:
    """Look, and say what is there."""
    django.setup()
    from django.apps import apps
    from django.db import connection
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    from accounts.models import User
    from subscriptions.models import EabBinding, Gate, Operation, Order, Quote, Subscription
    from tests import cast
    from tests.portal.version_before import OWNER, STAFF

    setup_test_environment()
    ours = [model for model in apps.get_models() if model._meta.app_label in ("accounts", "subscriptions")]
    rows = {model._meta.label: model._default_manager.count() for model in ours}
    keys = sorted(str(binding.eab_hmac_key.reveal()) for binding in EabBinding.objects.all())
    charged = str(sum(operation.charged or 0 for operation in Operation.objects.all()))
    subscription = Subscription.objects.order_by("pk")[0]
    lists = ("dashboard", "customer-list", "subscription-list", "operation-list", "order-list", "activity-list")
    staff = [reverse(f"subscriptions:{name}") for name in lists]
    for model in (Subscription, Order, Quote, Operation):
        route = f"subscriptions:{model.__name__.lower()}-detail"
        staff += [reverse(route, args=[row.code]) for row in model._default_manager.all()]
    theirs = [reverse("subscriptions:my-home"), reverse("subscriptions:my-subscription", args=[subscription.code])]
    pages: dict[str, int] = {}
    for email, urls in ((STAFF, staff), (OWNER, theirs)):
        browser = cast.sign_in(Client(), User.objects.get(email__iexact=email))
        pages |= {url: browser.get(url).status_code for url in urls}
    told = {"rows": rows, "keys": keys, "charged": charged, "pages": pages, "held": Gate.objects.get().closed_for}
    connection.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
