"""One of a customer's people learns that the ACME credentials are ready."""

from django.core.mail import EmailMultiAlternatives

from accounts.models import Mail
from accounts.notices import Notice, NotNeededError, link_to, triple, what_it_is_about
from subscriptions.models import Subscription


class HandoverNotice(Notice):
    """The link to a subscription's page, which shows the key after a sign-in."""

    name = "handover"
    label = "Hand-over"
    a_day = 50  # somebody may look after as many subscriptions

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell it to the person's address of now; one who has left the customer is not told."""
        subscription = what_it_is_about(mail, Subscription.objects.select_related("server"))
        person = mail.person
        if person is None or not Subscription.objects.seen_by(person).filter(pk=subscription.pk).exists():
            raise NotNeededError("The person does not belong to the customer any more.")
        link = link_to("subscriptions:my-subscription", subscription.code)
        return triple("handover", to=person.email, context={"subscription": subscription, "user": person, "link": link})
