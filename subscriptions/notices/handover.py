"""One of a customer's people learns that ACME credentials are ready."""

from django.core.mail import EmailMultiAlternatives

from accounts.models import Mail
from accounts.notices import Notice, NotNeededError, link_to, triple
from subscriptions.models import Subscription

LISTED = 20  # of many subscriptions that are handed over together


class HandoverNotice(Notice):
    """The link to a subscription's page, which shows the key after a sign-in; of several the link to all."""

    name = "handover"
    label = "Hand-over"
    a_day = 50  # somebody may look after as many subscriptions

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell it to the person's address of now; of what the person does not see nothing is told."""
        person, codes = mail.person, mail.facts.get("subscriptions", "").split() or [mail.about_code]
        if person is None:
            raise NotNeededError("The person does not see it any more.")
        seen = Subscription.objects.seen_by(person).filter(code__in=codes).select_related("server", "customer")
        subscriptions = list(seen.order_by("created_at", "pk"))
        if not subscriptions:
            raise NotNeededError("The person does not see it any more.")
        link = link_to("subscriptions:my-home")
        if len(subscriptions) == 1:
            link = link_to("subscriptions:my-subscription", subscriptions[0].code)
        context = {
            "subscription": subscriptions[0],
            "number": len(subscriptions),
            "listed": subscriptions[:LISTED] if len(subscriptions) > 1 else [],
            "more": max(len(subscriptions) - LISTED, 0),
            "user": person,
            "link": link,
        }
        return triple("handover", to=person.email, context=context)
