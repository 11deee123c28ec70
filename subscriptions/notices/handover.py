"""One of a customer's people learns that ACME credentials are ready."""

from collections.abc import Iterator
from typing import ClassVar

from django.core.mail import EmailMultiAlternatives

from accounts.models import Mail, Matter, User
from accounts.notices import Notice, NotNeededError, link_to, triple
from accounts.told_notices import Audience, Link, MatterFound
from accounts.validators import without_links
from subscriptions.models import Subscription
from subscriptions.notices.mailed import MailedNotice

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


class HandedOverNotice(MailedNotice):
    """Credentials were handed over: of several at once, one for each customer."""

    name = "handed_over"
    label = "Handed over"
    audience: ClassVar[Audience] = Audience.CUSTOMER
    mail = HandoverNotice.name

    def matters_of(self, mail: Mail) -> Iterator[MatterFound]:
        """Give the subscriptions that a mail hands over, by customer."""
        codes = mail.facts.get("subscriptions", "").split() or [mail.about_code]
        of_customers: dict[int, list[Subscription]] = {}
        for subscription in Subscription.objects.filter(code__in=codes).select_related("server").order_by("pk"):
            of_customers.setdefault(subscription.customer_id, []).append(subscription)
        for customer_id, given in of_customers.items():
            first = given[0]
            yield MatterFound(
                key=f"{mail.code}:{customer_id}",
                began_at=mail.created_at,
                customer_id=customer_id,
                person_id=mail.person_id,
                subscription_code=first.code if len(given) == 1 else None,
                about_kind="subscription",
                about_code=first.code,
                about_name=first.title,
                facts={"number": len(given)},
            )

    def title(self, matter: Matter) -> str:
        """Say what is ready."""
        number = matter.facts.get("number", 1)
        if number > 1:
            return f"{number} subscriptions are ready to be set up"
        return f"{without_links(matter.about_name)} is ready to be set up"

    def text(self, matter: Matter) -> str:
        """Say what to do with it."""
        return "The ACME server URL and the EAB key stand in the portal, with the steps for your ACME client."

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the subscription's page, or that with all."""
        if matter.subscription_code is None:
            return Link("subscriptions:my-home")
        return Link("subscriptions:my-subscription", (matter.subscription_code,))
