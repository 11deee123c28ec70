"""What a customer's people see of their organizations: until when they are validated, and what is expected of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from subscriptions.explain.prevalidations import expected_of_customer
from subscriptions.explain.states import mark_of
from subscriptions.models import Domain, Prevalidation, Subscription
from subscriptions.rules.prevalidations import PrevalidationStatus
from subscriptions.selectors.prevalidations import Yardstick

HEADING = (
    "Organization", "Locality", "Country", "Customer", "Validation", "Last day", "Names", "What is expected of you",
)  # fmt: skip
SHOWN = 5  # on the page of one subscription


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """An organization on the customer's pages."""

    prevalidation: Prevalidation
    status: PrevalidationStatus
    names: int
    expected: str

    @property
    def valid_until(self) -> date | None:
        """Its last valid day, where it was validated."""
        return self.prevalidation.valid_until


def shown_organizations(
    prevalidations: QuerySet[Prevalidation], seen: QuerySet[Subscription]
) -> QuerySet[Prevalidation]:
    """Give those of some pre-validations that a customer is shown, with how many names are under each.

    `seen` are the subscriptions that the person sees: names of others are in no count.
    """
    names = Domain.objects.present().filter(
        ov_anchor_order_number=OuterRef("ov_anchor_order_number"),
        subscription__customer=OuterRef("customer"),
        subscription__in=seen.order_by().values("pk"),
    )
    counted = names.order_by().values("ov_anchor_order_number").annotate(number=Count("pk")).values("number")
    shown = prevalidations.exclude(recorded_status=PrevalidationStatus.REPLACED)
    rows = shown.annotate(name_count=Coalesce(Subquery(counted), 0), sort_organization=Lower("organization_name"))
    return rows.order_by("organization_name", "valid_until", "pk")


def organization_rows(prevalidations: Iterable[Prevalidation]) -> list[OrganizationRow]:
    """Give the rows of these; they come from `shown_organizations`."""
    return list(_rows(prevalidations))


def _rows(prevalidations: Iterable[Prevalidation]) -> Iterator[OrganizationRow]:
    yardstick = Yardstick.now()
    for one in prevalidations:
        status, names = yardstick.status(one), vars(one)["name_count"]
        expected = expected_of_customer(status, yardstick.mode, contact=one.contact_name, has_names=names > 0)
        yield OrganizationRow(prevalidation=one, status=status, names=names, expected=expected)


def with_rows(prevalidations: Sequence[Prevalidation]) -> list[OrganizationRow]:
    """Give the same, and have each of these bear its `row`, as a list shows it."""
    rows = organization_rows(prevalidations)
    for row in rows:
        vars(row.prevalidation)["row"] = row
    return rows


def organization_lines(prevalidations: QuerySet[Prevalidation]) -> Iterator[tuple[str | int, ...]]:
    """Give organizations (from `shown_organizations`) one by one as lines of a file under HEADING."""
    for row in _rows(prevalidations.iterator(chunk_size=1000)):
        one = row.prevalidation
        yield (
            one.organization_name,
            one.locality,
            one.country,
            one.customer.name,
            mark_of("prevalidation", row.status).word,
            row.valid_until.isoformat() if row.valid_until else "",
            row.names,
            row.expected,
        )


def organizations_of_subscription(subscription: Subscription, seen: QuerySet[Subscription]) -> list[OrganizationRow]:
    """Give the organizations that a subscription's names are under, or that it is for; `seen` as above."""
    if not subscription.server.needs_prevalidation:
        return []
    under = Domain.objects.present().filter(
        subscription=subscription, ov_anchor_order_number=OuterRef("ov_anchor_order_number")
    )
    own = Prevalidation.objects.filter(customer=subscription.customer_id)
    rows = own.filter(Exists(under) | Q(pk=subscription.prevalidation_id))
    return organization_rows(shown_organizations(rows, seen)[:SHOWN])
