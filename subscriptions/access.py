"""The door to everything of a subscription: what a user may touch, or an error.

A stranger gets 404, a colleague without the role 403 (design: one table of roles, in `accounts/roles.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import member_may
from accounts.models import Customer, Membership, User
from accounts.roles import Permission
from subscriptions.models import (
    AcmeAccount,
    CustomerRequest,
    Domain,
    Finding,
    Operation,
    Order,
    Prevalidation,
    Quote,
    Replacement,
    Subscription,
    UnassignedAccount,
)

Row = TypeVar("Row", bound=Model)


def _staff_get(user: User, rows: QuerySet[Row], code: UUID) -> Row:
    if not user.is_reseller_staff or not user.is_active:
        raise Http404
    return get_object_or_404(rows, code=code)


def subscription_for_staff(user: User, code: UUID) -> Subscription:
    """Give any subscription to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, Subscription.objects.select_related("customer", "server", "binding", "prevalidation"), code)


def subscriptions_for_staff(user: User, codes: Sequence[UUID]) -> list[Subscription]:
    """Give those of some codes that there are, the oldest first, to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff or not user.is_active:
        raise Http404
    rows = Subscription.objects.select_related("customer", "server").filter(code__in=codes)
    return list(rows.order_by("created_at", "pk"))


def client_for_staff(user: User, code: UUID, client_code: UUID) -> AcmeAccount:
    """Give a client registered under any subscription to reseller staff; raise Http404 for everyone else."""
    clients = AcmeAccount.objects.of_clients().filter(binding__subscription__code=code)
    return _staff_get(
        user, clients.select_related("binding__subscription__customer", "binding__subscription__server"), client_code
    )


def quote_for_staff(user: User, code: UUID) -> Quote:
    """Give any quote to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, Quote.objects.all(), code)


def order_for_staff(user: User, code: UUID) -> Order:
    """Give any order to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, Order.objects.select_related("quote", "confirmed_by"), code)


def operation_for_staff(user: User, code: UUID) -> Operation:
    """Give any operation to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, Operation.objects.select_related("subscription__customer", "order", "binding"), code)


def operations_for_staff(user: User, codes: Sequence[UUID]) -> list[Operation]:
    """Give those of these operations that there are to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff or not user.is_active:
        raise Http404
    return list(Operation.objects.filter(code__in=codes).select_related("order").order_by("pk"))


def prevalidation_for_staff(user: User, code: UUID) -> Prevalidation:
    """Give any pre-validation to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, Prevalidation.objects.select_related("customer", "replaced_by"), code)


def account_for_staff(user: User, code: UUID) -> UnassignedAccount:
    """Give any ACME account that no subscription holds to reseller staff; raise Http404 for everyone else."""
    return _staff_get(user, UnassignedAccount.objects.select_related("customer", "subscription", "decided_by"), code)


def finding_for_staff(user: User, code: UUID) -> Finding:
    """Give any finding to reseller staff; raise Http404 for everyone else."""
    rows = Finding.objects.select_related(
        "binding__subscription__customer", "binding__subscription__server", "closed_by"
    )
    return _staff_get(user, rows, code)


def name_for_staff(user: User, code: UUID, name_code: UUID) -> Domain:
    """Give a name of a subscription to reseller staff, a removed one too; raise Http404 for everyone else."""
    rows = Domain.objects.filter(subscription__code=code)
    return _staff_get(user, rows.select_related("subscription__customer", "subscription__server"), name_code)


def domain_for_staff(user: User, code: UUID) -> Domain:
    """Give any name, a removed one too, to reseller staff; raise Http404 for everyone else."""
    rows = Domain.objects.select_related("subscription__customer", "subscription__server", "subscription__binding")
    return _staff_get(user, rows, code)


def replacement_for_staff(user: User, code: UUID) -> Replacement:
    """Give any replacement of a name to reseller staff; raise Http404 for everyone else."""
    rows = Replacement.objects.select_related("old__subscription__customer", "addition", "removal")
    return _staff_get(user, rows, code)


def request_for_staff(user: User, code: UUID) -> CustomerRequest:
    """Give any customer's request to reseller staff; raise Http404 for everyone else."""
    rows = CustomerRequest.objects.select_related(
        "subscription__customer", "subscription__server", "created_by", "changed_by"
    )
    return _staff_get(user, rows, code)


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A subscription as one of its customer's people sees it, with what that person may do."""

    subscription: Subscription
    membership: Membership

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied where the person's role does not give `permission`."""
        if not self.may(permission):
            raise PermissionDenied

    def may(self, permission: Permission) -> bool:
        """Whether the person's role gives `permission`."""
        return member_may(self.membership, permission)


def subscriptions_of(user: User) -> QuerySet[Subscription]:
    """Give the subscriptions that the user sees as one of a customer's people."""
    return Subscription.objects.seen_by(user).select_related("customer", "server", "binding", "prevalidation")


def subscription_for_customer(user: User, code: UUID) -> CustomerView:
    """Give a subscription that the user sees as one of its customer's people; raise Http404 for any other."""
    subscription = get_object_or_404(subscriptions_of(user), code=code)
    membership = Membership.objects.get(user=user, customer=subscription.customer)
    return CustomerView(subscription, membership)


def name_for_customer(user: User, code: UUID, name_code: UUID) -> tuple[Domain, CustomerView]:
    """Give a name that is in a subscription the user sees, with that; raise Http404 for any other."""
    view = subscription_for_customer(user, code)
    domain = get_object_or_404(Domain.objects.present().filter(subscription=view.subscription), code=name_code)
    domain.subscription = view.subscription
    return domain, view


def domain_for_customer(user: User, code: UUID) -> tuple[Domain, CustomerView]:
    """Give a name of a subscription that the user sees, with that; raise Http404 for any other."""
    seen = subscriptions_of(user).order_by().values("pk")
    domain = get_object_or_404(Domain.objects.filter(subscription__in=seen), code=code)
    view = subscription_for_customer(user, Subscription.objects.values_list("code", flat=True).get(domains=domain))
    domain.subscription = view.subscription
    return domain, view


def requests_of(user: User) -> QuerySet[CustomerRequest]:
    """Give the requests about the subscriptions that the user sees.

    What was asked while one was another customer's is nothing that its people are told of.
    """
    own = Q(subscription__moved_here_at=None) | Q(created_at__gte=F("subscription__moved_here_at"))
    rows = CustomerRequest.objects.filter(own, subscription__in=subscriptions_of(user).order_by().values("pk"))
    return rows.select_related("subscription__customer", "subscription__server", "created_by")


def request_for_customer(user: User, code: UUID) -> tuple[CustomerRequest, CustomerView]:
    """Give a request about a subscription that the user sees, with that; raise Http404 for any other."""
    asked = get_object_or_404(requests_of(user), code=code)
    return asked, subscription_for_customer(user, asked.subscription.code)


def customers_of(user: User) -> QuerySet[Customer]:
    """Give the customers the user belongs to."""
    return Customer.objects.filter(memberships__user=user) if user.is_active else Customer.objects.none()


def prevalidations_of(user: User) -> QuerySet[Prevalidation]:
    """Give the pre-validations of the customers the user belongs to.

    Whoever sees some subscriptions only sees those of these, and those that their names are under.
    """
    if not user.is_active:
        return Prevalidation.objects.none()
    seen = Subscription.objects.seen_by(user).filter(customer=OuterRef("customer")).order_by()
    under = Domain.objects.present().filter(
        ov_anchor_order_number=OuterRef("ov_anchor_order_number"),
        subscription__customer=OuterRef("customer"),
        subscription__in=Subscription.objects.seen_by(user).order_by().values("pk"),
    )
    reach = Q(customer__memberships__is_limited=False) | Exists(seen.filter(prevalidation=OuterRef("pk")))
    own = Prevalidation.objects.filter(reach | Exists(under), customer__memberships__user=user)
    return own.select_related("customer")
