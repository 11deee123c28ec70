"""The door to people and customers: what a user may touch, or an error.

A stranger gets 404, a colleague without the role 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts.models import Customer, Invitation, Mail, Membership, Telling, UndeliverableAddress, User
from accounts.own_tellings import seen_tellings
from accounts.roles import CUSTOMER_PERMISSIONS, INVITING_ROLES, Permission

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]
StaffView = Callable[Concatenate[HttpRequest, Args], HttpResponseBase]  # a page, or a file written while it is sent


def signed_in_user(request: HttpRequest) -> User:
    """Give the signed-in user of `request`; only for views behind a sign-in."""
    return cast(User, request.user)


def staff_only(permission: Permission) -> Callable[[StaffView[Args]], StaffView[Args]]:
    """Let only reseller staff with `permission` into a view: 404 for strangers, 403 for colleagues without it."""

    def decorate(view: StaffView[Args]) -> StaffView[Args]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponseBase:
            user = signed_in_user(request)
            if not user.is_reseller_staff:
                raise Http404
            if not user.may(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate


def customer_for_staff(user: User, code: UUID) -> Customer:
    """Give any customer to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(Customer, code=code)


def invitation_for_staff(user: User, code: UUID) -> Invitation:
    """Give any customer's invitation to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(Invitation.objects.exclude(customer=None).select_related("customer"), code=code)


def colleague_for_staff(user: User, code: UUID) -> User:
    """Give one of the reseller's staff to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(User.objects.exclude(reseller_role=""), code=code)


def staff_invitation(user: User, code: UUID) -> Invitation:
    """Give an invitation to the reseller's staff to one of these; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(Invitation.objects.filter(customer=None), code=code)


def mail_for_staff(user: User, code: UUID) -> Mail:
    """Give any mail to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(Mail.objects.select_related("person", "again_of"), code=code)


def mark_for_staff(user: User, code: UUID) -> UndeliverableAddress:
    """Give an address that gets no notices to reseller staff; raise Http404 for everyone else."""
    if not user.is_reseller_staff:
        raise Http404
    return get_object_or_404(UndeliverableAddress, code=code)


def own_telling(user: User, code: UUID) -> Telling:
    """Give what the user was told and may still see; raise Http404 for all else."""
    rows = seen_tellings(user).select_related("matter__customer", "person")
    return get_object_or_404(rows, code=code)


def membership_for_staff(user: User, customer_code: UUID, person_code: UUID) -> Membership:
    """Give any person's membership of a customer to reseller staff; raise Http404 for everyone else."""
    return _membership_in(customer_for_staff(user, customer_code), person_code)


def _membership_in(customer: Customer, person_code: UUID) -> Membership:
    memberships = Membership.objects.select_related("customer", "user")
    return get_object_or_404(memberships, customer=customer, user__code=person_code)


def member_may(membership: Membership, permission: Permission) -> bool:
    """Whether a membership's role gives `permission`."""
    return permission in CUSTOMER_PERMISSIONS[membership.role]


def customer_for_owner(user: User, code: UUID) -> Customer:
    """Give a customer to one who may manage its people: Http404 for strangers, PermissionDenied for colleagues."""
    memberships = Membership.objects.select_related("customer").filter(user__is_active=True)
    membership = get_object_or_404(memberships, user=user, customer__code=code)
    if not member_may(membership, Permission.INVITE_MEMBERS):
        raise PermissionDenied
    return membership.customer


def membership_for_owner(user: User, customer_code: UUID, person_code: UUID) -> Membership:
    """Give a colleague's membership to one who may manage people; refuses others as `customer_for_owner` does."""
    return _membership_in(customer_for_owner(user, customer_code), person_code)


def invitation_for_owner(user: User, customer_code: UUID, code: UUID) -> Invitation:
    """Give a customer's invitation to one who may manage its people; refuses others as `customer_for_owner` does."""
    customer = customer_for_owner(user, customer_code)
    return get_object_or_404(Invitation.objects.select_related("customer"), customer=customer, code=code)


def customers_owned_by(user: User) -> list[Customer]:
    """Give the customers whose people the user may manage."""
    return list(Customer.objects.filter(memberships__user=user, memberships__role__in=INVITING_ROLES))
