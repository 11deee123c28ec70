"""Lists of pre-validations, and of what is under one. How many queries a page takes does not depend on their rows."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from accounts.models import AuditEvent
from subscriptions.explain.states import mark_of
from subscriptions.models import Domain, Prevalidation, Subscription
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.selectors.prevalidations import status_today
from subscriptions.selectors.rows import ACTIVITY_SHOWN

_NAMES = Domain.objects.present().filter(ov_anchor_order_number=OuterRef("ov_anchor_order_number"))
HAS_NAMES = Exists(_NAMES)
# The fields that a file of them has, with its headings.
HEADINGS = {
    "organization_name": "Organization",
    "organizational_unit": "Unit",
    "address": "Address",
    "postal_code": "Postal code",
    "locality": "Locality",
    "state": "State or province",
    "country": "Country",
    "contact_title": "Contact’s title",
    "contact_first_name": "Contact’s first name",
    "contact_last_name": "Contact’s last name",
    "contact_email": "Contact’s e-mail",
    "contact_phone": "Contact’s phone",
    "ov_anchor_order_number": "Order number",
    "type": "Type",
}
CSV_HEADING = (*HEADINGS.values(), "Customer", "Status", "Valid from (UTC)", "Valid until (UTC)", "Names", "Notes")


def prevalidations() -> QuerySet[Prevalidation]:
    """Give all pre-validations, those that end first in front, with how many names are under each."""
    counted = _NAMES.order_by().values("ov_anchor_order_number").annotate(number=Count("pk")).values("number")
    rows = Prevalidation.objects.select_related("customer").order_by(F("valid_until").asc(nulls_last=True), "pk")
    return rows.annotate(
        domain_count=Coalesce(Subquery(counted), 0),
        sort_organization=Lower("organization_name"),
        sort_customer=Lower("customer__name"),
    )


def prevalidation_cells(prevalidations: QuerySet[Prevalidation]) -> Iterator[tuple[str | int, ...]]:
    """Give pre-validations (from `prevalidations`) one by one as rows of a file, however many there are."""
    for row in prevalidations.iterator(chunk_size=1000):
        days = (day.isoformat() if day else "" for day in (row.valid_from, row.valid_until))
        own = (str(getattr(row, name)) for name in HEADINGS)
        status = mark_of("prevalidation", status_today(row)).word
        yield (*own, row.customer.name, status, *days, vars(row)["domain_count"], row.notes)


def names_under(prevalidation: Prevalidation) -> DomainQuerySet:
    """Give the names that are under a pre-validation, of whichever subscription."""
    present = Domain.objects.present().filter(ov_anchor_order_number=prevalidation.ov_anchor_order_number)
    return present.select_related("subscription__customer", "subscription__server", "certificate", "companion_of")


def subscriptions_under(prevalidation: Prevalidation) -> QuerySet[Subscription]:
    """Give the subscriptions that have names under a pre-validation, or are for it, with how many names each has."""
    names = names_under(prevalidation).filter(subscription=OuterRef("pk"))
    counted = names.order_by().values("subscription").annotate(number=Count("pk")).values("number")
    rows = Subscription.objects.filter(Exists(names) | Q(prevalidation=prevalidation))
    return rows.select_related("customer", "server", "binding").annotate(names_under=Coalesce(Subquery(counted), 0))


def prevalidation_activity(prevalidation: Prevalidation) -> QuerySet[AuditEvent]:
    """Give the latest events about a pre-validation, newest first."""
    return AuditEvent.objects.filter(target_code=prevalidation.code)[:ACTIVITY_SHOWN]
