"""Staff learn that a customer asks for something, and who asked learns of the answer. Neither mail holds a price
or a name: whoever reads it goes to the page."""

from collections.abc import Iterator
from typing import ClassVar

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from accounts.models import Mail, Matter, User
from accounts.notices import Notice, NotNeededError, link_to, triple, what_it_is_about
from accounts.roles import Permission
from accounts.told_notices import Audience, Link, MatterFound
from accounts.validators import without_links
from subscriptions.models import CustomerRequest, Subscription
from subscriptions.notices.mailed import MailedNotice


def _requests() -> "QuerySet[CustomerRequest]":
    return CustomerRequest.objects.select_related("subscription__customer", "subscription__server", "created_by")


class RequestMadeNotice(Notice):
    """A request that waits for staff."""

    name = "request_made"
    label = "Customer’s request"
    a_day = 50

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell it to staff who can answer; one that is answered or withdrawn by now is not told."""
        asked, person = what_it_is_about(mail, _requests()), mail.person
        if person is None or not (person.is_active and person.may(Permission.BUY)):
            raise NotNeededError("The person does not answer requests any more.")
        if not asked.is_unanswered:
            raise NotNeededError(f"It is “{asked.get_state_display()}” by now.")
        link = link_to("subscriptions:request-detail", asked.code)
        return triple("request_made", to=person.email, context={"asked": asked, "link": link})


class RequestAnsweredNotice(Notice):
    """A request that was done or declined."""

    name = "request_answered"
    label = "Answer to a request"
    a_day = 50

    def write(self, mail: Mail) -> EmailMultiAlternatives:
        """Tell it to whoever asked; one who does not see the subscription any more is not told."""
        asked, person = what_it_is_about(mail, _requests()), mail.person
        if person is None or not Subscription.objects.seen_by(person).filter(pk=asked.subscription_id).exists():
            raise NotNeededError("The person does not see the subscription any more.")
        link = link_to("subscriptions:my-request", asked.code)
        is_done = asked.state == CustomerRequest.State.DONE
        context = {"asked": asked, "link": link, "user": person, "is_done": is_done}
        return triple("request_answered", to=person.email, context=context)


class _RequestNotice(MailedNotice):
    def matters_of(self, mail: Mail) -> Iterator[MatterFound]:
        """Give the request that a mail is about."""
        asked = _requests().filter(code__in=[mail.about_code]).first()
        if asked is not None:
            yield MatterFound(
                key=str(mail.code),
                began_at=mail.created_at,
                customer_id=asked.subscription.customer_id,
                person_id=mail.person_id,
                subscription_code=asked.subscription.code,
                about_kind="customerrequest",
                about_code=asked.code,
                about_name=f"{asked.get_kind_display()}: {asked.subscription.title}",
                facts={"is_done": asked.state == CustomerRequest.State.DONE},
            )


class RequestAskedNotice(_RequestNotice):
    """A customer has asked for something."""

    name = "request_asked"
    label = "Customer’s request"
    audience: ClassVar[Audience] = Audience.STAFF
    permission: ClassVar[Permission] = Permission.BUY
    mail = RequestMadeNotice.name

    def title(self, matter: Matter) -> str:
        """Say what is asked for."""
        return f"Asked for – {without_links(matter.about_name)}"

    def text(self, matter: Matter) -> str:
        """Say what to do about it."""
        return "Turn what is asked for into a quote, or decline it with a reason."

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the request's page."""
        return Link("subscriptions:request-detail", (matter.about_code,))


class RequestDoneNotice(_RequestNotice):
    """A request was answered."""

    name = "request_done"
    label = "Answer to a request"
    audience: ClassVar[Audience] = Audience.CUSTOMER
    mail = RequestAnsweredNotice.name

    def title(self, matter: Matter) -> str:
        """Say how it was answered."""
        answer = "Done" if matter.facts.get("is_done") else "Declined"
        return f"{answer} – {without_links(matter.about_name)}"

    def text(self, matter: Matter) -> str:
        """Say where it stands."""
        return "What you asked for is done." if matter.facts.get("is_done") else "The page of the request says why."

    def link(self, matter: Matter, person: User | None) -> Link:
        """Give the request's page."""
        return Link("subscriptions:my-request", (matter.about_code,))
