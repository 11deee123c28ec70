"""Which names a subscription has, which are under way to it, and who else has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from subscriptions.models import Domain, Operation, Subscription
from subscriptions.rules.names import CheckedName, check_names
from subscriptions.rules.public_names import DOCUMENTATION


def reserved_domains() -> frozenset[str]:
    """Give the top-level domains that are not public and may be sold all the same: those of the sandbox's demo."""
    return DOCUMENTATION if settings.CAAS_SANDBOX else frozenset()


def present_names(subscription: Subscription) -> frozenset[str]:
    """Give the names a subscription has."""
    rows = Domain.objects.present().filter(subscription=subscription)
    return frozenset(rows.values_list("name", flat=True))


def names_under_way(subscription: Subscription) -> frozenset[str]:
    """Give the names of a subscription that operations of any kind without a final outcome are about."""
    rows = Operation.objects.filter(subscription=subscription, state__in=Operation.UNSETTLED)
    return frozenset(
        name for own, others in rows.values_list("domain_name", "names") for name in (own, *others) if name
    )


def holders_of(names: Iterable[str], *, besides: Subscription) -> dict[str, str]:
    """Give, for each name that another customer has a subscription for, that customer's name.

    The names are in their one form (`normalise_name`), as are those that are kept.
    """
    rows = Domain.objects.present().filter(name__in=list(names))
    rows = rows.exclude(subscription__customer=besides.customer_id)
    return dict(rows.values_list("name", "subscription__customer__name"))


@dataclass(frozen=True, slots=True)
class NamesThere:
    """What a list of names is checked against: the names that a subscription has, and those under way to it."""

    present: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()

    @classmethod
    def of(cls, subscription: Subscription) -> "NamesThere":
        """Read them for a subscription."""
        return cls(present_names(subscription), names_under_way(subscription))

    def check(self, typed: Sequence[str]) -> list[CheckedName]:
        """Check names as they were typed: one set of rules for forms, files and the service that asks for prices."""
        return check_names(typed, present=self.present, pending=self.pending, reserved=reserved_domains())
