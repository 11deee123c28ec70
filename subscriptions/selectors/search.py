"""What somebody looks for, found by indexes: customers, people, names in both writings, key IDs, order numbers.

A name is found by how it begins, or how what stands behind one of its first dots begins: "shop", "example.com" and
"www.shop.ex" all find www.shop.example.com. A customer or a person is found by any part of the name: there are some
thousands. Of requests those that are under way are looked through, which an index gives.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import Customer, Membership, User
from portal.lookups import AfterDots, ByteOrder
from subscriptions.models import (
    CustomerRequest,
    Domain,
    Operation,
    Order,
    Prevalidation,
    Quote,
    QuoteLine,
    Subscription,
    UnassignedAccount,
)
from subscriptions.models.subscriptions import DomainQuerySet
from subscriptions.rules.numbers import key_of
from subscriptions.rules.written_names import looked_for, looks
from subscriptions.selectors.requests import own_request_holds, request_holds

SHOWN = 8  # of each sort
DIGITS = 18  # more has no number of the CA, nor a column
MOST_TYPED = 300  # characters; longer is no name of anything
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


# --- One field for everything ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: what it is called, a note beside it, and its page. `is_exact`: its whole text was typed."""

    title: str
    note: str
    url: str
    is_exact: bool = False
    is_name: bool = False  # a domain name, which is shown in both its writings


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one sort, and whether there is more of it than is shown; `more_url` is the list that has it."""

    title: str
    hits: Sequence[Hit]
    has_more: bool = False
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, in groups; a group without hits is left out."""

    groups: Sequence[Group]

    @property
    def only(self) -> Hit | None:
        """The one thing whose whole text was typed; None where there is none, or more than one."""
        exact = {hit.url: hit for group in self.groups for hit in group.hits if hit.is_exact}
        return next(iter(exact.values())) if len(exact) == 1 else None


def search_as_staff(text: str, *, sees_unassigned: bool, manages_staff: bool) -> Results:
    """Give what of everything a text means.

    Unassigned ACME accounts are for those who say whose they are, colleagues for those who manage them.
    """
    if not (text := text.strip()):
        return Results([])
    groups = [
        _numbers(text),
        _customers(text),
        _people(text, manages_staff=manages_staff),
        _subscriptions(Subscription.objects.all(), text, _staff_url),
        _names(Domain.objects.all(), text, _names_url, more_url=reverse("subscriptions:subscription-list")),
        _requests(CustomerRequest.objects.filter(request_holds(text)), "request-detail", shows_person=True),
        _prevalidations(text),
        _accounts(text) if sees_unassigned else Group("", []),
    ]
    return Results([group for group in groups if group.hits])


def search_as_customer(
    text: str,
    own: "QuerySet[Subscription]",
    prevalidations: "QuerySet[Prevalidation]",
    requests: "QuerySet[CustomerRequest]",
    owned: Sequence[Customer],
) -> Results:
    """Give what a text means among the subscriptions a person may see, the organizations and the requests.

    People are those of the customers that the person owns.
    """
    if not (text := text.strip()):
        return Results([])
    mine = Subscription.objects.filter(pk__in=own.order_by().values("pk"))
    names = Domain.objects.present().filter(subscription__in=own.order_by().values("pk"))
    found = prevalidations.filter(Q(organization_name__icontains=text) | Q(ov_anchor_order_number=text))
    url = reverse("subscriptions:my-organizations")
    organizations = [
        Hit(one.organization_name, one.ov_anchor_order_number, url) for one in found.order_by("pk")[: SHOWN + 1]
    ]
    groups = [
        _certificates(names, text),
        _subscriptions(mine, text, _my_url),
        _names(names, text, _my_names_url),
        _group("Organizations", organizations),
        _requests(requests.filter(own_request_holds(text)), "my-request", shows_person=False),
        _group("People", _places(Membership.objects.filter(customer__in=owned), text, "my-people")),
    ]
    return Results([group for group in groups if group.hits])


def _group(title: str, hits: Sequence[Hit], more_url: str = "") -> Group:
    return Group(title, hits[:SHOWN], has_more=len(hits) > SHOWN, more_url=more_url)


def _staff_url(subscription: Subscription) -> str:
    return reverse("subscriptions:subscription-detail", args=[subscription.code])


def _my_url(subscription: Subscription) -> str:
    return reverse("subscriptions:my-subscription", args=[subscription.code])


def _names_url(domain: Domain) -> str:
    route = "name-list" if domain.removed_at is None else "name-history"
    return reverse(f"subscriptions:{route}", args=[domain.subscription.code], query={"q": domain.name})


def _my_names_url(domain: Domain) -> str:
    return reverse("subscriptions:my-subscription", args=[domain.subscription.code], query={"q": domain.name})


def _numbers(text: str) -> Group:
    """Quotes and orders by the numbers people cite; operations by the order number at the CA."""
    hits = []
    is_bare = _order_number(text) is not None  # without its letter: it may be meant of a quote, an order or the CA
    if (key := key_of("Q", f"Q{text}" if is_bare else text)) is not None:
        for quote in Quote.objects.filter(pk=key):
            url = reverse("subscriptions:quote-detail", args=[quote.code])
            hits.append(Hit(quote.number, "Quote", url, is_exact=not is_bare))
    if (key := key_of("O", f"O{text}" if is_bare else text)) is not None:
        for order in Order.objects.filter(pk=key):
            url = reverse("subscriptions:order-detail", args=[order.code])
            hits.append(Hit(order.number, "Order", url, is_exact=not is_bare))
    if (number := _order_number(text)) is not None:
        operations = Operation.objects.filter(ca_order_number=number).select_related("subscription__customer")
        for one in operations.order_by("pk")[: SHOWN + 1]:
            url = reverse("subscriptions:operation-detail", args=[one.code])
            hits.append(Hit(text, f"{one} · {one.subscription.customer}", url, is_exact=True))
    return _group("Numbers", hits)


def _order_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def _customers(text: str) -> Group:
    """Customers by name, reference or a person's e-mail address; by letters that look alike where none has these."""
    person = Customer.objects.filter(pk=OuterRef("pk"), people__email__istartswith=text)
    found = Customer.objects.filter(Q(name__icontains=text) | Q(reference__icontains=text) | Exists(person))
    customers = list(found.order_by("name")[: SHOWN + 1]) or list(_looking_alike(text))
    hits = [
        Hit(
            one.name,
            one.reference,
            reverse("subscriptions:customer-detail", args=[one.code]),
            is_exact=text.casefold() in (one.name.casefold(), one.reference.casefold()),
        )
        for one in customers
    ]
    return _group("Customers", hits, reverse("subscriptions:customer-list", query={"q": text}))


def _people(text: str, *, manages_staff: bool) -> Group:
    """People of customers by name or address, in each customer they belong to; and colleagues."""
    hits = _places(Membership.objects.all(), text, "person-list")
    if manages_staff:
        colleagues = User.objects.exclude(reseller_role="").filter(Q(name__icontains=text) | Q(email__icontains=text))
        for one in colleagues.order_by("email")[: SHOWN + 1]:
            url = reverse("subscriptions:staff-list", query={"q": one.email})
            hits.append(Hit(str(one), f"{one.email} · {one.get_reseller_role_display()}", url))
    return _group("People", hits)


def _places(rows: "QuerySet[Membership]", text: str, route: str) -> list[Hit]:
    found = rows.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
    return [
        Hit(
            str(one.user),
            f"{one.user.email} · {one.customer}",
            reverse(f"subscriptions:{route}", args=[one.customer.code], query={"q": one.user.email}),
        )
        for one in found.select_related("user", "customer").order_by("user__email", "pk")[: SHOWN + 1]
    ]


def _requests(rows: "QuerySet[CustomerRequest]", route: str, *, shows_person: bool) -> Group:
    """Requests that are not answered or not done, by what they are about or the names in them."""
    found = rows.filter(state__in=CustomerRequest.UNDER_WAY)
    found = found.select_related("subscription__customer", "subscription__server", "created_by")
    hits = []
    for one in found.order_by("-created_at", "-pk")[: SHOWN + 1]:
        person = f" · {one.created_by}" if shows_person and one.created_by else ""
        note = f"{_said(one.subscription)}{person}"
        hits.append(Hit(one.title, note, reverse(f"subscriptions:{route}", args=[one.code])))
    return _group("Requests", hits)


def _looking_alike(text: str) -> Iterator[Customer]:
    """Look through all names, of which there are some thousands, by how they look."""
    wanted = looks(text)
    names = Customer.objects.order_by("name").values_list("pk", "name")
    alike = [pk for pk, name in names.iterator(chunk_size=1000) if wanted in looks(name)] if wanted else []
    return iter(Customer.objects.filter(pk__in=alike[: SHOWN + 1]).order_by("name"))


def _subscriptions(rows: "QuerySet[Subscription]", text: str, url: Callable[[Subscription], str]) -> Group:
    """Subscriptions by key ID, or by their label."""
    rows = rows.select_related("customer", "server", "binding")
    by_key = list(rows.filter(binding__eab_key_id__begins=text).order_by("pk")[: SHOWN + 1])
    by_label = rows.filter(label__icontains=text).exclude(pk__in=[one.pk for one in by_key])
    hits = [Hit(one.binding.eab_key_id, _said(one), url(one), one.binding.eab_key_id == text) for one in by_key]
    hits += [Hit(one.label, _said(one), url(one)) for one in by_label.order_by("pk")[: SHOWN + 1]]
    return _group("Subscriptions", hits, "")


def _said(subscription: Subscription) -> str:
    return f"{subscription.title} · {subscription.customer}"


def _names(rows: DomainQuerySet, text: str, url: Callable[[Domain], str], more_url: str = "") -> Group:
    """Names by how they, or one of their labels, begin: so many of each, whatever there are."""
    wanted = looked_for(text)
    rows = rows.select_related("subscription__customer", "subscription__server").order_by()
    ways: list[QuerySet[Domain]] = [rows.filter(name__begins=wanted)]
    ways += [rows.alias(after=AfterDots("name", dots)).filter(after__begins=wanted) for dots in DOTS]
    found = {one.pk: one for way in ways for one in way[: SHOWN + 1]}
    shown = sorted(found.values(), key=lambda one: (one.name != wanted, one.removed_at is not None, one.name))
    hits = [
        Hit(
            one.name,
            _said(one.subscription) + (" · removed" if one.removed_at else ""),
            url(one),
            is_exact=one.name == wanted and one.removed_at is None,
            is_name=True,
        )
        for one in shown
    ]
    return _group("Names", hits, f"{more_url}?{urlencode({'q': text})}" if more_url else "")


def _certificates(names: DomainQuerySet, text: str) -> Group:
    """Names by the order number of their last certificate."""
    if (number := _order_number(text)) is None:
        return Group("", [])
    found = names.filter(certificate__ca_order_number=number).select_related("subscription__customer").order_by("pk")
    hits = [
        Hit(one.name, f"Order {number} · {_said(one.subscription)}", _my_names_url(one), is_exact=True, is_name=True)
        for one in found[: SHOWN + 1]
    ]
    return _group("Order numbers", hits)


def _prevalidations(text: str) -> Group:
    found = Prevalidation.objects.filter(
        Q(organization_name__icontains=text) | Q(ov_anchor_order_number__startswith=text)
    ).select_related("customer")
    hits = [
        Hit(
            one.organization_name,
            f"{one.ov_anchor_order_number} · {one.customer}",
            reverse("subscriptions:prevalidation-detail", args=[one.code]),
            is_exact=one.ov_anchor_order_number == text,
        )
        for one in found.order_by("organization_name", "pk")[: SHOWN + 1]
    ]
    return _group("Pre-validations", hits, reverse("subscriptions:prevalidation-list", query={"q": text}))


def _accounts(text: str) -> Group:
    found = UnassignedAccount.objects.exclude(state=UnassignedAccount.State.SEEN_ONCE).filter(eab_key_id__begins=text)
    hits = [
        Hit(
            one.eab_key_id,
            one.get_state_display(),
            reverse("subscriptions:account-detail", args=[one.code]),
            is_exact=one.eab_key_id == text,
        )
        for one in found.order_by("eab_key_id")[: SHOWN + 1]
    ]
    return _group("Unassigned ACME accounts", hits)
