"""A look at what a website serves, asked for by a person: the request half."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.errors import ServiceError
from accounts.models import User
from accounts.throttles import Limit, refusing
from subscriptions import tasks
from subscriptions.models import Domain, ServedCertificate

MINUTE = timedelta(minutes=1)
OF_PERSON = Limit("served_look_person", 20, MINUTE)
OF_CUSTOMER = Limit("served_look_customer", 40, MINUTE)
OF_STAFF = Limit("served_look_staff", 6, timedelta(seconds=10))  # as long as a worker needs for one at most
MOST_AT_ONCE = 6  # of a customer's names
FRESH = timedelta(seconds=20)  # within this the answer that is there is given
BUSY = f"{MOST_AT_ONCE} websites are being looked at already. Look at this one once some of those are done."
TOO_MANY = "Many websites were looked at in a short time. Wait a minute, then look at this one again."
OFF = "This installation does not look at websites."
WILDCARD = "A wildcard has no website of its own to look at."


@transaction.atomic
def look_at_served(*, actor: User, domain: Domain, now: datetime) -> None:
    """Have a website looked at; one that is asked for or was seen a moment ago is left as it is.

    Raises ServiceError where nothing can be looked at, or the person, or all people of the customer, asked too often
    or for too many at once.
    """
    if not settings.OUTBOUND:
        raise ServiceError(OFF)
    if domain.is_wildcard:
        raise ServiceError(WILDCARD)
    row, _ = ServedCertificate.objects.get_or_create(domain=domain, defaults={"due_at": now})
    if row.is_awaited(now) or (row.looked_at is not None and row.looked_at > now - FRESH):
        return
    counters = [OF_PERSON.of(actor.pk)]
    if actor.is_reseller_staff:
        counters.append(OF_STAFF.of(actor.pk))
    else:
        customer = domain.subscription.customer_id
        awaited = ServedCertificate.objects.awaited(now).filter(domain__subscription__customer=customer)
        if awaited.count() >= MOST_AT_ONCE:
            raise ServiceError(BUSY)
        counters.append(OF_CUSTOMER.of(customer))
    if refusing(counters, now) is not None:
        raise ServiceError(TOO_MANY)
    ServedCertificate.objects.filter(pk=row.pk).update(asked_at=now)
    transaction.on_commit(lambda: tasks.look_at_served_name.delay(domain.pk), robust=True)
