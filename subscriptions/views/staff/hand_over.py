"""Handing subscriptions over to their customer's people, who may only be invited yet."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import customer_for_staff, signed_in_user, staff_only
from accounts.errors import ServiceError
from accounts.forms import PersonForm
from accounts.models import Customer, User
from accounts.roles import CustomerRole, Permission
from subscriptions.access import subscription_for_staff, subscriptions_for_staff
from subscriptions.forms.hand_over import MOST, HandOverForm
from subscriptions.models import Subscription
from subscriptions.selectors.hand_over import by_customer, hand_overs, not_handed_over
from subscriptions.services import hand_over as services


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def subscription_hand_over(request: HttpRequest, code: UUID) -> HttpResponse:
    """Hand a subscription over after showing who gets the mail; where nobody can, a person is invited on the page."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    form = invitation_form(request, subscription.customer)
    problem = ""
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        problem = _hand_over(request, [subscription], form)
        if not problem:
            return redirect("subscriptions:subscription-detail", subscription.code)
    (plan,) = hand_overs([subscription])
    context = {"subscription": subscription, "plan": plan, "form": form, "problem": problem}
    return render(request, "subscriptions/subscription_hand_over.html", context)


@staff_only(Permission.WRITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """Tell what handing over the chosen subscriptions does, of one customer or of several, and do it once confirmed.

    `subscription` is the code of one, as often as there are; `customer` offers all of a customer that were not yet.
    """
    user = signed_in_user(request)
    asked = HandOverForm(request.POST if request.method == "POST" else request.GET)
    customer = customer_for_staff(user, asked.customer) if asked.customer else None
    listed = _listed(user, asked, customer)
    customers = {one.customer for one in listed}
    form = invitation_form(request, next(iter(customers))) if len(customers) == 1 else None
    problem = ""
    if request.method == "POST" and asked.is_confirmed and (form is None or not form.is_bound or form.is_valid()):
        problem = _hand_over(request, listed, form) if listed else "Choose at least one subscription."
        if not problem:
            return _back(customers)
    groups = by_customer(hand_overs(listed))
    context = {
        "groups": groups,
        "is_possible": any(not plan.why_not for group in groups for plan in group.hand_overs),
        "form": form,
        "problem": problem,
        "number": len(listed),
        "customer": next(iter(customers)) if len(customers) == 1 else customer,
    }
    return render(request, "subscriptions/hand_over.html", context)


def _listed(user: User, asked: HandOverForm, customer: Customer | None) -> list[Subscription]:
    if customer is not None and not asked.is_confirmed:
        return list(not_handed_over(customer)[:MOST])
    return subscriptions_for_staff(user, asked.codes)


def _back(customers: set[Customer]) -> HttpResponse:
    if len(customers) > 1:
        return redirect("subscriptions:subscription-list")
    return redirect("subscriptions:customer-detail", next(iter(customers)).code)


def invitation_form(request: HttpRequest, customer: Customer) -> PersonForm:
    """Give the form that invites somebody on a page of hand-overs: bound where its fields were sent."""
    data = request.POST if request.method == "POST" and "email" in request.POST else None
    return PersonForm(data, initial={"email": customer.contact_email, "role": CustomerRole.OWNER})


def _hand_over(request: HttpRequest, subscriptions: list[Subscription], form: PersonForm | None) -> str:
    """Hand over, with the invitation of the form where it is bound; give what stands against it, or an empty text."""
    chosen: dict[str, Any] = {"actor": signed_in_user(request), "subscriptions": subscriptions}
    try:
        if form is not None and form.is_bound:
            told = services.invite_and_hand_over(**chosen, **form.cleaned_data)
        else:
            told = services.hand_over(**chosen)
    except ServiceError as error:
        return error.message
    messages.success(request, str(told))
    return ""


@staff_only(Permission.WRITE_CUSTOMERS)
@require_POST
def hand_over_call_off(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take back the decision to hand a subscription over once somebody accepts."""
    subscription = subscription_for_staff(signed_in_user(request), code)
    try:
        services.call_off(actor=signed_in_user(request), subscription=subscription)
    except ServiceError as error:
        messages.info(request, error.message)
    else:
        messages.success(request, "The hand-over was called off. The invitations stay as they are.")
    return redirect("subscriptions:subscription-detail", subscription.code)
