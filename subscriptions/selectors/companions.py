"""Which names may go with others because they came free with them: which do, only the CA's answers tell.

Certain is what came with a name in one answer (`Domain.companion_of`), and not asked about here. Of the others the
guide shows one pair, a name and its `www.` ("Remove a domain"); its table of the rest is not public. So a free name may
have come with any paid one on its registrable domain, unless a likelier one stays; and of a name of which it is not
known whether it is free, LISTTRANSACTIONS tells with which it was charged.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from subscriptions.models import Domain, Subscription, Transaction
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.rules.names import companion_stem, registrable_domain

WRITTEN = ("", "www.", "*.")  # before what companions share


def may_go_with(subscription: Subscription, asked: Collection[Domain]) -> dict[int, tuple[Domain, ...]]:
    """Give, by the primary key of each of some names, those not surely its own that the CA may take out with it."""
    paid = [domain for domain in asked if not domain.is_free]
    if not paid:
        return {}
    present = subscription.domains.present().exclude(pk__in=[domain.pk for domain in asked])
    candidates = list(present.filter(companion_of=None).exclude(is_free=False).order_by("name"))
    by_stem = {companion_stem(domain.name): domain.pk for domain in reversed(paid)}
    by_domain = {registrable_domain(domain.name): domain.pk for domain in reversed(paid)}
    likelier = _stems_of_paid(present, candidates)
    charged = _charged_with(subscription, candidates)
    by_name = {domain.name: domain.pk for domain in paid}
    found: dict[int, tuple[Domain, ...]] = {}
    for domain in candidates:
        stem = companion_stem(domain.name)
        pk = by_stem.get(stem)
        if domain.is_free and pk is None and stem not in likelier:
            pk = by_domain.get(registrable_domain(domain.name))
        elif domain.is_free is None and domain.name in charged:
            pk = next((by_name[name] for name in charged[domain.name] if name in by_name), None)
        if pk is not None:
            found[pk] = (*found.get(pk, ()), domain)
    return found


def may_be_companion(name: str, *, of: Domain) -> bool:
    """Whether a name that the CA adds at no cost may have come with one that is there, and would go with it."""
    if companion_stem(name) == companion_stem(of.name):
        return True
    others = of.subscription.domains.present().exclude(pk=of.pk)
    is_near = registrable_domain(name) == registrable_domain(of.name)
    return is_near and not _stems_of_paid(others, [Domain(name=name)])


def _stems_of_paid(names: DomainQuerySet, candidates: Iterable[Domain]) -> frozenset[str]:
    """Give those of the candidates' stems that a paid name has too."""
    stems = {companion_stem(domain.name) for domain in candidates}
    written_as = [f"{before}{stem}" for stem in stems for before in WRITTEN]
    paid = names.filter(is_free=False, name__in=written_as).values_list("name", flat=True)
    return frozenset(companion_stem(name) for name in paid)


def _charged_with(subscription: Subscription, candidates: Iterable[Domain]) -> Mapping[str, Collection[str]]:
    """Give, of names that may be free, those that the CA lists in the same charge; none for one charged by itself."""
    open_ones = {domain.name for domain in candidates if domain.is_free is None}
    if not open_ones:
        return {}
    charges = Transaction.objects.filter(binding__subscription=subscription, kind=Transaction.ADDITION)
    found: dict[str, Collection[str]] = {}
    for names, cost in charges.order_by("executed_at", "pk").values_list("names", "cost"):
        told = [name for name in names if isinstance(name, str)]
        for name in open_ones.intersection(told):
            others = [other for other in told if other != name]
            if others or (cost or Decimal(0)) > 0:
                found[name] = others
    return found
