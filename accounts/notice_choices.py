"""What each person has chosen about mails of notices: one choice for each customer, and one for the staff."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import Customer, NoticeChoice, User
from accounts.told_notices import Audience, ToldNotice, Topic, all_told_notices


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a person is told of: a customer, or, without one, what the staff are told of."""

    field: str
    customer: Customer | None
    how: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """The labels of the notices that somebody can get, by how they come to those who leave it to the portal."""

    urgent: list[str]
    ordinary: list[str]
    kept: list[str]  # always told to somebody, whatever was chosen


def places_of(person: User) -> list[Place]:
    """Give what a person can choose for, with what is chosen."""
    rows = NoticeChoice.objects.filter(person=person).values_list("customer_id", "how")
    chosen: dict[int | None, str] = dict(rows)
    default = NoticeChoice.How.BY_URGENCY.value
    if person.is_reseller_staff:
        return [Place("staff", None, chosen.get(None, default))]
    customers = Customer.objects.filter(memberships__user=person).order_by("name")
    return [Place(f"customer_{one.code.hex}", one, chosen.get(one.pk, default)) for one in customers]


def kinds_for(person: User) -> Kinds:
    """Give which notices a person can get."""
    notices = [notice for notice in all_told_notices() if _may_get(person, notice)]
    return Kinds(
        urgent=_labels([one for one in notices if one.is_urgent]),
        ordinary=_labels([one for one in notices if not one.is_urgent]),
        kept=_labels([one for one in notices if one.topic != Topic.BUSINESS]),
    )


def _may_get(person: User, notice: ToldNotice) -> bool:
    if person.is_reseller_staff:
        return notice.audience == Audience.STAFF and person.may(notice.permission)
    return notice.audience == Audience.CUSTOMER


def _labels(notices: list[ToldNotice]) -> list[str]:
    return sorted({notice.label for notice in notices})


@transaction.atomic
def choose(person: User, chosen: dict[str, str]) -> None:
    """Keep what a person has chosen, by the fields of `places_of`."""
    for place in places_of(person):
        if place.field in chosen:
            NoticeChoice.objects.update_or_create(
                person=person, customer=place.customer, defaults={"how": chosen[place.field]}
            )
