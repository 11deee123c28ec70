"""What somebody looks for, found by indexes: customers, names in both writings, key IDs, order numbers.

A name is found by how it begins, or how what stands behind one of its first dots begins: "shop", "example.com" and
"www.shop.ex" all find www.shop.example.com. A customer is found by any part of its name: there are some thousands.
"""

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Customer
from portal.lookups import AfterDots, ByteOrder
from subscriptions.models import Domain, Operation, QuoteLine, Subscription
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.rules.written_names import looked_for

DOTS = (1, 2, 3)  # as many as there are indexes (models/subscriptions.py)
MOST_OF_CUSTOMERS = 500  # subscriptions that a database is given by number; more of them are looked up by it


def domains_called(text: str) -> DomainQuerySet:
    """Give the names, removed ones too, that begin with a text, or one of whose labels does."""
    wanted = looked_for(text.strip())
    rows = Domain.objects.alias(**{f"after_{dots}": AfterDots("name", dots) for dots in DOTS})
    found = Q(name__begins=wanted)
    for dots in DOTS:
        found |= Q(**{f"after_{dots}__begins": wanted})
    return rows.filter(found)


def operations_called(rows: "QuerySet[Operation]", text: str) -> "QuerySet[Operation]":
    """Keep the operations whose name, or its registrable domain, begins with a text, or whose customer holds it."""
    wanted = looked_for(text.strip())
    rows = rows.alias(by_name=ByteOrder("domain_name"), by_domain=ByteOrder("registrable_domain"))
    found = Q(by_name__begins=wanted) | Q(by_domain__begins=wanted)
    return rows.filter(found | Q(subscription__in=subscriptions_called(text)))


def quote_lines_called(text: str) -> "QuerySet[QuoteLine]":
    """Give the lines of quotes whose name begins with a text, or whose customer or subscription holds it."""
    rows = QuoteLine.objects.order_by().alias(by_name=ByteOrder("name"))
    wanted = looked_for(text.strip())
    return rows.filter(Q(by_name__begins=wanted) | Q(subscription__in=subscriptions_called(text)))


def subscriptions_called(text: str) -> "list[int] | QuerySet[Any]":
    """Give the subscriptions whose customer's name or whose label holds a text, by their primary keys."""
    rows = Subscription.objects.filter(Q(customer__name__icontains=text) | Q(label__icontains=text)).order_by()
    some = list(rows.values_list("pk", flat=True)[: MOST_OF_CUSTOMERS + 1])
    return some if len(some) <= MOST_OF_CUSTOMERS else rows.values("pk")


def customers_called(text: str) -> "QuerySet[Customer]":
    """Give the customers whose name or reference holds a text."""
    return Customer.objects.filter(Q(name__icontains=text) | Q(reference__icontains=text))
