"""Which names a subscription has, which are under way to it, and who else has them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from subscriptions.models import Domain, Operation, Subscription
from subscriptions.rules.names import CheckedName, check_names, registrable_domain
from subscriptions.rules.public_names import DOCUMENTATION
from subscriptions.rules.written_names import looked_for
from subscriptions.selectors.terms import starts_new_term

NAMES_COMPARED = 2000  # of a customer
Holders = dict[str, list[tuple[int, str]]]  # the customers who have a name: primary key and name


def reserved_domains() -> frozenset[str]:
    """Give the top-level domains that are not public and may be sold all the same: those of the sandbox's demo."""
    return DOCUMENTATION if settings.CAAS_SANDBOX else frozenset()


def holds(text: str, *, field: str = "name") -> Q:
    """Give the condition that a name holds a text, which may be typed as people write names."""
    return Q(**{f"{field}__icontains": looked_for(text)})


def present_names(subscription: Subscription) -> frozenset[str]:
    """Give the names a subscription has; none where its term is over for good, so that the next one starts another."""
    if starts_new_term(subscription, timezone.now()):
        return frozenset()
    rows = Domain.objects.present().filter(subscription=subscription)
    return frozenset(rows.values_list("name", flat=True))


def names_under_way(subscription: Subscription, states: Iterable[str] = Operation.UNSETTLED) -> frozenset[str]:
    """Give the names that operations of any kind are about, without a final outcome, or in `states`."""
    rows = Operation.objects.filter(subscription=subscription, state__in=states)
    return frozenset(
        name for own, others in rows.values_list("domain_name", "names") for name in (own, *others) if name
    )


def holders_of(names: Iterable[str]) -> Holders:
    """Give, for each name that customers have subscriptions for, those customers: primary key and name.

    The names are in their one form (`normalise_name`), as are those that are kept.
    """
    rows = Domain.objects.present().filter(name__in=list(names))
    held: Holders = {}
    for name, pk, called in rows.values_list("name", "subscription__customer", "subscription__customer__name"):
        held.setdefault(name, []).append((pk, called))
    return held


def other_holder(holders: Holders, names: Iterable[str], subscription: Subscription) -> str:
    """Give the name of another customer than the subscription's who has one of these names, or an empty text."""
    others = (held for name in names for held in holders.get(name, ()))
    return next((called for pk, called in others if pk != subscription.customer_id), "")


def held_elsewhere(holders: Holders, name: str, subscription: Subscription) -> bool:
    """Whether the subscription's own customer has a name already, which is in another subscription then."""
    return any(pk == subscription.customer_id for pk, _ in holders.get(name, ()))


def domains_of(customers: Collection[int]) -> dict[int, set[str]]:
    """Give the registrable domains that customers have names under, by primary key; of a bounded number of names."""
    found: dict[int, set[str]] = {}
    for customer in customers:
        rows = Domain.objects.present().filter(subscription__customer=customer).order_by()
        names = rows.values_list("name", flat=True)[:NAMES_COMPARED]
        found[customer] = {registrable_domain(name) for name in names}
    return found


@dataclass(frozen=True, slots=True)
class NamesThere:
    """What a list of names is checked against: those that a subscription has, and those under way to it.

    `waiting` are those for which a person has to decide first, `asked` those in a request of the customer.
    """

    present: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, subscription: Subscription) -> "NamesThere":
        """Read them for a subscription."""
        waiting = names_under_way(subscription, [Operation.State.ATTENTION])
        return cls(present_names(subscription), names_under_way(subscription, Operation.WORKING), waiting)

    def check(self, typed: Sequence[str]) -> list[CheckedName]:
        """Check names as they were typed: one set of rules for forms, files and the service that asks for prices."""
        return check_names(
            typed,
            present=self.present,
            pending=self.pending,
            waiting=self.waiting,
            asked=self.asked,
            reserved=reserved_domains(),
        )
