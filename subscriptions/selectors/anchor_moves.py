"""Moving names from one pre-validation to another: what is affected, what waits, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from subscriptions.kinds import MOVING
from subscriptions.models import Operation, Prevalidation, Subscription
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.rules.prevalidations import is_one_organization
from subscriptions.selectors.prevalidation_rows import names_under
from subscriptions.selectors.prevalidation_warnings import ending_of_customer
from subscriptions.selectors.prevalidations import Offer, OfferFor, offers_of
from subscriptions.selectors.rows import version_of

State = Operation.State
MOVES = Operation.objects.filter(kind=MOVING.name)


def affected_names(old: Prevalidation, now: datetime) -> DomainQuerySet:
    """Give the names that a move from a pre-validation is about: not those of a term that is over for good."""
    return names_under(old).in_reach(now)


def affected_subscriptions(old: Prevalidation, now: datetime) -> QuerySet[Any]:
    """Give the subscriptions with such names, each with how many, and whether its move has to wait or is under way."""
    number = old.ov_anchor_order_number
    names = affected_names(old, now).filter(subscription=OuterRef("pk"))
    counted = names.order_by().values("subscription").annotate(number=Count("pk")).values("number")
    own = Operation.objects.filter(subscription=OuterRef("pk"))
    coming = own.filter(Operation.BEING_ADDED, ov_anchor_order_number=number)
    moving = MOVES.filter(subscription=OuterRef("pk"), state__in=Operation.UNSETTLED)
    rows = Subscription.objects.filter(Exists(names), creation=Subscription.Creation.CREATED, binding__isnull=False)
    return rows.select_related("customer", "server", "binding").annotate(
        names_under=Coalesce(Subquery(counted), 0), is_being_added=Exists(coming), is_moving=Exists(moving)
    )


def movable(old: Prevalidation, now: datetime) -> QuerySet[Any]:
    """Give those of the affected subscriptions whose names can be moved now."""
    return affected_subscriptions(old, now).filter(is_being_added=False, is_moving=False)


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What a move comes to: how many subscriptions and names, which wait, and to which pre-validations it can go.

    `seen` differs once the subscriptions or the number of their names do.
    """

    subscriptions: int
    names: int
    waiting: int
    moving: int
    offers: Sequence[Offer]
    seen: str

    @property
    def choices(self) -> list[Offer]:
        """The pre-validations to choose from."""
        return [offer for offer in self.offers if not offer.why_not]


def plan_of(old: Prevalidation, now: datetime) -> MovePlan:
    """Give what moving all names from a pre-validation comes to now."""
    rows = affected_subscriptions(old, now).order_by("pk")
    facts = list(rows.values_list("pk", "names_under", "is_being_added", "is_moving"))
    ready = [(pk, names) for pk, names, is_being_added, is_moving in facts if not is_being_added and not is_moving]
    offers = [offer for offer in offers_of(old.customer, OfferFor.NAMES) if offer.prevalidation != old]
    return MovePlan(
        subscriptions=len(ready),
        names=sum(names for _, names in ready),
        waiting=sum(1 for _, _, is_being_added, is_moving in facts if is_being_added and not is_moving),
        moving=sum(1 for *_, is_moving in facts if is_moving),
        offers=offers,
        seen=seen_of(ready),
    )


def seen_of(ready: Sequence[tuple[int, int]]) -> str:
    """Give a text that differs when the subscriptions that can be moved, or how many names they have, differ."""
    return version_of(*(part for pair in sorted(ready) for part in pair))


def moving_of(subscription: Subscription) -> Operation | None:
    """Give the unsettled move of a subscription's names, where there is one."""
    return MOVES.filter(subscription=subscription, state__in=Operation.UNSETTLED).first()


def why_left_by(moving: Operation | None, number: str) -> str:
    """Give why nothing may be added under a pre-validation: the unsettled move takes the names from there."""
    if moving is None or moving.old_ov_anchor_order_number != number:
        return ""
    return (
        f"Names of this subscription are being moved from pre-validation {number} to "
        f"{moving.ov_anchor_order_number}: add them under that one."
    )


def moves_from(old: Prevalidation) -> QuerySet[Operation]:
    """Give the operations that moved, or are to move, names from a pre-validation, newest first."""
    moves = MOVES.filter(old_ov_anchor_order_number=old.ov_anchor_order_number)
    return moves.select_related("subscription__customer", "subscription__server")


@dataclass(frozen=True, slots=True)
class MoveProgress:
    """How far the moves from a pre-validation are, old ones included; `failed` is the newest that did not succeed."""

    total: int
    done: int
    refused: int
    attention: int
    working: int
    failed: Operation | None

    @property
    def is_waiting(self) -> bool:
        """Whether something will change by itself."""
        return self.working > 0

    @property
    def version(self) -> str:
        """A text that differs when what is shown differs."""
        return version_of(self.total, self.done, self.refused, self.attention, self.working)


def move_progress(old: Prevalidation) -> MoveProgress:
    """Give how far the moves from a pre-validation are."""
    moves = MOVES.filter(old_ov_anchor_order_number=old.ov_anchor_order_number)
    counts: dict[str, Any] = moves.order_by().aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=State.SUCCEEDED)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        attention=Count("pk", filter=Q(state=State.ATTENTION)),
        working=Count("pk", filter=Q(state__in=Operation.WORKING)),
    )
    failed = moves.exclude(state__in=[State.SUCCEEDED, *Operation.WORKING]).order_by("-created_at", "-pk")
    return MoveProgress(**counts, failed=failed.first())


def is_another_organization(old: Prevalidation, new: Prevalidation) -> bool:
    """Whether two pre-validations are of different organizations, as their names are written."""
    return not is_one_organization(old.organization_name, new.organization_name)


def why_reason_wanted(old: Prevalidation, new: Prevalidation) -> str:
    """Give why a move wants a reason, or an empty text: certificates will show another organization."""
    if not is_another_organization(old, new):
        return ""
    return f"The new one is of another organization, {new.organization_name}: certificates will show that. Say why."


def older_ones(new: Prevalidation, now: datetime) -> list[Prevalidation]:
    """Give the customer's pre-validations that end soon, or have ended, whose names can be moved to this one."""
    ending = [one.prevalidation for one in ending_of_customer(new.customer, now)]
    return [one for one in ending if one != new and one.type == new.type and not is_another_organization(one, new)]
