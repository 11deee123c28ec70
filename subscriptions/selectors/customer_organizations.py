"""What a customer's people see of their organizations: until when they are validated, and what is expected of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from subscriptions.explain.prevalidations import expected_of_customer
from subscriptions.models import Domain, Prevalidation, Subscription
from subscriptions.rules.prevalidations import PrevalidationStatus
from subscriptions.selectors.prevalidations import Yardstick

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
    return shown.annotate(name_count=Coalesce(Subquery(counted), 0)).order_by("organization_name", "valid_until", "pk")


def organization_rows(prevalidations: Iterable[Prevalidation]) -> list[OrganizationRow]:
    """Give the rows of these; they come from `shown_organizations`."""
    yardstick = Yardstick.now()
    return [
        OrganizationRow(
            prevalidation=one,
            status=yardstick.status(one),
            names=vars(one)["name_count"],
            expected=expected_of_customer(
                yardstick.status(one), yardstick.mode, contact=one.contact_name, has_names=vars(one)["name_count"] > 0
            ),
        )
        for one in prevalidations
    ]


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
