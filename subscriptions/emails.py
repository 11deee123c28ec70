"""Mails about subscriptions. None ever holds a key."""

from django.conf import settings
from django.urls import reverse

from accounts.emails import send_mail_triple
from accounts.models import Membership
from subscriptions.models import Subscription


def send_handover(subscription_id: int, membership_id: int) -> None:
    """Tell one of the customer's people that the ACME credentials are ready, with a link to them."""
    subscription = Subscription.objects.select_related("customer", "server").get(pk=subscription_id)
    membership = Membership.objects.select_related("user").get(pk=membership_id, customer=subscription.customer)
    link = settings.PORTAL_URL.rstrip("/") + reverse("subscriptions:my-subscription", args=[subscription.code])
    context = {"subscription": subscription, "user": membership.user, "link": link}
    send_mail_triple("handover", to=membership.user.email, context=context)
