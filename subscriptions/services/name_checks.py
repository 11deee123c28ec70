"""Checks of names, asked for by a person: the request half."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts.errors import ServiceError
from accounts.models import User
from accounts.throttles import Limit, refusing
from subscriptions import tasks
from subscriptions.models import Domain, NameCheck
from subscriptions.services.subscriptions import watch_subscription

MINUTE = timedelta(minutes=1)
OF_PERSON = Limit("name_check_person", 20, MINUTE)
OF_CUSTOMER = Limit("name_check_customer", 40, MINUTE)
FRESH = timedelta(seconds=20)  # within this the answer that is there is given
KEPT = 5  # checks of one name
MOST_AT_ONCE = 6  # waiting or looked at, of a customer's names, or asked for by one of the staff
BUSY = f"{MOST_AT_ONCE} names are being checked already. Check this one again once some of those are done."
TOO_MANY = "Many names were checked in a short time. Wait a minute, then check this one again."


def check_name(*, actor: User, domain: Domain, now: datetime) -> NameCheck:
    """Have a name looked at, and its subscription read at the CA; one that is under way or fresh is given instead.

    Raises ServiceError where the person, or all people of the name's customer together, asked for too many: in a short
    time, or at once.
    """
    of_domain = NameCheck.objects.filter(domain=domain)
    newest = of_domain.order_by("-asked_at", "-pk").first()
    if newest is not None and (newest.is_working or newest.asked_at > now - FRESH):
        return newest
    customer = domain.subscription.customer_id
    under_way = NameCheck.objects.filter(domain__isnull=False, state__in=NameCheck.WORKING)
    own = {"asked_by": actor} if actor.is_reseller_staff else {"domain__subscription__customer": customer}
    if under_way.filter(**own).count() >= MOST_AT_ONCE:
        raise ServiceError(BUSY)
    counters = [OF_PERSON.of(actor.pk)] + ([] if actor.is_reseller_staff else [OF_CUSTOMER.of(customer)])
    if refusing(counters, now) is not None:
        raise ServiceError(TOO_MANY)
    watch_subscription(domain.subscription)
    return _begun(actor, domain, now)


def _begun(actor: User, domain: Domain, now: datetime) -> NameCheck:
    of_domain = NameCheck.objects.filter(domain=domain)
    try:
        with transaction.atomic():
            sent = {"asked_by": actor, "asked_at": now, "lease_expires_at": now + NameCheck.LEASE}
            check = NameCheck.objects.create(name=domain.name, domain=domain, **sent)
    except IntegrityError:  # sent twice in one moment
        return of_domain.filter(state__in=NameCheck.WORKING).latest("asked_at")
    older = of_domain.order_by("-asked_at", "-pk").values_list("pk", flat=True)[KEPT : KEPT + 20]
    NameCheck.objects.filter(pk__in=list(older)).delete()
    transaction.on_commit(lambda: tasks.check_name.delay(check.pk), robust=True)
    return check
