"""Staff learn that a customer asks for something, and who asked learns of the answer. Neither mail holds a price
or a name: whoever reads it goes to the page."""

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from accounts.models import Mail
from accounts.notices import Notice, NotNeededError, link_to, triple, what_it_is_about
from accounts.roles import Permission
from subscriptions.models import CustomerRequest, Subscription


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
